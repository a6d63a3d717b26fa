"""Rules with names, and what is said when one is broken. A code is never used again for another rule.

The rules below hold in every service: `MSG` for messages, `ACC` for access, `REC` for the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field

from contracts.codes import Labelled
from contracts.message import Value


class Severity(StrEnum):
    """`error` stands in the way, `warning` may be passed."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Value):
    """A broken rule, as its user reads it: what is wrong, where, and what to do about it."""

    code: str = Field(pattern=r"^[A-Z]{3}-[0-9]{3}$", description="Stable code of the rule.")
    severity: Severity
    message: str = Field(description="What is wrong.")
    solution: str = Field(description="What to do about it.")
    field: str | None = Field(default=None, description="Where: the field of the command, dotted.")
    facts: Mapping[str, str] = Field(
        default={},
        description="What the sentences mention, by name: dates as 2018-01-08, codes without their labels,"
        " numbers as text. A screen shows dates in its reader's form, and links an LEA.",
    )

    def __hash__(self) -> int:
        return hash((self.code, self.message, self.field))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the trade or of the post: code, severity, sentence and solution (with {facts} to fill in),
    and its source."""

    code: str
    message: str
    solution: str
    source: str = "project"
    severity: Severity = Severity.ERROR

    def broken(self, *, at: str | None = None, **facts: object) -> Finding:
        """The finding that says this rule is broken at the field `at`, with the facts filled into its
        sentences."""
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
    """The findings, as many as one answer may hold; of more, errors first, and the last says that there are.

    A body may break more rules than fit into a message that Kafka takes.
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
    "The record's key is not the student's State ID.",
    "Send the command with the State ID as its key.",
)
COMMAND_UNKNOWN = Rule("MSG-006", "No command of that name is known here.", "Use one of: {known}.")
NEVER_CAME = Rule(
    "MSG-007",
    "What the command was waiting for did not arrive in time.",
    "See to what is named beside this finding, then send the command again under a new id.",
)
BEHIND = Rule(
    "MSG-008",
    "An earlier command for this student is still waiting.",
    "Nothing to do: the command is taken up in its turn.",
    severity=Severity.WARNING,
)
DEFECT = Rule(
    "MSG-009",
    "The command met a defect of the system and is kept.",
    "Nothing to do: it is taken up again, in its turn, when the defect is mended.",
    severity=Severity.WARNING,
)
QUEUE_FULL = Rule(
    "MSG-010",
    "Too many commands are waiting for this student ({limit}).",
    "Wait for their outcomes, then send the command again.",
)
ID_REUSED = Rule(
    "MSG-011", "The command id was used before, for another command.", "Give each command an id of its own."
)
TOO_LARGE = Rule("MSG-012", "The body is larger than {limit} bytes.", "Send a smaller one.")
RECORD_TOO_LARGE = Rule(
    "MSG-013",
    "The record would grow larger than {limit} bytes.",
    "Shorten its longest texts, then send the command again.",
)
NO_SUCH_PATH = Rule(
    "MSG-014", "The address cannot be served: {problem}.", "See /docs for the addresses there are."
)
NO_OUTCOME = Rule(
    "MSG-015",
    "No outcome is known under this command id.",
    "If the command was sent a moment ago, ask again; otherwise send it, it was not received.",
)
NOT_AVAILABLE = Rule(
    "MSG-016",
    "Kafka has not confirmed the command.",
    "Send the command again, under the same id, in a while.",
)
NOT_NOW = Rule("MSG-018", "The service's database does not answer now.", "Ask again in a while.")
QUERY_DEFECT = Rule(
    "MSG-020", "The question met a defect of the system.", "Tell who runs the system when it happened."
)
NUL_CHARACTER = Rule("MSG-019", "A text holds a NUL character.", "Remove it; it is nothing anybody can read.")
MORE_FINDINGS = Rule(
    "MSG-021",
    "More is wrong than is listed: only the first {limit} findings are.",
    "Correct what is listed, then send the command again under a new id.",
)
SCHEMA_OTHER = Rule(
    "MSG-041",
    "The header 'ce_dataschema' does not name {known}, the version that is known here.",
    "Send the body as {known} with 'ce_dataschema' `urn:ser:schema:{known}`, or leave the header out.",
)
WRONG_PARTITION = Rule(
    "MSG-042",
    "The record is in partition {partition}, but its key belongs in partition {expected} of {partitions}.",
    "Let the client choose the partition by murmur2 of the key, as the Java client does (librdkafka:"
    " `partitioner=murmur2_random`). Keys to try it with are in contracts/partitions.json.",
)
ID_TAKEN = Rule(
    "MSG-024",
    "Another subject's record bears the id {id}.",
    "Choose a new UUID for each record; nobody else may have used it.",
)
OPERATOR_REFUSED = Rule(
    "MSG-045",
    "An operator refused the command: {reason}.",
    "Do what the reason says, then send the command again under a new id.",
)
NOT_HELD = Rule(
    "MSG-046",
    "The service holds no such message.",
    "Look at `GET /held`. If the message was a command, its outcome says what became of it.",
)
STILL_HELD = Rule(
    "MSG-047",
    "The message is still held: the service could not carry this out.",
    "Try again in a while. If this comes again, look into the service's log.",
)
ID_INVALID = Rule("MSG-017", "The command id is not a UUID.", "Send a UUID, or leave it out to be given one.")

PARAMETER_UNKNOWN = Rule(
    "MSG-030", "The address has no such parameter.", "Remove it, or use what there is: {known}."
)
REVISION_MOVED = Rule(
    "MSG-031",
    "The record has changed since revision {seen}: it is at revision {now}.",
    "Look at the record again, then send your change for revision {now} under a new id.",
)
PARAMETER_TWICE = Rule("MSG-025", "The parameter is given twice.", "Give it once.")
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
)
DECIDED_ELSEWHERE = Rule(
    "MSG-029",
    "This service does not decide {command}; {service} does.",
    "Post the command to {service}, or put it on the topic {service}.commands.",
)
NOT_UTF8 = Rule(
    "MSG-022", "The body is written in {encoding}, not in UTF-8.", "Save it as UTF-8, then send it."
)
FIELD_TWICE = Rule(
    "MSG-023",
    "The field is given twice in one object, the second time at {place}.",
    "Keep one of the two.",
)

TOKEN_MISSING = Rule(
    "ACC-001",
    "This needs a token, and none came with it.",
    "Sign in, and send the token: over HTTP as `Authorization: Bearer …`, on Kafka in the header `token`."
    " For a system of your own, `ser token` makes one.",
)
TOKEN_INVALID = Rule(
    "ACC-002",
    "The token is no signed token (JWT), or its signature is wrong.",
    "Sign in again at the issuer this system trusts, and send the token as it is.",
)
TOKEN_EXPIRED = Rule(
    "ACC-003",
    "The token had expired when it arrived.",
    "Sign in again, then send it again with the new token.",
)
TOKEN_KEY_UNKNOWN = Rule(
    "ACC-006",
    "The token is signed with a key that this system does not know.",
    "Sign in again at the issuer this system trusts.",
)
TOKEN_ISSUER = Rule(
    "ACC-007",
    "The token is from another issuer: its `iss` is not {issuer}.",
    "Sign in again at the issuer this system trusts.",
)
TOKEN_AUDIENCE = Rule(
    "ACC-008",
    "The token is meant for another system: its `aud` does not name {audience}.",
    "Ask the issuer for a token for {audience}.",
)
TOKEN_NOT_YET = Rule(
    "ACC-009",
    "The token is not good yet: its `nbf` or `iat` is later than the message.",
    "Send the message again when it is. If it should be now, set the clock of the issuer.",
)
TOKEN_TOO_LONG = Rule(
    "ACC-010",
    "The token is good for more than {hours} hours.",
    "Ask the issuer for tokens with a shorter life.",
)
TOKEN_CLAIM = Rule(
    "ACC-011",
    "The token's claim `{claim}` is missing or cannot be read.",
    "Have the issuer put it into its tokens. An LEA has three characters, such as 017; the state is LA.",
)
TOKEN_NO_ROLE = Rule(
    "ACC-012",
    "The token names no role that this system knows.",
    "Ask your LEA's security coordinator for one of: {known}.",
)
TOKEN_PREFIXED = Rule(
    "ACC-013",
    "The word `Bearer` stands before the token where it does not belong.",
    "On Kafka, put the token alone into the header `token`; over HTTP, write `Bearer` once.",
)
TOKEN_TOO_LARGE = Rule(
    "ACC-014", "The token is larger than {limit} bytes.", "Ask the issuer for tokens with fewer claims."
)
ROLE_MISSING = Rule(
    "ACC-004", "This needs the role {role}.", "Ask your LEA's security coordinator for the role."
)
NOT_OWNER = Rule(
    "ACC-005",
    "The student is in the jurisdiction of {owner}.",
    "Claim jurisdiction first, or ask {owner} to do it.",
)

NOT_ADDED = Rule(
    "REC-001",
    "Nobody has added this student to the special-education record.",
    "Find the person in eScholar by State ID and add the student.",
)
NOT_CLAIMED = Rule("REC-002", "No LEA has jurisdiction of the student.", "Claim jurisdiction first.")
BEFORE_BIRTH = Rule("REC-003", "{day} is before the student was born.", "Correct the date.")
TOO_FAR_AHEAD = Rule("REC-004", "{day} is more than a year after today.", "Correct the date.")
SSN_SHAPED = Rule(
    "REC-005",
    "The field holds what looks like a Social Security number.",
    "Take the number out. This record keeps no Social Security numbers, real or made up.",
)
LEA_UNKNOWN = Rule(
    "REC-006",
    "{lea} is not an LEA of the state.",
    "Sign in for one of the state's LEAs, as the code list has them (contracts/codes/leas.csv).",
)
STATE_NO_LEA = Rule(
    "REC-007",
    "The state office is not an LEA: it adds no students and claims none.",
    "Sign in for an LEA.",
)

RETIRED = frozenset(
    (
        *("STU-003", "STU-005", "STU-006", "STU-008", "STU-009"),
        *("JUR-001", "JUR-002", "JUR-008", "JUR-009", "JUR-011", "JUR-012", "JUR-015"),
        *("IEP-001", "IEP-003", "IEP-004", "IEP-005"),
        *("PRO-001", "PRO-002", "PRO-007", "PRO-009", "PRO-010"),
    )
)
"""Codes of rules that are gone. No rule gets one of them again."""

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
