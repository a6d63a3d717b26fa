"""Old and new code understand each other's messages."""

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contracts import examples, schemas
from contracts.catalog import Kind
from contracts.compatibility import breaks
from contracts.schemas import ENTRIES
from tests.contracts.instances import instances

COMMITTED = {schema_id: schemas.committed(schema_id) for schema_id in ENTRIES}
EXAMPLES = [
    pytest.param(schema_id, body, id=name)
    for schema_id in ENTRIES
    for name, body in examples.every(schema_id).items()
]
BY_KIND = {Kind.COMMAND: "ClaimJurisdiction.v1", Kind.EVENT: "StudentClaimed.v1"}


def validator(schema_id: str) -> Draft202012Validator:
    """Checks bodies with the committed schema alone."""
    return Draft202012Validator(COMMITTED[schema_id] or {}, format_checker=FormatChecker())


@cache
def shapes(schema_id: str) -> st.SearchStrategy[Any]:
    """Messages of every shape that the model permits today."""
    return instances(schemas.generated(ENTRIES[schema_id]))


@pytest.mark.parametrize(("schema_id", "body"), EXAMPLES)
def test_old_message_new_code(schema_id: str, body: Any) -> None:
    """Today's code reads every earlier example of a message without loss."""
    message = ENTRIES[schema_id].model.model_validate(body)
    assert message.model_dump(mode="json") == body


@pytest.mark.parametrize(("schema_id", "body"), EXAMPLES)
def test_examples_fit_their_schema(schema_id: str, body: Any) -> None:
    """Every example fits its schema."""
    validator(schema_id).validate(body)


@pytest.mark.parametrize("schema_id", ENTRIES)
@settings(
    max_examples=8, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_new_message_old_schema(schema_id: str, data: st.DataObject) -> None:
    """Every message of today fits the committed schema."""
    model = ENTRIES[schema_id].model
    message = model.model_validate(data.draw(shapes(schema_id)))
    body = json.loads(message.model_dump_json())
    validator(schema_id).validate(body)
    assert model.model_validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_every_message_has_an_example(schema_id: str) -> None:
    """Every message has an example."""
    assert examples.every(schema_id), f"write contracts/examples/{schema_id}.json"


def test_no_stray_examples() -> None:
    """Every example belongs to a message of the catalog."""
    names = [path.name for path in examples.FOLDER.glob("*.json")]
    assert not [name for name in names if examples.schema_id_of(name) not in ENTRIES]


@pytest.mark.parametrize(("schema_id", "body"), EXAMPLES)
def test_unknown_fields(schema_id: str, body: Any) -> None:
    """A command with a field nobody knows is refused; an event with one is read as if it were not there.

    That is a decision: services are upgraded before the systems that send them commands, so a field a service
    does not know is a mistake. Readers of events are upgraded whenever they are, so they must not mind.
    """
    model, strange = ENTRIES[schema_id].model, body | {"favourite_colour": "green"}
    if ENTRIES[schema_id].kind is Kind.COMMAND:
        with pytest.raises(ValidationError, match="favourite_colour"):
            model.model_validate(strange)
        assert not validator(schema_id).is_valid(strange)
    else:
        assert model.model_validate(strange) == model.model_validate(body)
        assert validator(schema_id).is_valid(strange)


Change = Callable[[dict[str, Any]], object]


def changed(schema_id: str, change: Change) -> list[str]:
    """The breaks that a change of a schema causes."""
    old = schemas.generated(ENTRIES[schema_id])
    new = copy.deepcopy(old)
    change(new)
    assert new != old
    return breaks(old, new, ENTRIES[schema_id].kind)


def rename(schema: dict[str, Any], field: str, name: str) -> None:
    """The schema with a field under another name."""
    schema["properties"][name] = schema["properties"].pop(field)
    schema["required"] = [name if needed == field else needed for needed in schema["required"]]


BREAKING: dict[str, Change] = {
    "removing a field": lambda s: s["properties"].pop("local_student_id"),
    "removing a required field": lambda s: (
        s["properties"].pop("begin_on"),
        s["required"].remove("begin_on"),
    ),
    "renaming a field": lambda s: rename(s, "begin_on", "starts_on"),
    "making a field required": lambda s: s["required"].append("local_student_id"),
    "adding a required field": lambda s: (
        s["properties"].update(reason={"type": "string"}),
        s["required"].append("reason"),
    ),
    "narrowing a type": lambda s: s["properties"].update(local_student_id={"type": "null"}),
    "another type": lambda s: s["properties"]["begin_on"].update(type="integer"),
    "another format": lambda s: s["properties"]["begin_on"].update(format="date-time"),
    "a pattern that refuses more": lambda s: s["properties"]["student_id"].update(pattern="^[0-9]{9}$"),
    "a shorter text": lambda s: s["properties"]["student_id"].update(maxLength=9),
    "a longer text": lambda s: s["properties"]["student_id"].update(minLength=11),
    "another default": lambda s: s["properties"]["local_student_id"].update(default="none"),
}


@pytest.mark.parametrize("schema_id", BY_KIND.values())
@pytest.mark.parametrize("change", BREAKING)
def test_breaking_changes_are_caught(schema_id: str, change: str) -> None:
    """The generator finds changes that would break running programs."""
    assert changed(schema_id, BREAKING[change])


NARROWING: dict[str, tuple[str, Change]] = {
    "narrowing an enumeration": (
        "RecordParentDecision.v1",
        lambda s: s["$defs"]["ParentDecision"]["enum"].remove("no response"),
    ),
    "narrowing a code list": ("AddService.v1", lambda s: codes(s).remove("SPE")),
    "removing a field of a part": ("AddService.v1", lambda s: terms(s)["properties"].pop("sessions")),
    "requiring a field of a part": ("AddService.v1", lambda s: terms(s)["required"].append("recipient")),
    "a lower maximum": ("AddService.v1", lambda s: terms(s)["properties"]["sessions"].update(maximum=5)),
    "a higher minimum": ("AddService.v1", lambda s: terms(s)["properties"]["sessions"].update(minimum=2)),
    "removing one of several forms": (
        "IEPContentsMadeOfficial.v1",
        lambda s: s["properties"]["forms"]["items"]["oneOf"].pop(),
    ),
    "more items at least": ("StudentClaimed.v1", lambda s: s["properties"]["schools"].update(minItems=2)),
    "other items": (
        "StudentClaimed.v1",
        lambda s: s["properties"]["schools"].update(items={"type": "string"}),
    ),
}


def terms(schema: dict[str, Any]) -> Any:
    """The schema of a service's terms."""
    return schema["$defs"]["ServiceTerms"]


def codes(schema: dict[str, Any]) -> list[str]:
    """The service codes."""
    listed: list[str] = terms(schema)["properties"]["service_code"]["enum"]
    return listed


@pytest.mark.parametrize("change", NARROWING)
def test_narrowing_is_caught(change: str) -> None:
    """A change that makes a service refuse earlier messages is a break."""
    schema_id, mutate = NARROWING[change]
    assert changed(schema_id, mutate)


WIDENING: dict[str, Change] = {
    "a new value": lambda s: s["$defs"]["TransferState"]["enum"].append("withdrawn"),
    "blank where there was always a value": lambda s: s["properties"].update(
        to_lea={"anyOf": [s["properties"]["to_lea"], {"type": "null"}]}
    ),
    "left out where it was always there": lambda s: s["required"].remove("to_lea"),
    "anything where it had a form": lambda s: s["properties"]["to_lea"].pop("pattern"),
}


@pytest.mark.parametrize("change", WIDENING)
def test_widening_an_event_is_caught(change: str) -> None:
    """An event cannot get values that earlier readers cannot read. A command can, after its service knows
    them."""
    assert all("old code" in why for why in changed("TransferRequested.v1", WIDENING[change]))
    assert changed("TransferRequested.v1", WIDENING[change])
    old = schemas.generated(ENTRIES["TransferRequested.v1"])
    new = copy.deepcopy(old)
    WIDENING[change](new)
    assert breaks(old, new, Kind.COMMAND) == []


HARMLESS: dict[str, Change] = {
    "adding an optional field": lambda s: s["properties"].update(
        reason={"anyOf": [{"type": "string", "maxLength": 200}, {"type": "null"}], "default": None}
    ),
    "saying more of a field": lambda s: s["properties"]["begin_on"].update(description="The first day."),
    "the fields in another order": lambda s: s.update(properties=dict(reversed(s["properties"].items()))),
}


@pytest.mark.parametrize("schema_id", BY_KIND.values())
@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_changes_pass(schema_id: str, change: str) -> None:
    """A message may get a new optional field."""
    if change == "the fields in another order":
        old = schemas.generated(ENTRIES[schema_id])
        new = old | {"properties": dict(reversed(old["properties"].items()))}
        assert breaks(old, new, ENTRIES[schema_id].kind) == []
    else:
        assert changed(schema_id, HARMLESS[change]) == []


def test_code_lists_may_grow() -> None:
    """A new service code needs no new version of the messages that carry it."""
    assert changed("ServiceAdded.v1", lambda s: codes(s).append("NEW")) == []
    assert changed("AddService.v1", lambda s: codes(s).append("NEW")) == []


def test_a_change_nobody_has_thought_of() -> None:
    """The generator refuses a kind of change that it does not know."""
    with pytest.raises(NotImplementedError, match="multipleOf"):
        changed("StudentClaimed.v1", lambda s: s["properties"]["revision"].update(multipleOf=2))
