"""Every message has a telling name and description."""

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from inspect import getmembers, isclass
from typing import Any, ClassVar

import pytest

from contracts import (
    activities,
    attachments,
    calendars,
    catalog,
    evaluations,
    examples,
    forms,
    heartbeat,
    identity,
    ieps,
    jurisdiction,
    outcome,
    provision,
    state_ids,
    students,
)
from contracts.catalog import CATALOG, Entry, Kind
from contracts.message import Command, Event, Message, Record, Value
from contracts.schemas import ENTRIES, generated

MODULES = (
    activities,
    attachments,
    calendars,
    evaluations,
    forms,
    heartbeat,
    identity,
    ieps,
    jurisdiction,
    outcome,
    provision,
    state_ids,
    students,
)
COMMANDS = [entry for entry in CATALOG if entry.kind is Kind.COMMAND]
EVENTS = [entry for entry in CATALOG if entry.kind is Kind.EVENT]
IRREGULAR = {
    "Made",
    "Begun",
    "Won",
    "Lost",
    "Split",
    "Withdrawn",
    "Written",
    "Sent",
    "Held",
    "Taken",
    "Given",
}
SAYS_NOTHING = {"Updated", "Changed", "Modified", "Processed", "Handled"}
METADATA = {
    *("id", "event_id", "message_id", "type", "time", "timestamp", "sequence", "correlation"),
    *("correlation_id", "causation", "causation_id", "traceparent", "trace_id", "token", "schema", "version"),
}


def name(entry: Entry) -> str:
    """The test id of a catalog entry."""
    return entry.name


def words(message: str) -> list[str]:
    """The words of a name: `MakeIEPOfficial` has three."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", message)


def past(word: str) -> bool:
    """Whether a word is the participle of an event's name."""
    return word.endswith("ed") or word in IRREGULAR


@pytest.mark.parametrize("entry", COMMANDS, ids=name)
def test_commands_are_wishes(entry: Entry) -> None:
    """A command's name begins with a verb and has at least two words."""
    first, *rest = words(entry.name)
    assert rest, "a command is verb and noun"
    assert not past(first), "a command is a wish, not a fact"
    assert not first.endswith(("ing", "ion", "s")), "a command begins with its verb"


@pytest.mark.parametrize("entry", EVENTS, ids=name)
def test_events_are_past(entry: Entry) -> None:
    """An event's name ends with a participle of the trade, never *Updated*."""
    _, *rest = words(entry.name)
    assert any(past(word) for word in rest), f"{entry.name} says nothing that has happened"
    assert not SAYS_NOTHING & set(rest), f"{entry.name}: say what happened"


def test_names_and_topics_are_unique() -> None:
    """No two messages share a name; no two events a topic; commands of one service share one topic."""
    named = [entry.name for entry in (*COMMANDS, *EVENTS)]
    assert not [message for message, times in Counter(named).items() if times > 1]
    topics = Counter(entry.base_topic for entry in CATALOG if entry.kind is not Kind.COMMAND)
    assert not [topic for topic, times in topics.items() if times > 1]
    assert not {entry.base_topic for entry in COMMANDS} & topics.keys()


@pytest.mark.parametrize("entry", EVENTS, ids=name)
def test_events_have_topics_of_their_own(entry: Entry) -> None:
    """Each event has its own topic, named after it."""
    assert issubclass(entry.model, Event)
    assert entry.base_topic == catalog.topic_of(entry.model)
    assert entry.topic("trial.") == f"trial.{entry.base_topic}"


class StudentClaimedV2(jurisdiction.Spell, Event):
    """A second version of an event."""

    version: ClassVar[int] = 2


def test_versions_have_topics_of_their_own() -> None:
    """A second version of an event has its own topic, beside the first, about the same record."""
    first, second = jurisdiction.StudentClaimed, StudentClaimedV2
    assert [catalog.topic_of(event) for event in (first, second)] == ["StudentClaimed", "StudentClaimed.v2"]
    assert [event.schema_id() for event in (first, second)] == ["StudentClaimed.v1", "StudentClaimed.v2"]
    assert first.kind == second.kind


@pytest.mark.parametrize("entry", [*COMMANDS, *EVENTS], ids=name)
def test_messages_are_about_one_subject(entry: Entry) -> None:
    """Every message is about one subject, and its class names the subject's required fields."""
    assert issubclass(entry.model, Message)
    fields = entry.model.subject_fields()
    assert fields
    assert all(entry.model.model_fields[field].is_required() for field in fields)
    body = examples.example(entry.schema_id)
    assert entry.model.subject_in(body) == entry.model.model_validate(body).subject


def test_nothing_is_left_out_of_the_catalog() -> None:
    """Every defined message is in the catalog."""
    defined = {
        model
        for module in MODULES
        for _, model in getmembers(module, isclass)
        if issubclass(model, Command | Event) and hasattr(model, "subject_form")
    }
    assert defined == {entry.model for entry in (*COMMANDS, *EVENTS)}


def test_owners() -> None:
    """A service owns each message; the eScholar bridge owns the identities."""
    assert {entry.owner for entry in CATALOG} == {*catalog.SERVICES, catalog.BRIDGE}
    assert {entry.name for entry in CATALOG if entry.owner == catalog.BRIDGE} == {
        event.__name__ for event in identity.EVENTS
    }


def test_kinds_are_unique() -> None:
    """Two models of records never have the same kind."""
    kinds = {entry.model.stored_as() for entry in EVENTS if issubclass(entry.model, Event)}
    assert max(Counter(model.kind for model in kinds).values()) == 1


@pytest.mark.parametrize("entry", EVENTS, ids=name)
def test_an_event_is_the_state_of_a_thing(entry: Entry) -> None:
    """An event has the whole state of one record, so a reader needs no other event."""
    assert issubclass(entry.model, Event)
    record = entry.model.stored_as()
    assert issubclass(record, Record)
    assert record.model_fields.keys() <= entry.model.model_fields.keys()
    assert record is not entry.model, "the record is a model of its own, which its events share"


def documented() -> Iterator[type[Any]]:
    """All models and enumerations of the messages."""
    for module in MODULES:
        for _, found in getmembers(module, isclass):
            if found.__module__ == module.__name__ and issubclass(found, Value | StrEnum):
                yield found


@pytest.mark.parametrize("model", list(documented()), ids=lambda model: model.__name__)
def test_everything_has_a_meaning(model: type[Any]) -> None:
    """Every message, part and choice has a sentence with its meaning."""
    sentence = vars(model).get("__doc__") or ""
    assert sentence.rstrip().endswith((".", "?")), f"{model.__name__} needs a docstring of its own"


def fields(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema and of its parts, with the path to it."""
    for part in (node, *node.get("$defs", {}).values()):
        for field, schema in part.get("properties", {}).items():
            yield f"{part['title']}.{field}", schema


@pytest.mark.parametrize("entry", COMMANDS, ids=name)
def test_texts_of_commands_are_limited(entry: Entry) -> None:
    """Every text of a command has a form, a list of values, or a longest length."""
    limits = {"pattern", "format", "enum", "const", "maxLength"}
    for path, field in fields(generated(entry)):
        for choice in field.get("anyOf", [field]):
            schema = choice.get("items", choice)
            assert schema.get("type") != "string" or limits & schema.keys(), f"{path} has no limit"


@pytest.mark.parametrize("schema_id", [entry.schema_id for entry in (*COMMANDS, *EVENTS)])
def test_no_metadata_in_bodies(schema_id: str) -> None:
    """No body has metadata, which is in the headers."""
    found = generated(ENTRIES[schema_id])["properties"].keys() & METADATA
    assert not found, f"{schema_id} carries {found}; that belongs in the envelope"
