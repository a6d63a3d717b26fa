"""Why SER gives out no federal file, what a check found, and why a file of a level leaves a child out.

A check with severity `error` stops the file. A warning goes with it. Codes are this project's own.
"""

from contracts.errors import Rule, Severity, by_code

_MAINTAINERS = "Tell the maintainers of SER. Reporting gives out no such file."

SETS_DISAGREE = Rule(
    "RPT-401",
    "In the rows of {unit}, set {set} adds up to {parts}, but the total is {whole}.",
    _MAINTAINERS,
    source="EDFacts: every category set sums to its total",
)
ROW_WRONG = Rule(
    "RPT-402",
    "The row {row} {problem}.",
    _MAINTAINERS,
    source="EDFacts: permitted values of the school year",
)
FORM_WRONG = Rule(
    "RPT-403",
    "The file does not have the form of its layout: {problem}.",
    _MAINTAINERS,
    source="EDFacts: file layout of the school year",
)
RULED_OUT = Rule(
    "RPT-404",
    "The row {row} has values that the state's declarations rule out together.",
    "Correct the records of these students, or the state's declarations.",
    source="EDFacts: ages of the file; the state's declarations",
)
ROW_ABSENT = Rule(
    "RPT-405",
    "The file of the state has no row {row}.",
    _MAINTAINERS,
    source="EDFacts: the state reports every possible combination, 0 too",
)
LEVELS_DISAGREE = Rule(
    "RPT-406",
    "The file has {children} students, and {left_out} have a reason not to be at this level. The level above"
    " has {whole}.",
    _MAINTAINERS,
    source="EDFacts: the levels agree",
)
CHANGED = Rule(
    "RPT-407",
    "The row {row} changed from {before} to {now}.",
    "Look for the cause. If the number is right, certify the file with a comment that explains it.",
    source="EDFacts: changes of more than 20 % and more than 20 students",
    severity=Severity.WARNING,
)
EMPTIED = Rule(
    "RPT-408",
    "{what}: {now} now, {before} last year.",
    "Look for the cause: a record that is not submitted yet, or a code that nobody uses any more.",
    source="EDFacts: no unexpected zero",
    severity=Severity.WARNING,
)
UNIT_LEFT_OUT = Rule(
    "RPT-409",
    "{unit} {problem} on the day, so the file has no row of it. Students there: {children}.",
    "Correct the directory of units, or the jurisdiction and school site of these students.",
    source="EDFacts: the directory of education units",
    severity=Severity.WARNING,
)
VALUES_MISSING = Rule(
    "RPT-410",
    "Students without a value for {category}: {children}. The file reports them as MISSING.",
    "Correct race and sex in eScholar. Save a profile that holds on the day (SaveProfile, role writer).",
    source="EDFacts: missing values",
    severity=Severity.WARNING,
)
GRADE_MISSING = Rule(
    "RPT-411",
    "Students without a grade on the day: {children}.",
    "Save a profile with the grade that holds on the day (SaveProfile, role writer).",
    source="EDFacts: grades place five-year-olds",
    severity=Severity.WARNING,
)
COUNT_DISAGREES = Rule(
    "RPT-412",
    "The rows of {unit} have {files} students; the count has {counted}.",
    _MAINTAINERS,
)
NOT_COMPLETE = Rule(
    "RPT-414",
    "Reporting does not have every event of the services yet, so these numbers may change.",
    "Wait until the completeness page shows that no event is missing. The file says INCOMPLETE until then.",
    severity=Severity.WARNING,
)

NO_EXIT = Rule(
    "RPT-101",
    "The student did not leave special education in the school year.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_THERE_BEFORE = Rule(
    "RPT-102",
    "The student was not in special education on the first day of the school year.",
    "Nothing to do.",
    source="EDFacts FS009: in special education at the start",
    severity=Severity.WARNING,
)
THERE_AFTERWARDS = Rule(
    "RPT-103",
    "The student left, but was in special education again at the end of the school year.",
    "Nothing to do.",
    source="EDFacts FS009: not in special education at the end",
    severity=Severity.WARNING,
)
NO_EXIT_REASON = Rule(
    "RPT-104",
    "The exit has no reason that the federal government knows.",
    "Correct the exit (CorrectSpedActivity, role writer).",
)
ENTERED_IN_ERROR = Rule(
    "RPT-105",
    "Every entry of the student into special education was made in error.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
EXIT_AGE_OUTSIDE = Rule(
    "RPT-106",
    "At the last child count before the exit the student was younger than 14 or older than 21.",
    "Nothing to do.",
    source="EDFacts FS009",
    severity=Severity.WARNING,
)
EXIT_UNDETERMINED = Rule(
    "RPT-107",
    "No evaluation had found an exceptionality by the day of the exit.",
    "Determine eligibility (DetermineEligibility, role writer), or void the entry.",
)
EXIT_DELAYED = Rule(
    "RPT-108",
    "At 14 or older the student still had developmental delay.",
    "Record the evaluation that found the student's disability (RequestEvaluation to DetermineEligibility,"
    " role writer).",
    source="LAC 28:CI.705",
)
EXIT_PRIVATE = Rule(
    "RPT-109",
    "The student's parents had placed the student in a private school.",
    "Nothing to do.",
    source="EDFacts FS009",
    severity=Severity.WARNING,
)
STILL_IN_LEA = Rule(
    "RPT-110",
    "At the end of the school year the student was in special education of this LEA.",
    "Nothing to do.",
    source="EDFacts FS009",
    severity=Severity.WARNING,
)
EXIT_NOT_OFFERED = Rule(
    "RPT-112",
    "The state does not offer this way to leave, or not at this age.",
    "Correct the exit (CorrectSpedActivity, role writer), or the state's declarations.",
)
EXIT_UNBORN = Rule(
    "RPT-113",
    "Reporting has not received the student's birth date.",
    "Check the completeness of `students` (GET /completeness).",
)
EXIT_GIFTED = Rule(
    "RPT-114",
    "No evaluation had found a disability by the day of the exit: the student is gifted or talented.",
    "Nothing to do.",
    source="LAC 28:CI.901, 903",
    severity=Severity.WARNING,
)
EXIT_ODD = Rule(
    "RPT-413",
    "Exits of {what}: {children}.",
    "Look at these exits. Correct those that are wrong (CorrectSpedActivity, role writer).",
    severity=Severity.WARNING,
)
MOVED_INSIDE = Rule(
    "RPT-415",
    "The LEAs have {leas} exits together, and the state has {state}: some students moved inside the state.",
    "Nothing to do: a student who moves leaves an LEA, not the state's special education.",
    source="EDFacts FS009",
    severity=Severity.WARNING,
)

YEAR_UNKNOWN = Rule(
    "RPT-420",
    "SER does not have the layout and the permitted values of {number} for {year}.",
    "Choose one of: {known}. Another year needs its tables in services/reporting/domain/federal/data.",
    fields=("year",),
)
LEVEL_UNKNOWN = Rule(
    "RPT-421",
    "{number} has no file at the level {level}.",
    "Choose one of: {known}.",
    fields=("level",),
)

NUMBERS_MOVED = Rule(
    "RPT-422",
    "The numbers of the file have changed since you looked at them.",
    "Look at the file again, and certify it with its new digest.",
    fields=("digest",),
)
NOT_CERTIFIABLE = Rule(
    "RPT-423",
    "Nobody can certify this file now: {problem}.",
    "Certify the file when this is over.",
)
COMMENT_MISSING = Rule(
    "RPT-424",
    "A number changed remarkably since last year, and the certification does not explain it.",
    "Write a comment that explains the change (RPT-407 names the rows).",
    fields=("comment",),
)
NOT_CERTIFIED = Rule(
    "RPT-425",
    "The state has not certified a version {version} of this file.",
    "See the list of its certifications.",
    fields=("version",),
)

LEA_NOT_REPORTED = Rule(
    "RPT-430",
    "The student's LEA is not reported to the federal government, or it is not in the directory.",
    "Nothing to do, if the directory of units is right.",
    severity=Severity.WARNING,
)
LEA_CLOSED = Rule(
    "RPT-435",
    "The student's LEA was not open on the day.",
    "Correct the directory of units, or claim jurisdiction for the right LEA (ClaimJurisdiction, role"
    " writer).",
)
OUTSIDE_SCHOOLS = Rule(
    "RPT-431",
    "The child is homebound or in a hospital, or its parents placed it in a private school. The school file"
    " has no such children.",
    "Nothing to do.",
    source="EDFacts FS002",
    severity=Severity.WARNING,
)
SCHOOL_NOT_REPORTED = Rule(
    "RPT-432",
    "The child's school is not reported to the federal government.",
    "Nothing to do, if the directory of units is right.",
    severity=Severity.WARNING,
)
SCHOOL_CLOSED = Rule(
    "RPT-433",
    "The child's school was not open on the day.",
    "Correct the directory of units, or the school site (CorrectSchoolTransfer, role writer).",
)
SCHOOL_UNKNOWN = Rule(
    "RPT-434",
    "The child has no school site of its LEA on the day.",
    "Record the school site (TransferSchool or CorrectSchoolTransfer, role writer).",
)

EXIT_RULES = (
    NOT_THERE_BEFORE,
    THERE_AFTERWARDS,
    STILL_IN_LEA,
    NO_EXIT_REASON,
    EXIT_UNBORN,
    EXIT_AGE_OUTSIDE,
    EXIT_UNDETERMINED,
    EXIT_GIFTED,
    EXIT_DELAYED,
    EXIT_PRIVATE,
    EXIT_NOT_OFFERED,
)
"""Why FS009 does not have a student who left special education in the year, in the order in which it asks."""

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
