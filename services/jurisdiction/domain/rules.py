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

SCHOOL_UNKNOWN = Rule(
    "JUR-016",
    "{lea} has no school site {school}.",
    "Choose a site from the LEA's directory (GET /leas/…/schools). The state office registers new sites.",
)
SCHOOL_CLOSED = Rule(
    "JUR-017",
    "School site {school} is not open on {day}: it is open from {opened} through {closed}.",
    "Correct the begin date, or choose a site that is open then.",
)
NO_DIRECTORY = Rule(
    "JUR-018",
    "The state office has not registered the school sites of {lea}.",
    "Ask the state office to register them; the command waits meanwhile.",
)
SITE_CLOSES_EARLY = Rule(
    "JUR-019",
    "{day} is before {opened}, when the site opened.",
    "Choose a closing date on or after {opened}.",
)
SITE_TWICE = Rule("JUR-020", "School site {school} is named twice.", "Keep one of the two.")

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
