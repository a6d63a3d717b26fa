"""Rules with codes, and the finding that a broken rule gives. A code never names a second rule.

These rules hold in every service: `MSG` for messages, `ACC` for access, `REC` for the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field

from contracts.codes import Labelled
from contracts.message import Value

CODE_FORM = "^[A-Z]{3}-[0-9]{3}$"
"""The form of a rule's code: `JUR-004`."""


class Severity(StrEnum):
    """An `error` refuses the command; a `warning` does not."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Value):
    """A broken rule, as a user reads it: what is wrong, in which field, and what to do."""

    code: str = Field(pattern=CODE_FORM, description="Stable code of the rule.")
    severity: Severity
    message: str = Field(description="What is wrong.")
    solution: str = Field(description="What to do about it.")
    field: str | None = Field(default=None, description="The field of the command, as a dotted path.")
    facts: Mapping[str, str] = Field(
        default={},
        description="The values in the sentences, by name: dates as 2018-01-08, codes without labels, numbers"
        " as text. A screen can show dates in its reader's form and link an LEA.",
    )

    def __hash__(self) -> int:
        return hash((self.code, self.message, self.field))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: code, severity, sentence and solution (with {facts} to fill in), and its source.

    `fields`: the fields at which findings of this rule stand, as far as they are known beforehand.
    """

    code: str
    message: str
    solution: str
    source: str = "project"
    severity: Severity = Severity.ERROR
    fields: tuple[str, ...] = ()

    def broken(self, *, at: str | None = None, **facts: object) -> Finding:
        """The finding that this rule is broken at the field `at`, with the facts in its sentences."""
        return Finding(
            code=self.code,
            severity=self.severity,
            message=self.message.format_map(facts),
            solution=self.solution.format_map(facts),
            field=at,
            facts={name: _fact(fact) for name, fact in facts.items()},
        )


def _fact(fact: object) -> str:
    match fact:
        case Labelled():
            return fact.code
        case date():
            return fact.isoformat()
        case _:
            return str(fact)


def by_code(rules: Iterable[Rule]) -> dict[str, Rule]:
    """The rules by their codes. ValueError if two share one."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if found.setdefault(rule.code, rule) is not rule:
            raise ValueError(f"two rules bear the code {rule.code}")
    return found


MOST_FINDINGS = 100


def listed(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """At most 100 findings: if there are more, the errors first, and a last one that says so (MSG-021).

    A body may break more rules than fit into one Kafka message.
    """
    if len(findings) <= MOST_FINDINGS:
        return tuple(findings)
    worst_first = sorted(findings, key=lambda finding: finding.severity is Severity.WARNING)
    return (*worst_first[: MOST_FINDINGS - 1], MORE_FINDINGS.broken(limit=MOST_FINDINGS - 1))


NOT_JSON = Rule("MSG-001", "The body is not a JSON object: {problem}.", "Send a JSON object in UTF-8.")
FIELD_INVALID = Rule(
    "MSG-002",
    "The field cannot be read: {problem}.",
    "Correct the field; see {where}.",
)
FIELD_UNKNOWN = Rule("MSG-003", "The command has no such field.", "Remove the field, or correct its name.")
FIELD_MISSING = Rule("MSG-004", "The field is missing.", "Fill in the field.")
KEY_WRONG = Rule(
    "MSG-005",
    "The message's key is not {subject}, the subject that its body names.",
    "Send the command with the key {subject}.",
)
COMMAND_UNKNOWN = Rule("MSG-006", "No command of that name is known here.", "Use one of: {known}.")
NEVER_CAME = Rule(
    "MSG-007",
    "The fact that the command waited for did not arrive in time.",
    "Do what the other finding says, then send the command again under a new id.",
)
BEHIND = Rule(
    "MSG-008",
    "An earlier command about the same subject is still held.",
    "Nothing to do: the service decides the command after the earlier one.",
    severity=Severity.WARNING,
)
DEFECT = Rule(
    "MSG-009",
    "The service keeps the command, because a defect of the system stopped it.",
    "Nothing to do: the service decides the command when the defect is fixed.",
    severity=Severity.WARNING,
)
QUEUE_FULL = Rule(
    "MSG-010",
    "Too many commands about the same subject are held ({limit}).",
    "Wait for their outcomes, then send the command again under a new id.",
)
ID_REUSED = Rule("MSG-011", "Another command already has this id.", "Give each command its own id.")
TOO_LARGE = Rule("MSG-012", "The body is larger than {limit} bytes.", "Send a smaller body.")
RECORD_TOO_LARGE = Rule(
    "MSG-013",
    "The record would grow larger than {limit} bytes.",
    "Shorten its longest texts, then send the command again under a new id.",
)
NO_SUCH_PATH = Rule(
    "MSG-014", "The service cannot serve this address: {problem}.", "See /docs for its addresses."
)
NO_OUTCOME = Rule(
    "MSG-015",
    "The service has no outcome for this command id.",
    "If you sent the command a moment ago, ask again. Otherwise send it: the service has not received it.",
)
NOT_AVAILABLE = Rule(
    "MSG-016",
    "Kafka has not confirmed the command.",
    "Send the command again in a minute, under the same id.",
)
NOT_NOW = Rule("MSG-018", "The service's database does not answer.", "Ask again in a minute.")
QUERY_DEFECT = Rule(
    "MSG-020", "A defect of the system stopped the request.", "Tell the operator of the system at what time."
)
NUL_CHARACTER = Rule("MSG-019", "A text contains a NUL character.", "Remove the character.")
MORE_FINDINGS = Rule(
    "MSG-021",
    "There are more findings than the {limit} listed here.",
    "Correct the listed findings, then send the command again under a new id.",
)
SCHEMA_OTHER = Rule(
    "MSG-041",
    "The header 'ce_dataschema' does not name {known}, the version that this service reads.",
    "Send the body as {known} with 'ce_dataschema' `urn:ser:schema:{known}`, or leave the header out.",
)
WRONG_PARTITION = Rule(
    "MSG-042",
    "The message is in partition {partition}, but its key belongs in partition {expected} of {partitions}.",
    "Let the client choose the partition by murmur2 of the key, as the Java client does (in librdkafka:"
    " `partitioner=murmur2_random`). contracts/partitions.json has test keys.",
)
ID_TAKEN = Rule(
    "MSG-024",
    "A record of another subject has the id {id}.",
    "Choose a new UUID for each record.",
)
OPERATOR_REFUSED = Rule(
    "MSG-045",
    "An operator refused the command: {reason}.",
    "Do what the reason says, then send the command again under a new id.",
)
NOT_HELD = Rule(
    "MSG-046",
    "The service holds no such message.",
    "See `GET /held`. If the message was a command, read its outcome.",
)
STILL_HELD = Rule(
    "MSG-047",
    "The service could not do this; it still holds the message.",
    "Try again in a minute. If it fails again, see the service's log.",
)
AWAITED = Rule(
    "MSG-048",
    "No operator can refuse {event}: the outcome of a command follows from it.",
    "Correct the code, then retry the message (`ser held retry`).",
)
NO_DRY_RUN = Rule(
    "MSG-052",
    "Nothing was done: only a command has a dry run.",
    "Send the request without the preference `dry-run`.",
    fields=("prefer",),
)
IN_THE_FUTURE = Rule(
    "MSG-049",
    "{day} is after today.",
    "Correct the date, or record this when it has happened.",
)
ID_MERGED = Rule(
    "MSG-050",
    "{student_id} was merged into {current_id}.",
    "Send the command for {current_id}, under a new id.",
    fields=("student_id",),
)
ID_WITHDRAWN = Rule(
    "MSG-051",
    "Nobody bears the State ID {student_id}: eScholar has retired it.",
    "Find the person in eScholar under another State ID.",
    fields=("student_id",),
)
ID_INVALID = Rule(
    "MSG-017", "The command id is not a UUID.", "Send a UUID, or send none and the service makes one."
)

RULE_UNKNOWN = Rule(
    "MSG-032",
    "This service has no rule with the code {code}.",
    "See `GET /rules` for its rules. Each service has the rules of its own commands.",
)
PARAMETER_UNKNOWN = Rule(
    "MSG-030", "This address has no such parameter.", "Remove it, or use one of: {known}."
)
REVISION_MOVED = Rule(
    "MSG-031",
    "The record has changed since revision {seen}: it is at revision {now}.",
    "Read the record again, then send your change for revision {now} under a new id.",
    fields=("on_revision",),
)
PARAMETER_TWICE = Rule("MSG-025", "The request has the parameter twice.", "Send it once.")
BODY_ENCODED = Rule(
    "MSG-026",
    "The body is encoded: its `Content-Encoding` is {encoding}.",
    "Send the body as it is, without `Content-Encoding`.",
)
BODY_TYPE = Rule(
    "MSG-027", "The body's `Content-Type` is {type}.", "Send JSON, with the type application/json."
)
IDS_DIFFER = Rule(
    "MSG-028",
    "The headers `Command-Id` and `Idempotency-Key` differ.",
    "Send one of them, or the same UUID in both.",
    fields=("idempotency-key",),
)
DECIDED_ELSEWHERE = Rule(
    "MSG-029",
    "This service does not decide {command}; {service} does.",
    "Post the command to {service}, or put it on the topic {service}.commands.",
)
NOT_UTF8 = Rule("MSG-022", "The body is in {encoding}, not in UTF-8.", "Save it as UTF-8, then send it.")
FIELD_TWICE = Rule(
    "MSG-023",
    "One object has the field twice, the second time at {place}.",
    "Keep one of the two.",
)

TOKEN_MISSING = Rule(
    "ACC-001",
    "This needs a token, but the request or command has none.",
    "Sign in and send the token: over HTTP as `Authorization: Bearer …`, on Kafka in the header `token`."
    " On your own test system, `ser token` makes one.",
)
TOKEN_INVALID = Rule(
    "ACC-002",
    "The token is not a signed token (JWT), or its signature is wrong.",
    "Sign in again at the issuer that this system trusts, and send the token unchanged.",
)
TOKEN_EXPIRED = Rule(
    "ACC-003",
    "The token had expired when it arrived.",
    "Sign in again. Then send the request with the new token; a command under a new id.",
)
TOKEN_KEY_UNKNOWN = Rule(
    "ACC-006",
    "The issuer signed the token with a key that this system does not know.",
    "Sign in again at the issuer that this system trusts.",
)
TOKEN_ISSUER = Rule(
    "ACC-007",
    "The token comes from another issuer: its `iss` is not {issuer}.",
    "Sign in again at the issuer that this system trusts.",
)
TOKEN_AUDIENCE = Rule(
    "ACC-008",
    "The token is for another system: its `aud` does not name {audience}.",
    "Ask the issuer for a token for {audience}.",
)
TOKEN_NOT_YET = Rule(
    "ACC-009",
    "The token is not valid yet: its `nbf` or `iat` is later than the message.",
    "Send the request again when the token is valid; a command under a new id. If it should be valid now,"
    " set the issuer's clock.",
)
TOKEN_TOO_LONG = Rule(
    "ACC-010",
    "The token is valid for more than {hours} hours.",
    "Ask the issuer for tokens with a shorter lifetime.",
)
TOKEN_CLAIM = Rule(
    "ACC-011",
    "The token's claim `{claim}` is missing or cannot be read.",
    "Ask the issuer to add the claim. An LEA has three characters, such as 017; the state is LA.",
)
TOKEN_NO_ROLE = Rule(
    "ACC-012",
    "The token names no role that this system knows.",
    "Ask your LEA's security coordinator for one of: {known}.",
)
TOKEN_PREFIXED = Rule(
    "ACC-013",
    "The token begins with the word `Bearer`.",
    "On Kafka, send the token alone in the header `token`. Over HTTP, write `Bearer` once.",
)
TOKEN_TOO_LARGE = Rule(
    "ACC-014", "The token is larger than {limit} bytes.", "Ask the issuer for tokens with fewer claims."
)
ROLE_MISSING = Rule(
    "ACC-004",
    "This needs the role {role}.",
    "Ask your LEA's security coordinator for the role.",
    fields=("lea", "scope"),
)
NOT_OWNER = Rule(
    "ACC-005",
    "The student is in the jurisdiction of {owner}.",
    "Claim jurisdiction first, or ask {owner} to do this.",
)

NOT_ADDED = Rule(
    "REC-001",
    "Nobody has added this student to the special-education record.",
    "Find the person in eScholar by State ID, then add the student.",
    fields=("student_id",),
)
NOT_CLAIMED = Rule(
    "REC-002",
    "No LEA has jurisdiction over the student.",
    "Claim jurisdiction first.",
    fields=("student_id",),
)
BEFORE_BIRTH = Rule("REC-003", "{day} is before the student was born.", "Correct the date.")
TOO_FAR_AHEAD = Rule("REC-004", "{day} is more than a year after today.", "Correct the date.")
SSN_SHAPED = Rule(
    "REC-005",
    "The field seems to contain a Social Security number.",
    "Remove the number. SER keeps no Social Security numbers, real or made up.",
)
LEA_UNKNOWN = Rule(
    "REC-006",
    "{lea} is not an LEA of the state.",
    "Sign in for an LEA of the code list (contracts/codes/leas.csv).",
    fields=("lea",),
)
STATE_NO_LEA = Rule(
    "REC-007",
    "The state office is not an LEA: it cannot add or claim students.",
    "Sign in for an LEA.",
)

NEVER_SHARED = Rule(
    "REC-008",
    "{student_id} and {to} were never mixed up: nobody split or merged them.",
    "Check both State IDs. If two persons shared one, have eScholar split it first.",
    fields=("to", "other"),
)
SAME_STUDENT = Rule(
    "REC-009",
    "The record is assigned to the State ID under which it stands.",
    "Name the State ID of the other person.",
    fields=("to",),
)
NEITHER_STUDENT = Rule(
    "REC-010",
    "Your LEA has and had neither of the two students.",
    "Ask the Secure ID manager of an LEA that has one of them, or of the state.",
    fields=("student_id",),
)

RETIRED = frozenset(
    (
        *("STU-003", "STU-005", "STU-006", "STU-008", "STU-009"),
        *("JUR-001", "JUR-002", "JUR-008", "JUR-009", "JUR-011", "JUR-012", "JUR-015"),
        *("IEP-001", "IEP-003", "IEP-004", "IEP-005", "IEP-019"),
        *("PRO-001", "PRO-002", "PRO-007", "PRO-009", "PRO-010"),
    )
)
"""The codes of deleted rules. No new rule may use them."""

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
