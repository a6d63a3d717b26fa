"""The rules of evaluations (EVA) and of IEPs (IEP), by code. Codes are this project's own.

From IEP-101 on they are the rules of validation: first of the forms, from IEP-141 on of the IEP's grounds.
"""

from contracts.errors import Rule, Severity, by_code

_TRAINING = "LDOE, SER training, July 2020"

NO_GUARDIAN = Rule(
    "IEP-002",
    "No parent or guardian of the student has been saved.",
    "Save a parent or guardian; evaluations and IEPs are open from then on.",
    _TRAINING,
)
IEP_KNOWN = Rule("IEP-006", "IEP {iep} of this student exists already.", "Give each IEP an id of its own.")
IEP_UNKNOWN = Rule(
    "IEP-007", "The student has no IEP of this id.", "Look the student's IEPs up, and use the id of one."
)
FORMS_NOT_KEPT = Rule(
    "IEP-019",
    "Another LEA has changed the forms of this draft since the student left; the earlier ones are not kept.",
    "Ask the LEA that has the student.",
)
IEP_OUT_OF_TURN = Rule(
    "IEP-008",
    "The IEP is {stage}; this step needs it to be {needed}.",
    "Take the steps in order: draft, official, submitted. What is official changes by amendment only.",
    _TRAINING,
)
BEGINS_BEFORE_MEETING = Rule(
    "IEP-009",
    "The IEP would begin on {day}, before the team met on {meeting_on}.",
    "Choose a begin date on or after the meeting.",
)
SIGNED_BEFORE_MEETING = Rule(
    "IEP-010",
    "Signed on {day}, before the team met on {meeting_on}.",
    "Correct the date of the signature or of the meeting.",
)
FORM_TWICE = Rule("IEP-011", "The form {form} is there more than once.", "Send each form once.")
AMENDS_NOTHING = Rule(
    "IEP-012",
    "The Amendments form belongs to an amendment; this IEP amends nothing.",
    "Leave the form out, or amend the IEP that was submitted.",
)
FORM_ABSENT = Rule("IEP-013", "The draft has no such form {form}.", "Nothing to remove.")
AREA_UNNAMED = Rule(
    "IEP-014", "Which instructional plan is meant is not said.", "Name the area of the instructional plan."
)
AMENDMENT_FORM_STAYS = Rule(
    "IEP-015",
    "An amendment cannot be without the Amendments form.",
    "Save the form with other contents instead.",
    _TRAINING,
)
AMENDMENT_OPEN = Rule(
    "IEP-016",
    "Amendment {amendment} of this IEP has been begun and not been submitted.",
    "Finish and submit that amendment first.",
)
NOT_THE_NEWEST = Rule(
    "IEP-017", "The IEP was amended already; {newest} is the newest of its line.", "Amend {newest}."
)
AMENDS_BACKWARDS = Rule(
    "IEP-018",
    "{day} is before {earlier}, when what it amends began.",
    "Choose a begin date on or after {earlier}.",
)

EVALUATION_KNOWN = Rule(
    "EVA-001",
    "Evaluation {evaluation} of this student exists already.",
    "Give each evaluation an id of its own.",
)
EVALUATION_OPEN = Rule(
    "EVA-002",
    "An initial evaluation is open since {since}.",
    "Bring that evaluation to its determination first.",
)
EVALUATION_UNKNOWN = Rule(
    "EVA-003",
    "The student has no evaluation of this id.",
    "Look the student's evaluations up, and use the id of one.",
)
EVALUATION_OUT_OF_TURN = Rule(
    "EVA-004",
    "The evaluation is {stage}; this step needs it to be {needed}.",
    "Take the steps in order: request, parent's decision, completion, determination.",
    _TRAINING,
)
OUT_OF_ORDER = Rule(
    "EVA-005", "{day} is before {earlier}, the date of {step}.", "Correct the date.", _TRAINING
)
PRIMARY_NOT_ONE = Rule(
    "EVA-006",
    "{count} exceptionalities are marked as primary; it must be exactly one.",
    "Mark the one that is primary.",
    _TRAINING,
)
PRIMARY_NO_DISABILITY = Rule(
    "EVA-007",
    "{exceptionality} is primary although a disability was found.",
    "Make the disability the primary exceptionality.",
)
EXCEPTIONALITY_TWICE = Rule(
    "EVA-008", "{exceptionality} is there more than once.", "Name each exceptionality once."
)
OUTSIDE_AGES = Rule(
    "EVA-009",
    "{exceptionality} is for ages {lowest} through {highest}; on {day} the student is {age}.",
    "Choose the exceptionality that applies at this age.",
    "LAC 28:CI.705",
)
DEAF_AND_BLIND = Rule(
    "EVA-010",
    "Deafness and visual impairment are the only disabilities.",
    "If the student is deaf and blind, the exceptionality is {exceptionality}.",
    "LAC 28:CI.705.A.3",
    Severity.WARNING,
)

FORM_MISSING = Rule("IEP-101", "The form {form} is missing.", "Add the form.")
CONTENT_MISSING = Rule("IEP-102", "{form} does not say {content}.", "Complete the form.", "LAC 28:XCVII.303")
CONTENT_ADVISED = Rule(
    "IEP-103",
    "{form} does not say {content}.",
    "Complete the form if that applies.",
    severity=Severity.WARNING,
)
TRANSITION_MISSING = Rule(
    "IEP-104",
    "The form TRN is missing: the student is 16, or turns 16 while the IEP is in effect.",
    "Plan the transition services.",
    "LAC 28:XCVII.305.A.11",
)
ACCOMMODATIONS_UNDECIDED = Rule(
    "IEP-105",
    "ACC must either name accommodations or say that none are needed.",
    "Name the accommodations, or mark that none are needed; not both.",
)
SERVICE_OUTSIDE_YEAR = Rule(
    "IEP-106",
    "{service} would begin on {day}; the IEP is in effect from {first} through {last}.",
    "Correct the begin date of the service.",
)
ENVIRONMENT_OF_OTHER_AGE = Rule(
    "IEP-111",
    "{environment} is for ages {group}; the student is {age} when the IEP begins.",
    "Choose an environment of the student's age group.",
    "EDFacts FS002, FS089",
)
ENVIRONMENT_OUTGROWN = Rule(
    "IEP-112",
    "{environment} is for ages {group}; the student may be counted in the other group before the IEP ends.",
    "Make sure that the environment is of the age group in which the student is counted next.",
    "EDFacts FS002, FS089",
    Severity.WARNING,
)
SHARE_DISAGREES = Rule(
    "IEP-113",
    "{share} % in the regular class does not agree with {environment}.",
    "Correct the share or the environment.",
    "LAC 28:XCVII.117.A",
)
SHARE_MISSING = Rule(
    "IEP-114",
    "The share of the day in the regular class is missing; {environment} is defined by it.",
    "Enter the percentage.",
    "LAC 28:XCVII.117.A",
    Severity.WARNING,
)
CONSENT_MISSING = Rule(
    "IEP-121",
    "The parent has not signed; services cannot be provided for the first time without consent.",
    "Obtain the parent's signature.",
)
CONSENT_LATE = Rule(
    "IEP-122",
    "The parent signed on {day}, after the IEP begins on {begin_on}; consent precedes the first provision.",
    "Let the IEP begin on or after the day of the parent's signature.",
)
PARENT_UNSIGNED = Rule(
    "IEP-123",
    "The parent has not signed.",
    "Obtain the parent's signature, or document how it was sought.",
    severity=Severity.WARNING,
)
NOT_OF_AGE = Rule(
    "IEP-141",
    "The student is {age} on {day}; an IEP is for ages {lowest} through {highest}.",
    "Correct the begin date.",
    "LAC 28:XLIII.102",
)
NOT_ELIGIBLE = Rule(
    "IEP-142",
    "No evaluation has found the student eligible.",
    "Bring the initial evaluation to its determination first; until then an interim IEP is possible.",
    "LAC 28:XCVII.111",
)
BEGINS_BEFORE_ELIGIBILITY = Rule(
    "IEP-143",
    "The IEP would begin on {day}, before the student was found eligible on {determined_on}.",
    "Choose a begin date on or after the determination.",
)
INITIAL_LATE = Rule(
    "IEP-144",
    "The team met on {day}; 30 days after the evaluation was completed on {completed_on} was {due}.",
    "Record why the meeting was late.",
    "LAC 28:XCVII.105.A",
    Severity.WARNING,
)
NOT_THE_FIRST = Rule(
    "IEP-145",
    "The student is served under the IEP of {earlier}: this one is not initial.",
    "Draft it as a review.",
    "LAC 28:XCVII.111",
)
NOTHING_TO_REVIEW = Rule(
    "IEP-146",
    "No IEP of a meeting before {day} has been submitted: there is nothing to review.",
    "Submit the earlier IEP first, or draft this one as initial.",
    "LAC 28:XCVII.111",
)
INTERIM_WHILE_SERVED = Rule(
    "IEP-147",
    "The student is served under the IEP of {earlier} by the same LEA, and no initial evaluation is open.",
    "Draft a review instead of an interim IEP.",
    "LAC 28:XCVII.111",
)
INTERIM_FOR_NEWCOMERS = Rule(
    "IEP-148",
    "No initial evaluation is open: an interim IEP is then for newcomers from out of state or school only.",
    "Request the initial evaluation, if it has not been done.",
    "LAC 28:XCVII.111",
    Severity.WARNING,
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
