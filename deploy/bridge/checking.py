"""Checks each row of a file of identity changes before anything is sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid5

from contracts.catalog import BRIDGE, Entry, events
from contracts.message import Event
from contracts.social_security import numbers_in
from deploy.bridge.files import NAME, Row
from deploy.bridge.keeping import Said
from services.chassis.decoding.bodies import read_body

_IDS = UUID("5f0a3c5c-6d2e-5b2e-9a53-0b7f6f1d2c11")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, in which field, and what to do."""

    message: str
    solution: str
    field: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A row with its message, or with its problems. `again`: an earlier row says the same."""

    row: Row
    entry: Entry | None = None
    event: Event | None = None
    problems: tuple[Problem, ...] = ()
    again: bool = False

    @property
    def id(self) -> str:
        """The id of the message: the same content gets the same id whenever it is sent."""
        assert self.event is not None
        return str(uuid5(_IDS, f"{type(self.event).__name__} {self.event.model_dump_json()}"))


def check(rows: Iterable[Row]) -> Iterator[Checked]:
    """Each row, checked alone and against the rows before it."""
    known, said = events(BRIDGE), Said()
    for row in rows:
        checked = _alone(row, known)
        yield _beside(checked, said) if checked.event is not None else checked


def _alone(row: Row, known: dict[str, Entry]) -> Checked:
    if row.wrong is not None:
        return Checked(row, problems=(Problem(row.wrong.message, row.wrong.solution, code=row.wrong.code),))
    if row.name not in known:
        what = f"There is no message {row.name!r}." if row.name else "The row names no message."
        return Checked(row, problems=(Problem(what, f"The messages are: {', '.join(known)}.", NAME),))
    entry = known[row.name]
    read = read_body(entry.model, row.body, f"contracts/schemas/{entry.schema_id}.json")
    findings = read if isinstance(read, tuple) else tuple(numbers_in(read))
    if findings or isinstance(read, tuple):
        problems = (Problem(one.message, one.solution, one.field or "", one.code) for one in findings)
        return Checked(row, entry, problems=tuple(problems))
    return Checked(row, entry, cast("Event", read))  # the entry is an event's


def _beside(checked: Checked, said: Said) -> Checked:
    """eScholar counts what it says of a State ID: each number stands for one message."""
    event = checked.event
    assert event is not None
    earlier = said.before(event.subject, event.revision, checked.id)
    if earlier in (None, checked.id):
        return Checked(checked.row, checked.entry, event, again=earlier is not None)
    problem = Problem(
        f"An earlier row says something else of {event.subject} under revision {event.revision}.",
        "Give each change of a State ID the next revision.",
        "revision",
    )
    return Checked(checked.row, checked.entry, problems=(problem,))
