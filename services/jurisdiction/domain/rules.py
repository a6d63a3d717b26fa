"""The rules of jurisdiction, by code. Codes are this project's own."""

from datetime import timedelta

from contracts.errors import Rule, Severity, by_code

FURTHEST_AHEAD = timedelta(days=366)

NOT_ADDED = Rule(
    "JUR-001",
    "Nobody has added this student to the special-education record.",
    "Find the person in eScholar by State ID and add the student, then claim.",
)
BEFORE_BIRTH = Rule("JUR-002", "{day} is before the student was born.", "Correct the begin date.")
ALREADY_OWNER = Rule(
    "JUR-003",
    "The student is in the jurisdiction of {owner} since {since} already.",
    "Nothing to claim. To move the student to another school, transfer the school.",
)
SERVICES_OPEN = Rule(
    "JUR-004",
    "{owner} still has open services for this student: {services}.",
    "Ask {owner} to close them, then claim again.",
)
CLAIM_PENDING = Rule(
    "JUR-005",
    "A claim by {claimant} is being decided.",
    "Wait for its outcome; then claim again if it failed.",
)
BEGINS_TOO_EARLY = Rule(
    "JUR-006",
    "{day} is not after {since}, when the jurisdiction of {owner} began.",
    "Choose a begin date after {since}.",
)
SCHOOL_ELSEWHERE = Rule(
    "JUR-007",
    "School {school} is not a site of {lea}: its code does not begin so.",
    "Choose a school site whose code begins with {lea}.",
)
SSN_SHAPED = Rule(
    "JUR-008",
    "The local student id looks like a Social Security number.",
    "Use the LEA's own number for the student, never the Social Security number.",
)
TOO_FAR_AHEAD = Rule(
    "JUR-009",
    "{day} is more than a year after today.",
    "Correct the begin date.",
)
ASKING_OWNER = Rule(
    "JUR-010",
    "{owner} owns the student; whether services are open there is being asked.",
    "Nothing to do: the outcome follows.",
    severity=Severity.WARNING,
)
STATE_OWNS_NOBODY = Rule(
    "JUR-011", "The state office is not an LEA and cannot own a student.", "Claim with the token of an LEA."
)
NOT_CLAIMED = Rule(
    "JUR-012",
    "No LEA has jurisdiction of the student.",
    "Claim jurisdiction first, then transfer the school.",
)
SAME_SCHOOL = Rule("JUR-013", "The student attends school {school} already.", "Nothing to transfer.")
STAY_TOO_EARLY = Rule(
    "JUR-014",
    "{day} is not after {since}, when the stay at school {school} began.",
    "Choose a begin date after {since}.",
)
LEA_UNKNOWN = Rule(
    "JUR-015",
    "{lea} is no LEA of the state.",
    "Sign in for one of the state's LEAs, as the code list has them (contracts/codes/leas.csv).",
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
