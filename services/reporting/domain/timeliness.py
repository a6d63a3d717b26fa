"""Whether a case is in its timeline, and the summary of many cases.

A case belongs to the period in which its due date lies. A completion in another month does not move it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import median_low

from contracts.counting import Calendars, Clock
from services.reporting.domain.life import Life
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value


class Status(StrEnum):
    """The verdict on a case."""

    IN = "IN"
    LATE = "OUT-LATE"
    OVERDUE = "OUT-OVERDUE"
    PENDING = "PENDING"
    EXCLUDED = "EXCLUDED"
    LEFT_OUT = "left out"


class Level(StrEnum):
    """How far down a summary goes."""

    STATE = "state"
    LEA = "LEA"
    SCHOOL = "school"
    COORDINATOR = "coordinator"


NOT_ASSIGNED = "not assigned"
_LEVELS: Mapping[Level, tuple[str, ...]] = {
    Level.STATE: (),
    Level.LEA: ("lea",),
    Level.SCHOOL: ("lea", "school"),
    Level.COORDINATOR: ("lea", "school", "coordinator"),
}
_LABELS = {"lea": "LEA", "school": "School", "coordinator": "Coordinator"}


@dataclass(frozen=True)
class Case:
    """A case before it is judged.

    `block`: cases of different blocks are never mixed. `completed_on`: blank if it is open on the day of the
    question. `ended_on`: when the case ended otherwise. `excluded`: the code of the rule that excludes it.
    """

    block: str
    due_on: date
    completed_on: date | None
    clock: Clock = Clock.CALENDAR_DAYS
    excluded: str | None = None
    ended_on: date | None = None
    more: Mapping[str, Value] = field(default_factory=dict)


def status_of(due_on: date, completed_on: date | None, as_of: date) -> Status:
    """The status of a case that nothing excludes. Completed on the due date: in."""
    if completed_on is not None and completed_on <= as_of:
        return Status.IN if completed_on <= due_on else Status.LATE
    return Status.OVERDUE if as_of > due_on else Status.PENDING


def days_late(case: Case, as_of: date, calendars: Calendars) -> int:
    """The days after the due date, up to and including the completion, or else the day of the question."""
    ends = [day for day in (case.completed_on, case.ended_on, as_of) if day is not None and day <= as_of]
    return max(0, -calendars.days_left(case.clock, min(ends), case.due_on))


def judged(life: Life, case: Case, as_of: date, calendars: Calendars) -> Judged:
    """A case as a row. Its LEA and school are the owner's on the key date.

    Key date: the earlier of the due date and the day on which the case ended; of an open case that is not due
    yet, the day asked about.
    """
    status = Status.EXCLUDED if case.excluded else status_of(case.due_on, case.completed_on, as_of)
    key_on = min(day for day in (case.due_on, case.completed_on, case.ended_on, as_of) if day is not None)
    late = days_late(case, as_of, calendars) if status in (Status.LATE, Status.OVERDUE) else None
    return Judged(
        life.student_id,
        str(status),
        case.excluded,
        {
            **placed(life, key_on),
            "block": case.block,
            "due_on": case.due_on,
            "completed_on": case.completed_on,
            "days_late": late,
            **case.more,
        },
    )


def left_out(life: Life, reason: str, day: date, **values: Value) -> Judged:
    """A student or case that a rule leaves out."""
    return Judged(life.student_id, str(Status.LEFT_OUT), reason, {**placed(life, day), **values})


def placed(life: Life, key_on: date) -> dict[str, Value]:
    """The owner, the school and the coordinator on the key date."""
    spell = life.owner_on(key_on)
    return {
        "lea": spell.lea if spell else None,
        "school": spell.school_on(key_on) if spell else None,
        "coordinator": life.coordinator() or NOT_ASSIGNED,
        "key_on": key_on,
    }


def percent(part: int, whole: int, decimals: int = 1) -> str:
    """A percentage, half rounded up; `-` if there is nothing to divide by."""
    if whole == 0:
        return "-"
    scaled = (2 * 100 * part * 10**decimals + whole) // (2 * whole)
    units, rest = divmod(scaled, 10**decimals)
    return f"{units}.{rest:0{decimals}d}" if decimals else str(units)


def groups_of(tally: Tally, level: Level) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """The rows of a summary: each level down to the given one, then the total, with the values of each."""
    for names in (names for one, names in _LEVELS.items() if names and _depth(one) <= _depth(level)):
        found = set(tally.groups(*names))
        found |= {(lea,) for lea in tally.leas if names == ("lea",)}
        for group in sorted(found, key=lambda group: tuple(str(value or "") for value in group)):
            where = dict(zip(names, group, strict=True))
            if where["lea"] is not None:
                yield _LABELS[names[-1]], where
    yield "Total", {}


def _depth(level: Level) -> int:
    return list(_LEVELS).index(level)


LEVEL_COLUMNS = (
    Column("level", "Level"),
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
)
_STATUSES = (Status.IN, Status.LATE, Status.OVERDUE, Status.PENDING, Status.EXCLUDED)


def summary(tally: Tally, level: Level, block: str, title: str) -> Table:
    """The numbers of one block of cases: by status, the percentage in the timeline, and how late."""
    columns = (
        *LEVEL_COLUMNS,
        *(Column(str(one), str(one), Kind.COUNT, {"verdict": str(one)}) for one in _STATUSES),
        Column("percent", "Percent in", Kind.PERCENT),
        Column("median", "Median days late", Kind.NUMBER),
        Column("largest", "Largest days late", Kind.NUMBER),
    )
    rows = tuple(_row(tally, label, {**where, "block": block}) for label, where in groups_of(tally, level))
    return Table(block, title, columns, rows)


def _row(tally: Tally, label: str, where: Mapping[str, Value]) -> Row:
    numbers = [tally.count({**where, "verdict": str(one)}) for one in _STATUSES]
    inside, late, overdue, *_ = numbers
    days = sorted(_late(tally, where))
    middle, most = (median_low(days), days[-1]) if days else (None, None)
    values = (label, *place_of(where), *numbers, percent(inside, inside + late + overdue), middle, most)
    return Row(values, where)


def _late(tally: Tally, where: Mapping[str, Value]) -> Iterator[int]:
    for (late, *values), number in tally.groups("days_late", *where).items():
        if isinstance(late, int) and values == [*where.values()]:
            yield from [late] * number


def by_level(tally: Tally, level: Level, name: str, title: str, counted: Sequence[Column]) -> Table:
    """A table with a row for each group of each level, and these columns, each of which counts."""
    rows = [
        Row((label, *place_of(where), *counts(tally, where, counted)), where)
        for label, where in groups_of(tally, level)
    ]
    return Table(name, title, (*LEVEL_COLUMNS, *counted), tuple(rows))


def place_of(where: Mapping[str, Value]) -> tuple[Value, ...]:
    """LEA, school and coordinator of a group; blank if the group is larger."""
    return (where.get("lea"), where.get("school"), where.get("coordinator"))


def counts(tally: Tally, where: Mapping[str, Value], counted: Sequence[Column]) -> Iterator[int]:
    """The numbers of a row: of each column that counts."""
    return (tally.count({**where, **column.where}) for column in counted)


def reasons_table(
    tally: Tally, reasons: Sequence[str], title: str = "Left out or excluded, by reason"
) -> Table:
    """How many rows each rule leaves out. All rows: those in the report, and these."""
    columns = (Column("reason", "Reason", Kind.CODE), Column("rows", "Rows", Kind.COUNT))
    found = [Row((code, tally.count({"reason": code})), {"reason": code}) for code in reasons]
    found.append(Row(("in the report", tally.count({"reason": None})), {"reason": None}))
    return Table("reasons", "Left out or excluded, by reason", columns, tuple(found))
