"""The rules of validation, by code. Codes are this project's own.

IEP-101 to IEP-140 check the forms. IEP-141 and higher check whether the student may have an IEP of this type.
"""

from contracts.errors import Rule, Severity, by_code

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
    "Give the reason when you make the IEP official (`late_reason` of MakeIEPOfficial).",
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
REVIEW_LATE = Rule(
    "IEP-149",
    "The team met on {day}, after the due date {due}: a year after the meeting on {earlier}.",
    "Give the reason when you make the IEP official (`late_reason` of MakeIEPOfficial).",
    "LAC 28:XCVII.111.B",
    Severity.WARNING,
    fields=("meeting_on",),
)
SERVICES_REFUSED = Rule(
    "IEP-150",
    "The parent refused the first services on {refused_on}. The team met on {day}.",
    "Serve the student only if the parent has consented since.",
    severity=Severity.WARNING,
    fields=("meeting_on",),
)
NOT_ONLY_GIFTED = Rule(
    "IEP-151",
    "The plan is a gifted/talented IEP, but the student has a disability: {exceptionality}.",
    "Draft the plan as an IEP (DraftIEP).",
    "LAC 28:XCVII.301.C",
    fields=("plan_kind",),
)
ONLY_GIFTED = Rule(
    "IEP-152",
    "The plan is for a disability, but the evaluation found only {exceptionality}.",
    "Check whether a gifted/talented IEP is meant (DraftIEP).",
    severity=Severity.WARNING,
    fields=("plan_kind",),
)
MET_BEFORE_ELIGIBILITY = Rule(
    "IEP-154",
    "The team met on {day}, before the determination of eligibility on {determined_on}.",
    "Correct the meeting date if it is wrong: draft the IEP again (DraftIEP).",
    severity=Severity.WARNING,
    fields=("meeting_on",),
)
TOO_YOUNG = Rule(
    "IEP-155",
    "{exceptionality} is from the age of {lowest}, but the student is {age} when the IEP begins on {day}.",
    "Draft the IEP again with a later begin date (DraftIEP).",
    "LAC 28:CI.705",
    fields=("begin_on",),
)
NO_LONGER_ELIGIBLE = Rule(
    "IEP-156",
    "The determination of {determined_on} found no exceptionality. The student is no longer eligible.",
    "Review no IEP. If a new evaluation finds an exceptionality, record it first (DetermineEligibility).",
    "LAC 28:XCVII.305.A.4",
    fields=("iep_type",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
