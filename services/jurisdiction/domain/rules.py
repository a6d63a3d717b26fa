"""The rules of jurisdiction, by code. Codes are this project's own."""

from contracts.errors import Rule, Severity, by_code

ALREADY_OWNER = Rule(
    "JUR-003",
    "{owner} has had jurisdiction of the student since {since}.",
    "Do not claim again. To move the student to another school site, transfer the student (TransferSchool).",
)
SERVICES_OPEN = Rule(
    "JUR-004",
    "{owner} still has open services for this student: {services}.",
    "Ask {owner} to terminate them, then claim again.",
)
CLAIM_PENDING = Rule(
    "JUR-005",
    "{claimant} has claimed the student, and SER has not decided that claim yet.",
    "Wait for the outcome of that claim. If it is refused, send your command again under a new id.",
)
BEGINS_TOO_EARLY = Rule(
    "JUR-006",
    "The begin date {day} is not after {since}, when the jurisdiction of {owner} began.",
    "Choose a begin date after {since}.",
    fields=("begin_on",),
)
STUDENT_CHANGED = Rule(
    "JUR-040",
    "eScholar merged or separated the student's State ID before SER had decided the claim.",
    "Look up the student under {current_id}, and claim again if the student is to be yours.",
    fields=("student_id",),
)
SCHOOL_ELSEWHERE = Rule(
    "JUR-007",
    "School site {school} does not belong to {lea}: its code does not begin with {lea}.",
    "Choose a school site whose code begins with {lea}.",
    fields=("school",),
)
CHECKING_SERVICES = Rule(
    "JUR-010",
    "{owner} owns the student. SER is checking whether {owner} still has open services.",
    "Wait for the outcome.",
    severity=Severity.WARNING,
)
SAME_SCHOOL = Rule(
    "JUR-013",
    "The student already attends school site {school}.",
    "Choose another school site, or do nothing.",
    fields=("school",),
)
STAY_TOO_EARLY = Rule(
    "JUR-014",
    "The begin date {day} is not after {since}, when the student began at school site {school}.",
    "Choose a begin date after {since}. To correct the school site, or that first day, correct the school"
    " transfer (CorrectSchoolTransfer).",
    fields=("begin_on",),
)
SCHOOL_UNKNOWN = Rule(
    "JUR-016",
    "{lea} has no school site {school}.",
    "Choose a school site from the LEA's directory (GET /leas/…/schools)."
    " The state office registers new school sites.",
    fields=("school",),
)
SCHOOL_CLOSED = Rule(
    "JUR-017",
    "School site {school} is not open on {day}. It is open from {opened} until {closed}.",
    "Correct the begin date, or choose a school site that is open on that day.",
    fields=("school",),
)
NO_DIRECTORY = Rule(
    "JUR-018",
    "The state office has not registered the school sites of {lea}.",
    "Ask the state office to register them (RegisterSchoolSites). Until then the command waits.",
    fields=("lea", "school"),
)
SITE_CLOSES_EARLY = Rule(
    "JUR-019",
    "The closing date {day} is before {opened}, when the school site opened.",
    "Choose a closing date on or after {opened}.",
)
SITE_TWICE = Rule(
    "JUR-020", "The command lists school site {school} more than once.", "List each school site once."
)
ENDS_BEFORE_BEGIN = Rule(
    "JUR-021",
    "The end date {day} is before {since}, when the jurisdiction of {owner} began.",
    "Choose an end date on or after {since}.",
    fields=("end_on",),
)
BEGINS_BEFORE_END = Rule(
    "JUR-022",
    "The begin date {day} is not after {until}, the last day of the jurisdiction of {owner}.",
    "Choose a begin date after {until}.",
    fields=("begin_on",),
)
STAY_UNCHANGED = Rule(
    "JUR-023",
    "The last school stay is already at school site {school} since {since}.",
    "Change the school site or the begin date, or do nothing.",
    fields=("school",),
)
FIRST_STAY_BEGINS_SPELL = Rule(
    "JUR-024",
    "The begin date {day} is not {since}. The first school stay begins with the jurisdiction.",
    "Choose {since}.",
    fields=("begin_on",),
)

CLAIM_UNKNOWN = Rule(
    "JUR-025",
    "The student has no claim {claim}.",
    "Choose a claim of the student (GET /students/…/transfers). A refused claim needs no withdrawal.",
    fields=("spell_id",),
)
CLAIM_OF_ANOTHER = Rule(
    "JUR-026",
    "The claim is one of {claimant}.",
    "Ask {claimant} or the state office to withdraw or correct it.",
    fields=("spell_id",),
)
CLAIM_WITHDRAWN = Rule(
    "JUR-027",
    "The claim has been withdrawn.",
    "Do nothing. To take the student into your jurisdiction, claim again (ClaimJurisdiction).",
    fields=("spell_id",),
)
CLAIM_UNCHANGED = Rule(
    "JUR-028",
    "The claim already has these values.",
    "Change the begin date, the school site or the local student ID, or do nothing.",
    fields=("spell_id",),
)
BEGINS_AFTER_END = Rule(
    "JUR-029",
    "The begin date {day} is after {until}, the last day of the jurisdiction of {owner}.",
    "Choose a begin date through {until}, or withdraw the claim (WithdrawClaim).",
    fields=("begin_on",),
)
BEGINS_AFTER_MOVE = Rule(
    "JUR-030",
    "The begin date {day} is not before {since}, when the student moved to school site {school}.",
    "Choose a begin date before {since}.",
    fields=("begin_on",),
)

STAY_AFTER_END = Rule(
    "JUR-031",
    "The begin date {day} is after {until}, the last day of the jurisdiction of {owner}.",
    "Choose a begin date through {until}. From then on another LEA owns the student.",
    fields=("begin_on",),
)
COUNT_MOVED = Rule(
    "JUR-032",
    "On {day}, the day of a child count, the student was with {owner}, and is now with {now}.",
    "If that is wrong, correct the begin date of the claim (CorrectClaim).",
    severity=Severity.WARNING,
    fields=("begin_on", "spell_id"),
)
SERVICES_MOVED = Rule(
    "JUR-033",
    "{owner} gave services on or after {day}: {services}.",
    "If {owner} still had the student on those days, correct the begin date of the claim (CorrectClaim).",
    severity=Severity.WARNING,
    fields=("begin_on",),
)
MEETINGS_MOVED = Rule(
    "JUR-034",
    "{owner} submitted IEPs of team meetings on or after {day}: {meetings}.",
    "If {owner} still had the student on those days, correct the begin date of the claim (CorrectClaim).",
    severity=Severity.WARNING,
    fields=("begin_on",),
)
EVALUATIONS_MOVED = Rule(
    "JUR-035",
    "{owner} completed evaluations on or after {day}: {evaluations}.",
    "If {owner} still had the student on those days, correct the begin date of the claim (CorrectClaim).",
    severity=Severity.WARNING,
    fields=("begin_on",),
)
NOT_BLOCKED = Rule(
    "JUR-036",
    "The student has no claim {claim} of your LEA, or on your LEA, that open services block.",
    "Choose a claim that open services block (GET /students/…/transfers).",
    fields=("claim_id",),
)
ESCALATED = Rule(
    "JUR-037",
    "The state office has had the claim on its list since {day}.",
    "Do nothing, or write to the state office (WriteOnTransfer).",
    fields=("claim_id",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
