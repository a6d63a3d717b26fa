"""The rules of jurisdiction, by code. Codes are this project's own."""

from contracts.errors import Rule, Severity, by_code

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
ASKING_OWNER = Rule(
    "JUR-010",
    "{owner} owns the student; whether services are open there is being asked.",
    "Nothing to do: the outcome follows.",
    severity=Severity.WARNING,
)
SAME_SCHOOL = Rule("JUR-013", "The student attends school {school} already.", "Nothing to transfer.")
STAY_TOO_EARLY = Rule(
    "JUR-014",
    "{day} is not after {since}, when the stay at school {school} began.",
    "Choose a begin date after {since}.",
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
