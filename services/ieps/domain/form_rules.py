"""The rules of validation, by code. Codes are this project's own.

IEP-101 to IEP-140, and IEP-161 and higher, check the forms. IEP-141 to IEP-160 check whether the student may
have an IEP of this type.
"""

from contracts.errors import Rule, Severity, by_code

_ESYS_SCORES = "LAC 28:XCVII.705.C.1.c"

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
    "The form ACC must either list accommodations and supports or mark that none are needed.",
    "List them, or set none_needed. Do not do both.",
)
SERVICE_BEFORE_YEAR = Rule(
    "IEP-106",
    "{service} begins on {day}, before the IEP begins on {first}.",
    "Correct the begin date of the service.",
)
SERVICE_AFTER_YEAR = Rule(
    "IEP-107",
    "{service} is planned for {day}, after the last day of the IEP on {last}.",
    "Check the dates of the service. The next IEP plans what follows.",
    severity=Severity.WARNING,
)
SERVICE_ENDS_FIRST = Rule(
    "IEP-108",
    "{service} ends on {day}, before it begins on {begin_on}.",
    "Correct the dates of the service.",
)
SERVICE_TWICE = Rule(
    "IEP-109",
    "The form PRG has {service} twice with the begin date {day} and the same setting.",
    "Remove one of the two if they are the same service.",
    severity=Severity.WARNING,
)
PRIVATE_FORM = Rule(
    "IEP-110",
    "The form SVP belongs to a services plan, but the plan is of the kind {kind}.",
    "Remove the form (RemoveIEPForm), or draft the plan as a services plan (DraftIEP).",
    severity=Severity.WARNING,
    fields=("forms.SVP",),
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
SITE_MISSING = Rule(
    "IEP-115",
    "The form SIT is missing. The student does not attend the home school.",
    "Add the form SIT (SaveIEPForms), or correct at_home_school in the form LRE.",
    "34 CFR 300.116(c)",
    fields=("forms.SIT",),
)
SITE_UNNEEDED = Rule(
    "IEP-116",
    "The form SIT gives another school, but the form LRE says that the student attends the home school.",
    "Correct at_home_school in the form LRE, or remove the form SIT (RemoveIEPForm).",
    severity=Severity.WARNING,
    fields=("forms.LRE.at_home_school",),
)
TRANSPORT_UNPLANNED = Rule(
    "IEP-117",
    "The student needs special transportation to the school, but the form PRG has no such service.",
    "Add special transportation (TRA) to the form PRG (SaveIEPForms).",
    severity=Severity.WARNING,
    fields=("forms.SIT.transportation",),
)
PRIVATE_PLACEMENT = Rule(
    "IEP-118",
    "The plan is of the kind {kind}, but the environment is {environment}.",
    "Check the environment. A services plan is for students whom their parents placed in a private school.",
    severity=Severity.WARNING,
    fields=("forms.LRE.environment",),
)
ALTERNATE_MISSING = Rule(
    "IEP-119",
    "The form ALT is missing. The form ACC says that the student takes the alternate assessment.",
    "Add the form ALT (SaveIEPForms), or correct alternate_assessment in the form ACC.",
    "34 CFR 300.320(a)(6)(ii)",
    fields=("forms.ALT",),
)
ALTERNATE_UNFIT = Rule(
    "IEP-120",
    "The student does not meet this criterion of the alternate assessment: {criterion}.",
    "Correct the criterion. If it does not apply, the student takes the regular assessment.",
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
CONSENT_UNSAID = Rule(
    "IEP-124",
    "The form SIG does not say whether the parent consents to the first services.",
    "Enter yes or no in parent_consents (SaveIEPForms).",
    "34 CFR 300.300(b)",
    fields=("forms.SIG.parent_consents",),
)
CONSENT_REFUSED = Rule(
    "IEP-125",
    "The parent does not consent to the first services.",
    "Record the refusal (RefuseInitialServices), and discard the draft (DiscardIEP).",
    "34 CFR 300.300(b)(3)",
    fields=("forms.SIG.parent_consents",),
)
GOAL_MISSING = Rule(
    "IEP-126",
    "The form TRN has no postsecondary goal for {domain}.",
    "Add a measurable goal (SaveIEPForms).",
    "34 CFR 300.320(b)(1)",
    fields=("forms.TRN.goals",),
)
GOAL_UNMEASURABLE = Rule(
    "IEP-127",
    "The postsecondary goal for {domain} is not marked as measurable.",
    "Word the goal so that it can be measured, then set measurable (SaveIEPForms).",
    "34 CFR 300.320(b)(1)",
)
AFTER_PLANNING = Rule(
    "IEP-128",
    "The date {day} is after the plan was made on {planned_on}.",
    "Correct the date. The team plans the transition with the results and invitations at hand.",
)
LINK_UNKNOWN = Rule(
    "IEP-129",
    "The form TRN links the area {area}, but the IEP has no instructional plan of that area.",
    "Correct the area, or add the instructional plan (SaveIEPForms).",
)
AGENCY_UNASKED = Rule(
    "IEP-130",
    "An agency is likely to provide transition services, but the form TRN has no invitation of one.",
    "Invite the agency if the parent, or the student of age, consents. Document it if they do not.",
    "34 CFR 300.321(b)(3)",
    Severity.WARNING,
    fields=("forms.TRN.agencies",),
)
AGENCY_WITHOUT_CONSENT = Rule(
    "IEP-131",
    "{agency} was invited on {day} without the earlier consent of the parent or of the student of age.",
    "Correct the dates of the invitation and of the consent.",
    "34 CFR 300.321(b)(3)",
)
AGENCY_UNEXPECTED = Rule(
    "IEP-132",
    "The form TRN names an agency, but says that no agency is likely to provide transition services.",
    "Correct agency_likely, or remove the agency.",
    severity=Severity.WARNING,
    fields=("forms.TRN.agency_likely",),
)
BREAKS_MISSING = Rule(
    "IEP-133",
    "Regression-recoupment needs scores around two breaks in instruction. The form ESY has {count}.",
    "Enter the scores before and after two breaks (SaveIEPForms).",
    _ESYS_SCORES,
    fields=("forms.ESY.breaks",),
)
SCORES_MISSING = Rule(
    "IEP-134",
    "The break that began on {day} has fewer than two scores {side} it.",
    "Enter at least two scores of the two weeks {side} the break.",
    _ESYS_SCORES,
)
NO_REGRESSION = Rule(
    "IEP-135",
    "After the break that began on {day} the highest score is {after}, not lower than {before} before it.",
    "Correct the scores, choose another criterion, or decide that the student is not eligible.",
    _ESYS_SCORES,
)
BREAK_TOO_SHORT = Rule(
    "IEP-136",
    "The break from {day} through {last} has fewer than five instructional days.",
    "Correct the dates of the break.",
    _ESYS_SCORES,
)
DECIDED_LATE = Rule(
    "IEP-137",
    "Eligibility was decided on {day}, but the first extended school year service begins on {begin_on}.",
    "Correct the dates. The team decides before the services begin.",
    "LAC 28:XCVII.705.B",
    fields=("forms.ESY.decided_on",),
)
SUMMER_UNPLANNED = Rule(
    "IEP-138",
    "The student is eligible for extended school year services, but the form PRG has none.",
    "Add the services, and mark them as extended school year (SaveIEPForms).",
    severity=Severity.WARNING,
    fields=("forms.ESY.eligible",),
)
SUMMER_UNFOUNDED = Rule(
    "IEP-139",
    "The form PRG has an extended school year service, but the form ESY does not find the student eligible.",
    "Correct the form ESY, or the service.",
    "LAC 28:XCVII.705.B",
    fields=("forms.ESY.eligible",),
)
SCHOOL_IN_BREAK = Rule(
    "IEP-164",
    "The state's calendar has {count} school days in the break from {day} through {last}, the first on"
    " {first}.",
    "Check the dates: from the first day without school through the last. The student's school may differ.",
    severity=Severity.WARNING,
)
GRADUATION_EARLY = Rule(
    "IEP-140",
    "The form GRD is for high school, but the student is {age} when the IEP ends.",
    "Check whether the form is meant for this student.",
    severity=Severity.WARNING,
    fields=("forms.GRD",),
)
ALTERNATE_UNSAID = Rule(
    "IEP-161",
    "The form ALT is there, but the form ACC does not say that the student takes the alternate assessment.",
    "Set alternate_assessment in the form ACC, or remove the form ALT (RemoveIEPForm).",
    severity=Severity.WARNING,
    fields=("forms.ACC.alternate_assessment",),
)
INFORMED_EARLY = Rule(
    "IEP-162",
    "The parent was informed of the amendment on {day}, before the team met on {meeting_on}.",
    "Correct the date.",
    fields=("forms.AMD.informed_on",),
)
INFORMED_LATE = Rule(
    "IEP-163",
    "The parent was informed on {day}, after the amendment began on {begin_on}.",
    "Check the date. The parent agrees before an IEP changes without a meeting.",
    "LAC 28:XCVII.113.A",
    Severity.WARNING,
    fields=("forms.AMD.informed_on",),
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
TOO_OLD = Rule(
    "IEP-157",
    "{exceptionality} is for ages through {highest}, but the student is {age} when the IEP begins on {day}.",
    "Re-evaluate the student first (BeginReevaluation), so that the plan rests on another exceptionality.",
    "LAC 28:CI.705",
    Severity.WARNING,
    fields=("begin_on",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
