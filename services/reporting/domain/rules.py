"""Why a student is not in the child count, and why reporting refuses a query. Codes are this project's own.

A reason with severity `warning` is correct: for example, a student of two years is not counted. A reason with
severity `error` is a mistake in the record: once an LEA corrects it, the student is counted. The child count
gives the first reason that applies. In the sentences, *the day* is the day of the count.
"""

from enum import StrEnum

from contracts.errors import Rule, Severity, by_code

NOT_ENTERED = Rule(
    "RPT-001",
    "The student was not in special education on the day.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_SUBMITTED = Rule(
    "RPT-014",
    "The IEP for the day is official, but the LEA has not submitted it.",
    "Submit the IEP (SubmitIEP, role iep-submitter). Special education begins with the first submitted IEP.",
)
NOT_OFFICIAL = Rule(
    "RPT-015",
    "The IEP for the day is still a draft.",
    "Make the IEP official (MakeIEPOfficial, role writer), then submit it (SubmitIEP, role iep-submitter).",
)
NO_PROFILE = Rule(
    "RPT-002",
    "The student was in special education on the day, but reporting has not received the student record.",
    "Check the completeness of `students` (GET /completeness). If no event is missing, add the student"
    " (AddStudent, role writer).",
)
NO_JURISDICTION = Rule(
    "RPT-003",
    "The student was in special education on the day, but no LEA had jurisdiction.",
    "The LEA that serves the student must claim jurisdiction (ClaimJurisdiction, role writer). If no LEA"
    " serves the student, the last one claims again, records the exit (ExitSpecialEducation, role writer),"
    " and closes jurisdiction (CloseJurisdiction, role writer).",
)
NO_IEP = Rule(
    "RPT-004",
    "The student had no submitted IEP in effect on the day.",
    "Submit the IEP for the day (SubmitIEP, role iep-submitter).",
)
NOT_DETERMINED = Rule(
    "RPT-005",
    "No evaluation had determined the student's eligibility by the day.",
    "Determine eligibility (DetermineEligibility, role writer).",
)
NOT_ELIGIBLE = Rule(
    "RPT-006",
    "The newest evaluation found no exceptionality, but the student has not exited.",
    "If a later evaluation found a disability, record it (RequestEvaluation to DetermineEligibility, role"
    " writer). Else record the exit (ExitSpecialEducation, role writer).",
)
PRIMARY_NOT_FEDERAL = Rule(
    "RPT-007",
    "The student has a disability, but the primary exceptionality is gifted or talented.",
    "Record an evaluation that makes the disability primary (RequestEvaluation to DetermineEligibility, role"
    " writer).",
)
GIFTED_ONLY = Rule(
    "RPT-008",
    "The student is gifted or talented only. The federal child count counts disabilities.",
    "Nothing to do.",
    source="LAC 28:CI.901, 903",
    severity=Severity.WARNING,
)
NOT_ASKED_FOR = Rule(
    "RPT-009",
    "The student's disability is not one of the requested disabilities.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
AGE_OUTSIDE = Rule(
    "RPT-010",
    "The student is younger or older than the ages of the federal child count.",
    "Nothing to do.",
    source="34 CFR 300.101; EDFacts FS002 and FS089",
    severity=Severity.WARNING,
)
AGE_NOT_DECLARED = Rule(
    "RPT-011",
    "The state uses this disability for other ages only (developmental delay: ages 3 through 8).",
    "Record an evaluation that finds the student's present disability (RequestEvaluation to"
    " DetermineEligibility, role writer), or the exit (ExitSpecialEducation, role writer).",
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
    "The environment of the IEP in effect does not belong to the student's age group.",
    "Amend the IEP (AmendIEP, role writer), choose an environment of the age group (SaveIEPForms), then"
    " submit it (MakeIEPOfficial, SubmitIEP).",
    source="EDFacts FS002 and FS089",
)

SEX_MISSING = Rule(
    "RPT-030",
    "The student is counted, but eScholar gives neither F nor M as the sex.",
    "Correct the sex in eScholar. The federal files accept only F and M.",
    source="EDFacts FS002 and FS089",
)
RACE_MISSING = Rule(
    "RPT-031",
    "The student is counted, but eScholar gives no race or ethnicity.",
    "Correct the race or ethnicity in eScholar.",
    source="EDFacts FS002 and FS089",
)

PLAN_EXPIRED = Rule(
    "RPT-032",
    "The student is counted, but the year of the IEP in effect is over.",
    "Review the IEP: draft the next one (DraftIEP, role writer), make it official and submit it"
    " (MakeIEPOfficial, SubmitIEP).",
    source="LAC 28:XCVII.111.B; this project: the plan counts past its year",
    severity=Severity.WARNING,
)

LEA_NOT_YOURS = Rule(
    "RPT-020",
    "{own} may not see the numbers of {requested}.",
    "Request the numbers of your own LEA, or use a token with the role state or auditor.",
    fields=("lea",),
)
NO_SUCH_STUDENT = Rule(
    "RPT-021",
    "Reporting has no student with the State ID {student_id}.",
    "Correct the State ID.",
    fields=("student_id",),
)
NO_SUCH_CODE = Rule(
    "RPT-022", "{value} is not a code of {field}.", "Use one of: {known}.", fields=("disabilities",)
)
PARTS_DISAGREE = Rule(
    "RPT-023",
    "The cells of {table} add up to {parts}, but reporting counted {whole} children.",
    "Tell the maintainers of SER. Reporting gives out no count whose cells disagree.",
    source="EDFacts: every category set sums to its total",
)
NOT_DISPUTED = Rule(
    "RPT-024",
    "Reporting does not have two events of {service} about {subject} with the number {sequence}.",
    "Correct the number. GET /disputes lists the disputed numbers.",
    fields=("sequence",),
)
NOT_AMONG_THEM = Rule(
    "RPT-025",
    "The event {event} does not have this number.",
    "Choose one of these events: {events}.",
    fields=("event_id",),
)

PUBLISHED_BY_THE_STATE = Rule(
    "RPT-350",
    "Only the state office publishes numbers.",
    "Ask the state office for its publication. Your own numbers are in GET /child-count.",
)
NOT_THE_COUNT_DAY = Rule(
    "RPT-351",
    "{day} is not a count day. Two counts of different days would show single children by their difference.",
    "Publish the count of 1 October of a year.",
    fields=("as_of",),
)
COUNT_TO_COME = Rule(
    "RPT-352",
    "{day} has not come, so its count is a forecast.",
    "Publish the count after that day.",
    fields=("as_of",),
)
TOO_MANY_RUNS = Rule(
    "RPT-026",
    "{most} of your runs wait already.",
    "Wait until some are done, or cancel some under My Reports.",
)
NO_SUCH_RUN = Rule(
    "RPT-027",
    "You have no run {run_id}.",
    "Look under My Reports. SER deletes a run after 14 days, unless you save it.",
    fields=("run_id",),
)
TOO_LONG_FOR_PAPER = Rule(
    "RPT-034",
    "The run has {rows} rows of students. A PDF has at most {most}.",
    "Take the PDF of the tables, take the students as CSV or XLSX, or ask for one LEA or a shorter period.",
    fields=("format",),
)
RUN_UNFINISHED = Rule(
    "RPT-028",
    "The run has no answer: it is {state}.",
    "Wait until it is done. If it was cancelled or has failed, run it again.",
    fields=("run_id",),
)
NO_SUCH_REPORT = Rule("RPT-029", "There is no such report.", "Use one of: {known}.", fields=("report",))
NO_SUCH_CELL = Rule(
    "RPT-033",
    "The answer has no such number.",
    "Name a table of the answer, a row of it, and a column that counts.",
    fields=("table",),
)
NO_DUTIES = Rule(
    "RPT-440",
    "SER has no calendar of duties for {year}.",
    "Choose one of: {known}. A new release of SER brings the calendar of a new year.",
    fields=("school_year",),
)
DAY_UNKNOWN = Rule(
    "RPT-441",
    "SER does not know the day of this duty in {year}: {title}.",
    "Look up the day in the list of due dates of the U.S. Department of Education for the year.",
    severity=Severity.WARNING,
)
NO_CONSENT = Rule(
    "RPT-201",
    "The parent has not consented to the evaluation.",
    "Nothing to do. If the parent consents later, record it (RecordParentDecision, role writer).",
    source="LAC 28:XLIII.302",
    severity=Severity.WARNING,
)
NOT_FOUND_ELIGIBLE = Rule(
    "RPT-202",
    "The evaluation found the student not eligible, so no IEP is due.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
EXITED_BEFORE_DUE = Rule(
    "RPT-203",
    "The student left special education before the due date.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
DUE_OUTSIDE = Rule(
    "RPT-204",
    "Nothing of the student is due in the period.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_PRODUCED = Rule(
    "RPT-206",
    "The parent repeatedly did not produce the child for the evaluation.",
    "Nothing to do.",
    source="LAC 28:XLIII.302.D",
    severity=Severity.WARNING,
)
AGREED_ELSEWHERE = Rule(
    "RPT-207",
    "The student enrolled in another LEA, and a day was agreed with it.",
    "Nothing to do. The case goes on in the other LEA.",
    source="LAC 28:XLIII.302.D-E",
    severity=Severity.WARNING,
)
CONSENT_WITHDRAWN = Rule(
    "RPT-208",
    "The parent withdrew the consent before the evaluation was complete.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
GONE_BEFORE_DUE = Rule(
    "RPT-209",
    "The student died or left the state before the due date.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
IS_AMENDMENT = Rule(
    "RPT-210",
    "An amendment is no case: the day of the team's meeting stays.",
    "Nothing to do.",
    source="LAC 28:XCVII.111",
    severity=Severity.WARNING,
)
IS_INTERIM = Rule("RPT-211", "An interim IEP is no case.", "Nothing to do.", severity=Severity.WARNING)
OLD_EVALUATION = Rule(
    "RPT-212",
    "The first IEP after an exit rests on an evaluation that led to an IEP before.",
    "Nothing to do. Its own review is a case.",
    severity=Severity.WARNING,
)
SERVICES_REFUSED = Rule(
    "RPT-213",
    "The parent refused the first services.",
    "Nothing to do.",
    source="34 CFR 300.300(b)",
    severity=Severity.WARNING,
)
NOT_IN_SPECIAL_EDUCATION = Rule(
    "RPT-214",
    "The student is not in special education on the day.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NO_EVALUATION_DATE = Rule(
    "RPT-215",
    "The student is in special education, and SER has no report of an evaluation and no waiver.",
    "Record the newest evaluation (RequestEvaluation to DetermineEligibility, or RecordTriennialWaiver, role"
    " writer).",
)
NO_PLAN = Rule(
    "RPT-216",
    "The student is in special education, and no official plan is in force.",
    "Draft the IEP and make it official (DraftIEP, MakeIEPOfficial, role writer).",
)
NO_DELAY_BEFORE_NINE = Rule(
    "RPT-217",
    "The student had no developmental delay in the year before the ninth birthday.",
    "Nothing to do.",
    source="LAC 28:CI.705",
    severity=Severity.WARNING,
)
NINE_OUTSIDE = Rule(
    "RPT-218",
    "The ninth birthday lies outside the range.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NO_SUMMER_IN_PLAN = Rule(
    "RPT-219",
    "The plan is no IEP for a disability, so nobody screens the student for the extended school year.",
    "Nothing to do.",
    source="LAC 28:XCVII.705",
    severity=Severity.WARNING,
)
OF_ANOTHER_LEA = Rule(
    "RPT-205",
    "On the key date the student did not belong to this LEA.",
    "Nothing to do.",
    severity=Severity.WARNING,
)


class Reason(StrEnum):
    """Whether the child count counts a student; if not, the reason."""

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


class Step(StrEnum):
    """A link of the chain of facts by which the child count counts a student."""

    ENTRY = "special education"
    JURISDICTION = "jurisdiction"
    IEP = "IEP in effect"
    DETERMINATION = "determination"
    AGE = "age"
    ENVIRONMENT = "environment"


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
"""The rule of each reason, in the order in which the count tries them."""

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
