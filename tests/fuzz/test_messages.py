"""Whatever is sent as a message is read as what it is, or refused with the reason; nothing else happens."""

import json
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contracts import schemas
from contracts.catalog import CATALOG
from contracts.message import Message
from contracts.schemas import ENTRIES
from services.chassis.decoding.messages import ReceivedCommand, Unreadable
from tests.fuzz.amount import Progress, amount, trying
from tests.fuzz.bodies import (
    CANARY,
    CHANGES,
    EDITS,
    SMALL_VALUES,
    Change,
    Edit,
    changed,
    edited,
    permitted,
    spelt,
)
from tests.fuzz.judging import read_by
from tests.fuzz.kafka_messages import STUDENT, Headers, Senders, raw_message, readers

SMALL = 8
EACH_MESSAGE = pytest.mark.parametrize("schema_id", ENTRIES)
COMMAND_ID = "8bca4144-71fa-5edb-a764-f2bc755c9e32"

_NAMES = st.sampled_from(
    (
        "ce_id",
        "ce_type",
        "ce_sequence",
        "token",
        "traceparent",
        "correlation",
        "ce_subject",
        CANARY,
        "",
        "\x00",
    )
)
_TEXTS = SMALL_VALUES.filter(lambda value: isinstance(value, str)).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
_VALUES = st.one_of(
    st.none(),
    st.binary(max_size=40),
    _TEXTS,
    st.just(b"9" * 12),
    st.just(b"x" * 20_000),
    st.uuids().map(lambda u: str(u).encode()),
)
BROKEN_HEADERS = st.lists(st.tuples(_NAMES, _VALUES), max_size=4).map(tuple)
MANY_HEADERS = st.sampled_from((1_000, 20_000)).map(lambda many: (("", b""),) * many)
KEYS = st.sampled_from((STUDENT.encode(), None, b"", b"\xff", CANARY.encode(), b"1000000002"))
BEARERS = st.sampled_from(("owner", "other LEA", "reader", "state", "nobody", "forger"))


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a record: in its body, in how it is spelt, beside it, and with its sender."""

    changes: list[Change]
    edit: Edit
    ascii_only: bool
    key: bytes | None
    headers: Headers
    who: str


MISTAKE = st.builds(
    Mistake,
    CHANGES,
    EDITS,
    st.booleans(),
    KEYS,
    st.one_of(st.just(()), st.just(()), BROKEN_HEADERS, MANY_HEADERS),
    BEARERS,
)
MISTAKES = 4


@cache
def validator(schema_id: str) -> Draft202012Validator:
    """Judges bodies as somebody does who has the committed schema and nothing else of SER."""
    return Draft202012Validator(schemas.committed(schema_id) or {}, format_checker=FormatChecker())


def round_trip(schema_id: str, body: bytes) -> bool:
    """Whether the bytes are a message; if they are, it survives being written and read again."""
    model = ENTRIES[schema_id].model
    try:
        message = model.model_validate_json(body)
    except ValidationError:
        return False
    written = message.model_dump_json()
    assert model.model_validate_json(written) == message
    assert model.model_validate_json(written).model_dump_json() == written
    validator(schema_id).validate(json.loads(written))
    return True


@EACH_MESSAGE
def test_messages_survive_their_journey(schema_id: str, senders: Senders) -> None:
    """Whatever a message may say, it says the same after it was written and read, and those it is for read
    it."""
    progress = Progress(f"{schema_id} in order", amount(SMALL))
    meant_for = [
        (entry, reader) for entry in CATALOG if entry.schema_id == schema_id for reader in readers(entry)
    ]

    @trying(SMALL)
    @given(permitted(ENTRIES[schema_id]))
    def journey(body: dict[str, object]) -> None:
        progress.step()
        assert round_trip(schema_id, spelt(body))
        for entry, service in meant_for:
            about = entry.model.subject_in(body) if issubclass(entry.model, Message) else None
            key = (about or "").encode()
            raw = raw_message(entry, key, spelt(body), senders.headers(entry, COMMAND_ID))
            item = read_by(senders.decoders[service.name], raw, service)
            assert not isinstance(item, Unreadable), item.reason
            assert not isinstance(item, ReceivedCommand) or not item.findings

    journey()


@EACH_MESSAGE
def test_mistakes_are_found(schema_id: str, senders: Senders) -> None:
    """Whatever comes near to a message is one that can be passed on, a refused command or a dead letter, and
    no word of it is told."""
    progress = Progress(f"{schema_id} with mistakes", amount(SMALL))
    meant_for = [
        (entry, reader) for entry in CATALOG if entry.schema_id == schema_id for reader in readers(entry)
    ]

    @trying(SMALL, at_once=MISTAKES)
    @given(permitted(ENTRIES[schema_id]), st.lists(MISTAKE, min_size=MISTAKES, max_size=MISTAKES))
    def journey(body: object, mistakes: list[Mistake]) -> None:
        progress.step(MISTAKES)
        for mistake in mistakes:
            value = edited(spelt(changed(body, mistake.changes), ascii_only=mistake.ascii_only), mistake.edit)
            round_trip(schema_id, value)
            for entry, service in meant_for:
                headers = (*mistake.headers, *senders.headers(entry, COMMAND_ID, mistake.who))
                raw = raw_message(entry, mistake.key, value, headers)
                read_by(senders.decoders[service.name], raw, service)

    journey()
