"""Why a student is not in the child count, and why a question is not answered. Codes are this project's own.

Of the reasons, a `warning` is as it should be (a student of two years is not counted), an `error` is for an
LEA to mend, because the student would be counted otherwise. The first reason that applies is given.
"""

from enum import StrEnum

from contracts.errors import Rule, Severity, by_code

NOT_ENTERED = Rule(
    "RPT-001",
    "Not in special education on the day: no IEP submitted yet, or exited before.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_SUBMITTED = Rule(
    "RPT-014",
    "The IEP that would be in effect on the day is official, but nobody has submitted it.",
    "Submit the IEP (SubmitIEP, role iep-submitter). Special education begins with the first submitted IEP.",
)
NOT_OFFICIAL = Rule(
    "RPT-015",
    "The IEP that would be in effect on the day is still a draft.",
    "Make the IEP official (MakeIEPOfficial, role writer), then submit it (SubmitIEP, role iep-submitter).",
)
NO_PROFILE = Rule(
    "RPT-002",
    "In special education on the day, but who the student is has not been heard.",
    "Look at the completeness of `students`. If nothing is missing, add the student (AddStudent, role"
    " writer).",
)
NO_JURISDICTION = Rule(
    "RPT-003",
    "In special education on the day, but in the jurisdiction of no LEA.",
    "Have the LEA that serves the student claim jurisdiction (ClaimJurisdiction, role writer).",
)
NO_IEP = Rule(
    "RPT-004",
    "No submitted IEP is in effect on the day.",
    "Submit the IEP that is to be in effect on the day (SubmitIEP, role iep-submitter).",
)
NOT_DETERMINED = Rule(
    "RPT-005",
    "Eligibility had not been determined by the day.",
    "Record the determination of eligibility (DetermineEligibility, role writer).",
)
NOT_ELIGIBLE = Rule(
    "RPT-006",
    "The newest determination found no exceptionality, yet the student has not exited.",
    "If a disability was found since, record that evaluation (RequestEvaluation to DetermineEligibility, role"
    " writer). SER cannot record an exit yet.",
)
PRIMARY_NOT_FEDERAL = Rule(
    "RPT-007",
    "A disability was found, but the primary exceptionality is gifted or talented.",
    "Record an evaluation that makes the disability primary (RequestEvaluation to DetermineEligibility, role"
    " writer).",
)
GIFTED_ONLY = Rule(
    "RPT-008",
    "Gifted or talented only, which is no disability.",
    "Nothing to do.",
    source="LAC 28:CI.901, 903",
    severity=Severity.WARNING,
)
NOT_ASKED_FOR = Rule(
    "RPT-009",
    "The disability is not among those asked for.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
AGE_OUTSIDE = Rule(
    "RPT-010",
    "Younger or older than the ages the collection counts.",
    "Nothing to do.",
    source="34 CFR 300.101; EDFacts FS002 and FS089",
    severity=Severity.WARNING,
)
AGE_NOT_DECLARED = Rule(
    "RPT-011",
    "The state declares the disability for other ages (developmental delay: three through eight).",
    "Record the evaluation that says which disability the student has (RequestEvaluation to"
    " DetermineEligibility, role writer). SER cannot record an exit yet.",
    source="LAC 28:CI.705",
)
NO_ENVIRONMENT = Rule(
    "RPT-012",
    "The IEP in effect names no educational environment.",
    "Amend the IEP (AmendIEP, role writer) and fill in its placement form (SaveIEPForms), then submit it"
    " (MakeIEPOfficial, SubmitIEP).",
)
ENVIRONMENT_ELSEWHERE = Rule(
    "RPT-013",
    "The environment of the IEP is not one of the student's age group.",
    "Amend the IEP (AmendIEP, role writer), choose an environment of the age group (SaveIEPForms), then"
    " submit it (MakeIEPOfficial, SubmitIEP).",
    source="EDFacts FS002 and FS089",
)

SEX_MISSING = Rule(
    "RPT-030",
    "Counted, but eScholar has neither F nor M as the sex.",
    "Have the sex corrected in eScholar. The federal files know F and M only.",
    source="EDFacts FS002 and FS089",
)
RACE_MISSING = Rule(
    "RPT-031",
    "Counted, but eScholar has no race or ethnicity.",
    "Have the race corrected in eScholar.",
    source="EDFacts FS002 and FS089",
)

LEA_NOT_YOURS = Rule(
    "RPT-020",
    "The numbers of {asked} are not open to {own}.",
    "Ask for those of your own LEA, or with the role of the state or of an auditor.",
)
NO_SUCH_STUDENT = Rule(
    "RPT-021",
    "Nothing has been heard of a student {student_id}.",
    "Correct the State ID.",
)
NO_SUCH_CODE = Rule(
    "RPT-022",
    "{value} is not a code of {field}.",
    "Use one of: {known}.",
)
PARTS_DISAGREE = Rule(
    "RPT-023",
    "The cells of {table} add up to {parts}, not to the {whole} children counted.",
    "Tell those who maintain SER: a count whose parts disagree is not given out.",
    source="EDFacts: every category set sums to its total",
)
NOT_DISPUTED = Rule(
    "RPT-024",
    "There are not two events of {service} about {subject} under the number {sequence}.",
    "Correct the number; /disputes lists those that are disputed.",
)
NOT_AMONG_THEM = Rule(
    "RPT-025",
    "The event {event} is none of those under this number.",
    "Choose one of: {events}.",
)


class Reason(StrEnum):
    """What the count says of one student: counted, or why not."""

    COUNTED = "counted"
    NOT_SUBMITTED = "IEP not submitted"
    NOT_OFFICIAL = "IEP not official"
    NOT_ENTERED = "not entered"
    NO_PROFILE = "no profile"
    NO_JURISDICTION = "no jurisdiction"
    NO_IEP = "no IEP in effect"
    NOT_DETERMINED = "eligibility not determined"
    NOT_ELIGIBLE = "not eligible"
    PRIMARY_NOT_FEDERAL = "primary is no disability"
    GIFTED_ONLY = "gifted or talented only"
    NOT_ASKED_FOR = "disability not asked for"
    AGE_OUTSIDE = "age outside"
    AGE_NOT_DECLARED = "age not declared for the disability"
    NO_ENVIRONMENT = "no environment"
    ENVIRONMENT_ELSEWHERE = "environment not of the age group"


NOT_COUNTED = {
    Reason.NOT_SUBMITTED: NOT_SUBMITTED,
    Reason.NOT_OFFICIAL: NOT_OFFICIAL,
    Reason.NOT_ENTERED: NOT_ENTERED,
    Reason.NO_PROFILE: NO_PROFILE,
    Reason.NO_JURISDICTION: NO_JURISDICTION,
    Reason.NO_IEP: NO_IEP,
    Reason.NOT_DETERMINED: NOT_DETERMINED,
    Reason.NOT_ELIGIBLE: NOT_ELIGIBLE,
    Reason.PRIMARY_NOT_FEDERAL: PRIMARY_NOT_FEDERAL,
    Reason.GIFTED_ONLY: GIFTED_ONLY,
    Reason.NOT_ASKED_FOR: NOT_ASKED_FOR,
    Reason.AGE_OUTSIDE: AGE_OUTSIDE,
    Reason.AGE_NOT_DECLARED: AGE_NOT_DECLARED,
    Reason.NO_ENVIRONMENT: NO_ENVIRONMENT,
    Reason.ENVIRONMENT_ELSEWHERE: ENVIRONMENT_ELSEWHERE,
}
"""The rule behind each reason, in the order in which they are tried."""

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
