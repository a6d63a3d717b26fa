"""The rules of evaluations (EVA) and of IEPs (IEP), by code. Codes are this project's own.

IEP-101 and higher are the rules of validation. IEP-101 to IEP-123 check the forms. IEP-141 and higher check
whether the student may have an IEP of this type.
"""

from contracts.errors import Rule, Severity, by_code

_TRAINING = "LDOE, SER training, July 2020"

NO_GUARDIAN = Rule(
    "IEP-002",
    "The student has no saved parent or guardian.",
    "Save a parent or guardian first (SaveGuardian). Evaluations and IEPs need one.",
    _TRAINING,
    fields=("student_id",),
)
IEP_KNOWN = Rule(
    "IEP-006",
    "The student already has an IEP with the id {iep}.",
    "Choose a new iep_id for each IEP and each amendment.",
    fields=("iep_id",),
)
IEP_UNKNOWN = Rule(
    "IEP-007",
    "The student has no IEP with this id.",
    "Look up the student's IEPs, and use the id of one.",
    fields=("iep_id",),
)
FORMS_NOT_KEPT = Rule(
    "IEP-019",
    "Another LEA has changed the forms of this draft since the student left. SER has no earlier forms.",
    "Ask the LEA that owns the student.",
    fields=("iep_id",),
)
IEP_OUT_OF_TURN = Rule(
    "IEP-008",
    "The IEP's stage is {stage}, but this step needs the stage {needed}.",
    "Take the steps in order: DraftIEP, MakeIEPOfficial, SubmitIEP. Change a submitted IEP by an amendment"
    " (AmendIEP).",
    _TRAINING,
)
BEGINS_BEFORE_MEETING = Rule(
    "IEP-009",
    "The begin date {day} is before the team meeting on {meeting_on}.",
    "Choose a begin date on or after {meeting_on}.",
    fields=("begin_on",),
)
SIGNED_BEFORE_MEETING = Rule(
    "IEP-010",
    "The signature date {day} is before the team meeting on {meeting_on}.",
    "Correct the signature date. If the meeting date is wrong, draft a new IEP (DraftIEP).",
    fields=("signed_on",),
)
FORM_TWICE = Rule(
    "IEP-011", "The command has the form {form} more than once.", "Send each form once.", fields=("forms",)
)
AMENDS_NOTHING = Rule(
    "IEP-012",
    "The Amendments form belongs to an amendment, and this IEP is not an amendment.",
    "Leave the form out, or amend the submitted IEP (AmendIEP).",
    fields=("forms",),
)
FORM_ABSENT = Rule(
    "IEP-013",
    "The draft has no such form {form}.",
    "Check the form and the area, or do nothing.",
    fields=("form",),
)
AREA_UNNAMED = Rule(
    "IEP-014",
    "The command does not name the area of the instructional plan.",
    "Name the area of the instructional plan.",
    fields=("area",),
)
AMENDMENT_FORM_STAYS = Rule(
    "IEP-015",
    "An amendment must keep its Amendments form.",
    "To change the form, save it with new contents (SaveIEPForms).",
    _TRAINING,
    fields=("form",),
)
AMENDMENT_OPEN = Rule(
    "IEP-016",
    "The amendment {amendment} of this IEP is not submitted yet.",
    "Finish and submit that amendment first.",
    fields=("amends",),
)
NOT_THE_NEWEST = Rule(
    "IEP-017",
    "This IEP has already been amended. Its newest amendment is {newest}.",
    "Amend {newest} instead.",
    fields=("amends",),
)
AMENDS_BACKWARDS = Rule(
    "IEP-018",
    "The begin date {day} is before {earlier}, when the amended IEP began.",
    "Choose a begin date on or after {earlier}.",
    fields=("begin_on",),
)

EVALUATION_KNOWN = Rule(
    "EVA-001",
    "The student already has an evaluation with the id {evaluation}.",
    "Choose a new evaluation_id for each evaluation.",
    fields=("evaluation_id",),
)
EVALUATION_OPEN = Rule(
    "EVA-002",
    "The student has an open initial evaluation, requested on {since}.",
    "Finish that evaluation first, up to the determination of eligibility (DetermineEligibility).",
)
EVALUATION_UNKNOWN = Rule(
    "EVA-003",
    "The student has no evaluation with this id.",
    "Look up the student's evaluations, and use the id of one.",
    fields=("evaluation_id",),
)
EVALUATION_OUT_OF_TURN = Rule(
    "EVA-004",
    "The evaluation's stage is {stage}, but this step needs the stage {needed}.",
    "Take the steps in order: RequestEvaluation, RecordParentDecision, CompleteEvaluation,"
    " DetermineEligibility.",
    _TRAINING,
    fields=("evaluation_id",),
)
OUT_OF_ORDER = Rule(
    "EVA-005", "{day} is before {earlier}, the date of {step}.", "Correct the date.", _TRAINING
)
PRIMARY_NOT_ONE = Rule(
    "EVA-006",
    "{count} exceptionalities are marked as primary, but exactly one must be.",
    "Mark one exceptionality as primary.",
    _TRAINING,
)
PRIMARY_NO_DISABILITY = Rule(
    "EVA-007",
    "{exceptionality} is primary, but the evaluation also found a disability.",
    "Make the disability the primary exceptionality.",
)
EXCEPTIONALITY_TWICE = Rule(
    "EVA-008", "The command lists {exceptionality} more than once.", "List each exceptionality once."
)
OUTSIDE_AGES = Rule(
    "EVA-009",
    "{exceptionality} is for ages {lowest} through {highest}, but on {day} the student is {age}.",
    "Choose the exceptionality that applies at this age.",
    "LAC 28:CI.705",
)
DEAF_AND_BLIND = Rule(
    "EVA-010",
    "The evaluation found deafness and visual impairment, and no other disability.",
    "If the student is deaf and blind, record {exceptionality} instead.",
    "LAC 28:CI.705.A.3",
    Severity.WARNING,
)

FORM_MISSING = Rule("IEP-101", "The form {form} is missing.", "Add the form (SaveIEPForms).")
CONTENT_MISSING = Rule(
    "IEP-102",
    "The form {form} does not give {content}.",
    "Complete the form (SaveIEPForms).",
    "LAC 28:XCVII.303",
)
CONTENT_ADVISED = Rule(
    "IEP-103",
    "The form {form} does not give {content}.",
    "Complete the form if this applies to the student (SaveIEPForms).",
    severity=Severity.WARNING,
)
TRANSITION_MISSING = Rule(
    "IEP-104",
    "The form TRN is missing. The student is 16, or turns 16 while the IEP is in effect.",
    "Plan the transition services, and add the form TRN (SaveIEPForms).",
    "LAC 28:XCVII.305.A.11",
    fields=("forms.TRN",),
)
ACCOMMODATIONS_UNDECIDED = Rule(
    "IEP-105",
    "The form ACC must either list accommodations or mark that none are needed.",
    "List the accommodations, or set none_needed. Do not do both.",
)
SERVICE_OUTSIDE_YEAR = Rule(
    "IEP-106",
    "{service} begins on {day}, but the IEP is in effect from {first} through {last}.",
    "Correct the begin date of the service.",
)
ENVIRONMENT_OF_OTHER_AGE = Rule(
    "IEP-111",
    "{environment} is for ages {group}, but the student is {age} when the IEP begins.",
    "Choose an environment of the student's age group.",
    "EDFacts FS002, FS089",
    fields=("forms.LRE.environment",),
)
ENVIRONMENT_OUTGROWN = Rule(
    "IEP-112",
    "{environment} is for ages {group}. The student may reach the other age group before the IEP ends.",
    "Check that the environment fits the student's age group at the next child count.",
    "EDFacts FS002, FS089",
    Severity.WARNING,
    fields=("forms.LRE.environment",),
)
SHARE_DISAGREES = Rule(
    "IEP-113",
    "{share} % of the day in the regular class does not fit {environment}.",
    "Correct the percentage or the environment.",
    "LAC 28:XCVII.117.A",
)
SHARE_MISSING = Rule(
    "IEP-114",
    "The percentage of the day in the regular class is missing. It defines {environment}.",
    "Enter the percentage.",
    "LAC 28:XCVII.117.A",
    Severity.WARNING,
)
CONSENT_MISSING = Rule(
    "IEP-121",
    "The parent has not signed. A student's first services need the parent's consent.",
    "Obtain the parent's signature, and enter its date in the form SIG (SaveIEPForms).",
)
CONSENT_LATE = Rule(
    "IEP-122",
    "The parent signed on {day}, but the IEP begins on {begin_on}. First services need earlier consent.",
    "Correct the signature date, or draft the IEP again with a begin date on or after {day} (DraftIEP).",
)
PARENT_UNSIGNED = Rule(
    "IEP-123",
    "The parent has not signed.",
    "Obtain the parent's signature, or document how the LEA sought it.",
    severity=Severity.WARNING,
)
NOT_OF_AGE = Rule(
    "IEP-141",
    "The student is {age} on {day}, but an IEP is for ages {lowest} through {highest}.",
    "Draft the IEP again with another begin date (DraftIEP).",
    "LAC 28:XLIII.102",
    fields=("begin_on",),
)
NOT_ELIGIBLE = Rule(
    "IEP-142",
    "No evaluation has found the student eligible.",
    "Determine eligibility first (DetermineEligibility). Until then, only an interim IEP is possible.",
    "LAC 28:XCVII.111",
    fields=("iep_type",),
)
BEGINS_BEFORE_ELIGIBILITY = Rule(
    "IEP-143",
    "The IEP begins on {day}, before the determination of eligibility on {determined_on}.",
    "Draft the IEP again with a begin date on or after {determined_on} (DraftIEP).",
    fields=("begin_on",),
)
INITIAL_LATE = Rule(
    "IEP-144",
    "The team met on {day}, after the due date {due}: 30 days after the evaluation's completion on"
    " {completed_on}.",
    "Record why the meeting was late.",
    "LAC 28:XCVII.105.A",
    Severity.WARNING,
    fields=("meeting_on",),
)
NOT_THE_FIRST = Rule(
    "IEP-145",
    "The student already has a submitted IEP that began on {earlier}, so this IEP is not initial.",
    "Draft this IEP again as a review (DraftIEP).",
    "LAC 28:XCVII.111",
    fields=("iep_type",),
)
NOTHING_TO_REVIEW = Rule(
    "IEP-146",
    "The student has no submitted IEP from a team meeting before {day}, so there is nothing to review.",
    "Submit the earlier IEP first (SubmitIEP), or draft this IEP again as initial (DraftIEP).",
    "LAC 28:XCVII.111",
    fields=("iep_type",),
)
INTERIM_WHILE_SERVED = Rule(
    "IEP-147",
    "The same LEA serves the student under the IEP that began on {earlier}. No initial evaluation is open.",
    "Draft a review instead of an interim IEP (DraftIEP).",
    "LAC 28:XCVII.111",
    fields=("iep_type",),
)
INTERIM_FOR_NEWCOMERS = Rule(
    "IEP-148",
    "No initial evaluation is open. Then an interim IEP is only for students from out of state or out of"
    " school.",
    "Request the initial evaluation if the student still needs one (RequestEvaluation).",
    "LAC 28:XCVII.111",
    Severity.WARNING,
    fields=("iep_type",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
