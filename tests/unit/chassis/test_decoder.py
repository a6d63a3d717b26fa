"""The decoder checks a message's headers, schema and partition."""

import base64
import json
from typing import Any, cast
from uuid import uuid4

from pydantic import SecretStr

from contracts.envelope import SCHEMA_URN
from contracts.identity import IdentityAssigned
from contracts.jurisdiction import RegisterSchoolSites
from contracts.message import Command, Event
from contracts.partitions import partition_of
from contracts.students import StudentAdded
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import RawMessage, ReceivedCommand, ReceivedEvent, Unreadable
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from services.chassis.publishing.effects import Outgoings
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.students.app import SERVICE as STUDENTS
from tests.unit.chassis.memory_service import NOON, MemoryService, claim, jurisdiction, student_added
from tests.unit.scenario import STUDENT, actor
from tests.unit.students.events import assigned

HERE = partition_of(STUDENT, 24)
ELSEWHERE = (HERE + 1) % 24


class _Trusting:
    """Takes any token."""

    def read(self, *_: object) -> Any:
        return actor()


def decoder(service: Any = JURISDICTION, before: str = "", partitions: int | None = 24) -> Decoder:
    """A service's decoder, where every topic has 24 partitions."""
    settings = Settings(database=SecretStr(""), token_keys="", earlier_partitions=before)
    return Decoder(service, settings, cast(Tokens, _Trusting()), lambda topic: partitions)


def raw(message: Command | Event, topic: str, *, partition: int = HERE, **headers: str | None) -> RawMessage:
    """A message with the usual headers and these additional ones."""
    envelope = {"ce_id": str(uuid4()), "ce_type": type(message).__name__, "ce_sequence": "1"} | headers
    texts = tuple((name, value if value is None else value.encode()) for name, value in envelope.items())
    body = message.model_dump_json().encode()
    return RawMessage(topic, partition, 7, message.subject.encode(), body, texts, NOON)


def claim_message(**more: Any) -> RawMessage:
    """A claim on the command topic."""
    return raw(claim(), "jurisdiction.commands", **more)


def codes(item: object) -> list[str]:
    """The codes of the findings for which the service refuses the command."""
    assert isinstance(item, ReceivedCommand)
    return [finding.code for finding in item.findings]


def test_the_schema_of_a_command() -> None:
    """The refusal of a command with another version names the known version."""
    assert codes(decoder()(claim_message(ce_dataschema=SCHEMA_URN + "ClaimJurisdiction.v1"))) == []
    for other in ("ClaimJurisdiction.v2", "TransferSchool.v1"):
        item = decoder()(claim_message(ce_dataschema=SCHEMA_URN + other))
        assert codes(item) == ["MSG-041"]
        assert isinstance(item, ReceivedCommand)
        assert "ClaimJurisdiction.v1" in item.findings[0].message


def test_the_schema_of_an_event() -> None:
    """An event of an unknown version becomes a dead letter that names the known version."""
    event = raw(student_added(), "StudentAdded", ce_dataschema=SCHEMA_URN + "StudentAdded.v2")
    item = decoder()(event)
    assert isinstance(item, Unreadable)
    assert "StudentAdded.v1" in item.reason
    assert isinstance(decoder()(raw(student_added(), "StudentAdded")), ReceivedEvent)


def test_a_command_in_another_partition() -> None:
    """The service refuses a command in the wrong partition, because it could overtake an earlier command
    about the same student. The refusal says how to hash the key."""
    item = decoder()(claim_message(partition=ELSEWHERE))
    assert codes(item) == ["MSG-042"]
    assert isinstance(item, ReceivedCommand)
    assert "murmur2" in item.findings[0].solution
    assert f"{HERE} of 24" in item.findings[0].message
    assert codes(decoder()(claim_message(partition=HERE))) == []


def test_a_command_with_another_key() -> None:
    """A command about an LEA that has a student's key is refused, and told its own key."""
    command = RegisterSchoolSites(lea="017", sites=())
    item = decoder()(raw(command, "jurisdiction.commands")._replace(key=STUDENT.encode()))
    assert codes(item) == ["MSG-005"]
    assert isinstance(item, ReceivedCommand)
    assert "lea/017" in item.findings[0].solution


def test_an_identity_in_another_partition() -> None:
    """An identity in the wrong partition becomes a dead letter. A service accepts its own events in any
    partition."""
    identity = assigned()
    assert isinstance(identity, IdentityAssigned)
    there = partition_of(identity.subject, 24)
    item = decoder(STUDENTS)(raw(identity, "IdentityAssigned", partition=(there + 1) % 24))
    assert isinstance(item, Unreadable)
    assert item.reason.startswith("MSG-042")
    assert isinstance(decoder(STUDENTS)(raw(identity, "IdentityAssigned", partition=there)), ReceivedEvent)
    added = student_added()
    assert isinstance(added, StudentAdded)
    assert isinstance(decoder()(raw(added, "StudentAdded", partition=ELSEWHERE)), ReceivedEvent)


def test_partitions_that_were_added() -> None:
    """After partitions were added, the service still reads messages in the partition that was
    right before."""
    before = partition_of(STUDENT, 4)
    assert before != HERE
    assert codes(decoder()(claim_message(partition=before))) == ["MSG-042"]
    assert codes(decoder(before="4")(claim_message(partition=before))) == []
    assert codes(decoder(before="4").again(claim_message(partition=ELSEWHERE), None)) == []
    assert codes(decoder(partitions=None)(claim_message(partition=ELSEWHERE))) == []
    assert codes(decoder(partitions=HERE)(claim_message(partition=HERE))) == []


def test_a_stranger_s_headers() -> None:
    """A gateway's own headers do no harm, without a value or in an unknown encoding."""
    record = claim_message()
    strange = record._replace(headers=(*record.headers, ("x-request-id", None), ("x-bin", b"\xff\xfe")))
    assert codes(decoder()(strange)) == []


def test_a_dead_letter_holds_no_token() -> None:
    """A dead letter holds no token, so its reader cannot act as the sender."""
    record = claim_message(
        token="a.secret.token", Authorization="Bearer a.secret.token", correlation="a-transfer"
    )
    out = Outgoings(jurisdiction(), "").dead_letter(record, "no value")
    letter = json.loads(out.value)
    assert base64.b64encode(b"a.secret.token").decode() not in out.value
    headers = {name: base64.b64decode(value) for name, value in letter["headers"]}
    assert headers["token"] == headers["Authorization"] == b""
    assert headers["ce_type"] == b"ClaimJurisdiction"


def test_a_dead_letter_names_its_conversation() -> None:
    """A dead letter repeats the correlation id of the unreadable message."""
    record = claim_message(correlation="a-transfer")
    headers = json.loads(Outgoings(jurisdiction(), "").dead_letter(record, "no value").headers)
    caused_by = dict(record.headers)["ce_id"]
    assert caused_by is not None
    assert headers[8:10] == ["a-transfer", caused_by.decode()]
    nameless = record._replace(headers=(("ce_id", b"\xff\n"), ("correlation", None)))
    assert json.loads(Outgoings(jurisdiction(), "").dead_letter(nameless, "no value").headers)[8:10] == [
        None,
        None,
    ]


def test_a_sender_learns_what_was_wrong_with_the_record() -> None:
    """The outcome of a refused command names the known schema, or the right partition of its key."""
    for more, code in (
        ({"ce_dataschema": SCHEMA_URN + "ClaimJurisdiction.v2"}, "MSG-041"),
        ({"partition": ELSEWHERE}, "MSG-042"),
    ):
        service, item = MemoryService(), decoder()(claim_message(**more))
        assert isinstance(item, ReceivedCommand)
        service.process(item)
        assert code in service.store.ledger[item.id].body
