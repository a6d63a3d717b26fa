"""Random histories of one student: commands and events in any order, some late, repeated or wrong."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from contracts import examples
from contracts.calendars import PublishCalendar
from contracts.catalog import Entry, Kind
from contracts.jurisdiction import RegisterSchoolSites
from services.chassis.hosting.definition import ServiceDefinition
from tests.fuzz.bodies import CHANGE, Change, changed, permitted
from tests.fuzz.kafka_messages import STUDENT

_NAMES = tuple(str(UUID(int=number)) for number in range(1, 8))
_LEAS = ("017", "017", "017", "026", "ZZZ")
_DAYS = tuple(date(2017, 8, 21) + timedelta(days=days) for days in (-6000, -90, -11, -1, 0, 1, 30, 400))
_EXTREMES = (date.min, date.max, date(2016, 2, 29), date(2000, 2, 29), date(9990, 1, 1), date(1582, 10, 10))
_MOST_STEPS = 24
_MISTAKES = st.lists(CHANGE, min_size=1, max_size=2)
_SENDERS = {"other LEA": "026"}


@dataclass(frozen=True)
class Sent:
    """A sent message: its sender, and whether it ends its batch. `changes` are mistakes in its body.

    `names` rotates the ids in the body, so that messages name the same records by chance. `later` moves its
    dates by so many days. `fresh` gives an event a revision newer than all before.
    """

    entry: Entry
    body: Any
    who: str
    names: int
    later: int
    fresh: bool
    changes: Sequence[Change]
    closes: bool


@dataclass(frozen=True)
class Repeat:
    """A duplicate of an earlier message."""

    which: int


@dataclass(frozen=True)
class Wait:
    """Time passes; the service retries due messages. `retry_defects`: as after a restart with newer code."""

    seconds: int
    retry_defects: bool


Step = Sent | Repeat | Wait


def histories(service: ServiceDefinition) -> st.SearchStrategy[list[Step]]:
    """Histories of one student, as messages to a service."""
    sent = st.sampled_from(service.consumed).flatmap(_sent)
    commands = st.sampled_from(list(service.commands.values())).flatmap(_sent)
    repeat = st.builds(Repeat, st.integers(0, 50))
    wait = st.builds(Wait, st.sampled_from((0, 1, 61)), st.booleans())
    steps = st.lists(st.one_of(commands, sent, commands, repeat, wait), min_size=1, max_size=_MOST_STEPS)
    return st.builds(lambda begun, then: [*begun, *then], st.sampled_from(_openings(service)), steps)


@cache
def _sent(entry: Entry) -> st.SearchStrategy[Sent]:
    shown = examples.example(entry.schema_id)
    return st.builds(
        Sent,
        st.just(entry),
        st.integers(0, 2).flatmap(lambda chance: st.just(shown) if chance else permitted(entry)),
        st.sampled_from(("owner",) * 10 + (*("other LEA",) * 6, "reader", "state", "nobody", "forger")),
        st.sampled_from((0, 0, 0, 1, 2, 3)),
        st.sampled_from((0, 0, 0, 30, 45)),
        st.booleans(),
        st.integers(0, 5).flatmap(lambda chance: st.just(()) if chance else _MISTAKES),
        st.booleans(),
    )


def _openings(service: ServiceDefinition) -> list[list[Step]]:
    """No message; or all events that the service reads, then the first commands in the order of the trade.

    Without those after which another State ID stands for the student: then every command is refused.
    """
    events = [
        entry
        for entry in service.consumed
        if entry.kind is Kind.EVENT
        and not entry.name.startswith(("Transfer", "JurisdictionEnded"))
        and not entry.name.endswith(("Merged", "Separated", "Retired", "Moved"))
    ]
    commands = [entry for entry in service.commands.values() if not entry.name.startswith("Remove")]
    openings = [[], events, *([*events, *commands[:length]] for length in range(1, len(commands) + 1))]
    return [[_example(entry) for entry in opening] for opening in openings]


def _example(entry: Entry) -> Sent:
    who = "state" if entry.model in (RegisterSchoolSites, PublishCalendar) else "owner"
    return Sent(entry, examples.example(entry.schema_id), who, 0, 0, True, (), True)


def message_id(number: int) -> str:
    """The id of the `number`th message of a history."""
    return str(UUID(int=1_000 + number))


def body_of(sent: Sent, number: int) -> Any:
    """The body of a message about the student. Its ids, LEAs and days come from short lists and recur."""
    made_up = sent.body not in examples.every(sent.entry.schema_id).values()
    body = _walk(sent.body, lambda key, value: _settled(key, value, sent, made_up))
    if "student_id" in sent.entry.model.model_fields:
        body["student_id"] = STUDENT
    if sent.entry.model is RegisterSchoolSites and not made_up:
        (site,) = body["sites"]
        body["on_revision"] = None
        body["sites"] = [{**site, "school": f"{body['lea']}00{place}"} for place in range(3)]
    if "claim_id" in body:  # a claim has the id of its command, which was sent shortly before
        body["claim_id"] = message_id(max(0, number - 1 - sent.names))
    if "revision" in body:
        body["revision"] = number + 2 if sent.fresh else 1 + body["revision"] % 3
    return changed(body, sent.changes) if sent.changes else body


def _walk(node: Any, change: Callable[[str, Any], Any], key: str = "") -> Any:
    match node:
        case dict():
            return {name: _walk(value, change, name) for name, value in node.items()}
        case list():
            return [_walk(value, change, key) for value in node]
        case _:
            return change(key, node)


def _settled(key: str, value: Any, sent: Sent, made_up: bool) -> Any:
    if not isinstance(value, str):
        return value
    if key in ("lea", "from_lea", "to_lea", "added_by"):
        return _LEAS[_number(value) % len(_LEAS)]
    if key == "school":
        lea = _SENDERS.get(sent.who, "017") if sent.names < 3 else _LEAS[_number(value) % len(_LEAS)]
        return f"{lea}00{_number(value) % 3}"
    if key.endswith("_on"):
        day = _day(value) if made_up else date.fromisoformat(value) + timedelta(days=sent.later)
        return day.isoformat()
    if (key.endswith("_id") and len(value) == len(_NAMES[0])) or key == "amends" or key == "from_spell":
        return _NAMES[(_number(value) + sent.names) % len(_NAMES)]
    return value


def _day(text: str) -> date:
    number = _number(text)
    return _EXTREMES[number % len(_EXTREMES)] if number % 10 == 0 else _DAYS[number % len(_DAYS)]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=2).digest(), "big")
