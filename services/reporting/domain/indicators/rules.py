"""Why an indicator leaves a student or case out. Codes are this project's own.

A warning is as it should be. An error is a mistake in the record that an LEA must correct.
"""

from contracts.errors import Rule, Severity, by_code

_DELAY = "34 CFR 300.301(d)"

NO_CONSENT = Rule(
    "RPT-301",
    "The parent had not consented to the evaluation by the day.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_INITIAL = Rule(
    "RPT-302",
    "A re-evaluation or a waiver is no initial evaluation.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
CONSENT_OUTSIDE = Rule(
    "RPT-303",
    "The parent's consent lies outside the year.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_PRODUCED = Rule(
    "RPT-305",
    "The parent repeatedly did not produce the child for the evaluation.",
    "Nothing to do.",
    source=_DELAY,
    severity=Severity.WARNING,
)
AGREED_ELSEWHERE = Rule(
    "RPT-306",
    "The child enrolled in another LEA, which agreed with the parent on a date.",
    "Nothing to do.",
    source=_DELAY,
    severity=Severity.WARNING,
)
IN_ERROR = Rule(
    "RPT-307",
    "The evaluation was entered in error.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_REFERRED = Rule(
    "RPT-311",
    "Early intervention has not served the child, or has not referred it.",
    "Nothing to do. If it did, record it (RecordPartCTransition, role writer).",
    severity=Severity.WARNING,
)
BIRTHDAY_OUTSIDE = Rule(
    "RPT-312",
    "The third birthday lies outside the year.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NO_BIRTH_DATE = Rule(
    "RPT-313",
    "Early intervention referred the child, but reporting has no birth date.",
    "Add the student (AddStudent, role writer).",
)
TOO_YOUNG = Rule(
    "RPT-321",
    "The student is younger than 16.",
    "Nothing to do.",
    source="34 CFR 300.320(b)",
    severity=Severity.WARNING,
)
SERVICES_PLAN = Rule(
    "RPT-322",
    "The student has a services plan, which needs no transition services.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
NOT_FOLLOWED = Rule(
    "RPT-331",
    "The student transferred to regular education, is known to be continuing elsewhere, or died.",
    "Nothing to do.",
    source="EDFacts FS009: TRAN, MKC, D",
    severity=Severity.WARNING,
)
OTHER_AGE_GROUP = Rule(
    "RPT-345",
    "The child is counted in the age group of the other indicator.",
    "Nothing to do.",
    severity=Severity.WARNING,
)
WRONG_HEADER = Rule(
    "RPT-360",
    "The table does not begin with a line of its columns.",
    "Let the first line be: {expected}.",
    fields=("csv",),
)
WRONG_NUMBER_OF_CELLS = Rule(
    "RPT-361",
    "Line {line} does not have {expected} cells.",
    "Correct the line. Two cells have one comma between them.",
    fields=("csv",),
)
WRONG_CELL = Rule(
    "RPT-362",
    "In line {line} the column {column} cannot be {value}.",
    "Correct the cell: LEA and race are codes, children a whole number, disability a federal code or `all`.",
    fields=("csv",),
)
REPEATED_LINE = Rule(
    "RPT-363",
    "Line {line} is about the same group as line {earlier}.",
    "Leave one of the two lines out.",
    fields=("csv",),
)
RACE_LACKING = Rule(
    "RPT-364",
    "LEA {lea} has no line for {races}.",
    "Add the lines. If there are no children, write 0.",
    fields=("csv",),
)
NOT_LOADED = Rule(
    "RPT-365",
    "Nobody has loaded this table for {school_year}.",
    "Ask for another school year. GET /tables lists the loaded tables.",
    fields=("school_year",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
