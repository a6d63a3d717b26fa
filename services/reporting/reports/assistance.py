"""Technical assistance needs by analysis: timeliness, trend, refusals and caseload of each LEA."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.counting import Calendars
from contracts.dates import ZONE
from services.reporting.domain import rules
from services.reporting.domain.assistance import Found, InTime, Lea, Limits, State, needs, tenths
from services.reporting.domain.evaluation_cases import evaluation_cases
from services.reporting.domain.iep_cases import iep_cases
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period, month_of, months_later
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.domain.timeliness import NOT_ASSIGNED, Status, placed, reasons_table
from services.reporting.queries.lives import LIVES
from services.reporting.queries.moment import today
from services.reporting.reports.cases import reasons
from services.reporting.reports.report import Asked, Parameters, Report

_MONTHS = 12
_CASELOAD = "caseload"
_NOW, _BEFORE = "these twelve months", "a year before"
_OF_NOW: Mapping[str, Value] = {"year": _NOW}
_STATUSES = (Status.IN, Status.LATE, Status.OVERDUE, Status.PENDING, Status.EXCLUDED)
_DUE = (Status.IN, Status.LATE, Status.OVERDUE)
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("block", "Kind"),
    Column("month", "Month"),
    Column("due_on", "Due", Kind.DAY),
    Column("completed_on", "Completed", Kind.DAY),
    Column("days_late", "Days late", Kind.NUMBER),
    Column("delay_reason", "Reason of the delay"),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("year", "Twelve months"),
)
_OF_A_CASE = ("lea", "school", "block", "due_on", "completed_on", "days_late", "delay_reason")
_REFUSALS = text(f"""
SELECT sender_lea AS lea, code, count(*) AS commands FROM refusals
WHERE at >= CAST(:first AS date)::timestamp AT TIME ZONE '{ZONE}'
    AND at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE '{ZONE}'
    AND at <= CAST(:known_at AS timestamptz) AND sender_lea IS NOT NULL
GROUP BY 1, 2
""")


Refused = Mapping[tuple[str, str, str], int]
"""The number of refused commands by year, LEA and rule."""


class OfLimits(Parameters):
    """The parameters: when a number is a need."""

    cases: int = Field(
        default=10,
        ge=1,
        le=10_000,
        title="Fewest cases",
        description="A need rests on at least as many due cases, or refused commands.",
    )
    percent: int = Field(
        default=90,
        ge=1,
        le=100,
        title="Percent in time",
        description="A kind of case with fewer in time is a need.",
    )


def _period(as_of: date) -> Period:
    """The twelve months that end with the month of the day."""
    month = month_of(as_of)
    return Period(months_later(month.first, 1 - _MONTHS), month.last)


def _months(as_of: date) -> Sequence[str]:
    first = _period(as_of).first
    return [f"{months_later(first, later):%Y-%m}" for later in range(_MONTHS)]


async def _refused(database: AsyncConnection, asked: OfLimits) -> Refused:
    """The refused commands of the twelve months, and of those before."""
    found = dict[tuple[str, str, str], int]()
    for year, as_of in _years(asked.as_of or today()).items():
        given = {
            "first": _period(as_of).first,
            "last": as_of,
            "known_at": asked.known_at or datetime.now(UTC),
        }
        rows = (await database.execute(_REFUSALS, given)).all()
        found |= {(year, row.lea, row.code): row.commands for row in rows}
    return found


def _years(as_of: date) -> Mapping[str, date]:
    """The day, and the same day a year before."""
    return {_NOW: as_of, _BEFORE: months_later(as_of, -_MONTHS)}


def _judge(row: Mapping[str, object], asked: Asked[OfLimits]) -> Iterator[Judged]:
    """The student's cases that are due in the twelve months, and the student on the day. In an LEA's own run
    also those of the twelve months before, as they were then."""
    life = Life.of(row)
    for year, as_of in _years(asked.as_of).items():
        if year == _NOW or asked.lea:
            yield from _of_year(life, year, as_of, asked.calendars)


def _of_year(life: Life, year: str, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    period = _period(as_of)
    for one in chain(
        evaluation_cases(life, period, as_of, calendars), iep_cases(life, period, as_of, calendars)
    ):
        if one.verdict in _STATUSES:
            values: dict[str, Value] = {name: one.value(name) for name in _OF_A_CASE}
            month = f"{one.value('due_on')}"[:7]
            yield one._replace(values=values | {"month": month, "coordinator": None, "year": year})
    if life.in_special_education(as_of) and life.owner_on(as_of):
        held = placed(life, as_of)
        values = {"lea": held["lea"], "school": held["school"], "coordinator": held["coordinator"]}
        yield Judged(life.student_id, _CASELOAD, None, values | {"year": year})


def _state(tally: Tally, asked: Asked[OfLimits]) -> State:
    """The numbers by LEA. An LEA's own run has no number of another LEA, but its own of a year before."""
    found: dict[str, dict[str, Lea]] = {_NOW: {}, _BEFORE: {}}
    for values, number in tally.each():
        if values["lea"] is not None:
            code, leas = str(values["lea"]), found[str(values["year"])]
            _add(leas.setdefault(code, Lea(code)), values, number)
    for (year, lea, code), commands in asked.loaded.items():
        if lea in found[year]:
            found[year][lea].refused[code] += commands
    return State(found[_NOW], found[_BEFORE])


def _add(one: Lea, values: Mapping[str, Value], number: int) -> None:
    if values["verdict"] == _CASELOAD:
        one.students += number
        if values["coordinator"] == NOT_ASSIGNED:
            one.unassigned += number
        else:
            one.coordinators.add(str(values["coordinator"]))
    elif values["verdict"] in _DUE:
        inside = number if values["verdict"] == Status.IN else 0
        one.add(str(values["block"]), str(values["month"]), InTime(inside, number))
    else:
        one.add(str(values["block"]), str(values["month"]), InTime())


def _tables(tally: Tally, asked: Asked[OfLimits]) -> Sequence[Table]:
    state, months = _state(tally, asked), _months(asked.as_of)
    limits = Limits(asked.parameters.cases, asked.parameters.percent)
    counted = _counted(tally)
    own = asked.lea is not None
    numbers = (
        _timeliness(state, counted, own),
        _trend(state, months, counted),
        _by_rule(state, own),
        _caseloads(state, own),
    )
    found = _needs(needs(state, months, limits), {table.name: table for table in numbers})
    return (found, *numbers, reasons_table(tally, list(ASSISTANCE.reasons)))


Counts = Mapping[tuple[Value, ...], int]
"""The number of rows by LEA, kind, month and verdict. None in place of a kind or month: all."""


def _counted(tally: Tally) -> Counts:
    found: Counter[tuple[Value, ...]] = Counter()
    for values, number in tally.each():
        lea, verdict = values["lea"], values["verdict"]
        if values["year"] == _NOW:
            found[lea, values["block"], None, verdict] += number
            found[lea, None, values["month"], verdict] += number
    return found


def _status_columns(statuses: Iterable[Status]) -> tuple[Column, ...]:
    return tuple(Column(str(one), str(one), Kind.COUNT, {"verdict": str(one)}) for one in statuses)


def _year_before(own: bool, label: str) -> tuple[Column, ...]:
    """The column with the number of a year before, in an LEA's own run."""
    return (Column("before", f"{label} a year before", Kind.PERCENT),) if own else ()


def _timeliness(state: State, counted: Counts, own: bool) -> Table:
    """A row for each LEA and kind of case."""
    columns = (
        Column("lea", "LEA", Kind.CODE),
        Column("block", "Kind"),
        *_status_columns(_STATUSES),
        Column("percent", "Percent in", Kind.PERCENT),
        *_BESIDE,
        Column("others percent", "Percent of the others", Kind.PERCENT),
        *_year_before(own, "Percent"),
    )
    rows = []
    for one in _in_order(state):
        for kind, cases in sorted(one.kinds.items()):
            beside = state.in_time(one, kind)
            numbers = [counted.get((one.lea, kind, None, str(status)), 0) for status in _STATUSES]
            shown = (tenths(cases.share, 100), one.size, beside.leas, tenths(beside.value, 100))
            before = (tenths(state.year_before(one).kinds.get(kind, InTime()).share, 100),) * own
            where = {"lea": one.lea, "block": kind, **_OF_NOW}
            rows.append(Row((one.lea, kind, *numbers, *shown, *before), where))
    return Table("timeliness", "Timeliness by kind, of twelve months", columns, tuple(rows))


_BESIDE = (
    Column("size", "Size"),
    Column("others", "Other LEAs of this size", Kind.NUMBER),
)


def _trend(state: State, months: Sequence[str], counted: Counts) -> Table:
    """A row for each LEA and month, those without cases too."""
    columns = (
        Column("lea", "LEA", Kind.CODE),
        Column("month", "Month", Kind.CODE),
        *_status_columns(_DUE),
        Column("percent", "Percent in", Kind.PERCENT),
    )
    rows = [
        Row(
            (
                one.lea,
                month,
                *(counted.get((one.lea, None, month, str(status)), 0) for status in _DUE),
                tenths(one.months.get(month, InTime()).share, 100),
            ),
            {"lea": one.lea, "month": month, **_OF_NOW},
        )
        for one in _in_order(state)
        for month in months
    ]
    return Table("trend", "Trend: all kinds, by month", columns, tuple(rows))


def _by_rule(state: State, own: bool) -> Table:
    """The ten rules of each LEA that refused most commands."""
    columns = (
        Column("lea", "LEA", Kind.CODE),
        Column("rule", "Rule", Kind.CODE),
        Column("commands", "Refused commands", Kind.NUMBER),
        Column("per 100", "For each 100 students", Kind.PERCENT),
        *_BESIDE,
        Column("others per 100", "The others, for each 100 students", Kind.PERCENT),
        *_year_before(own, "For each 100 students"),
    )
    rows = []
    for one in _in_order(state):
        for code, commands in one.refusals():
            beside = state.refused(one, code)
            often = tenths(one.refused_by(code), 100)
            shown = (commands, often, one.size, beside.leas, tenths(beside.value, 100))
            before = (tenths(state.year_before(one).refused_by(code), 100),) * own
            rows.append(Row((one.lea, code, *shown, *before), {"lea": one.lea}))
    return Table("refusals", "Causes of errors: rules that refused commands", columns, tuple(rows))


def _caseloads(state: State, own: bool) -> Table:
    """A row for each LEA. It has averages, and no coordinator's own number."""
    held: Mapping[str, Value] = {"verdict": _CASELOAD, **_OF_NOW}
    columns = (
        Column("lea", "LEA", Kind.CODE),
        Column("students", "Students in special education", Kind.COUNT, held),
        Column("unassigned", "Without a coordinator", Kind.COUNT, {**held, "coordinator": NOT_ASSIGNED}),
        Column("coordinators", "Coordinators", Kind.NUMBER),
        Column("average", "Students of a coordinator", Kind.PERCENT),
        *_BESIDE,
        Column("others average", "Students of a coordinator, the others", Kind.PERCENT),
        *_year_before(own, "Students of a coordinator"),
    )
    rows = []
    for one in _in_order(state):
        beside = state.caseload(one)
        shown = (tenths(one.caseload), one.size, beside.leas, tenths(beside.value))
        numbers = (one.students, one.unassigned, len(one.coordinators))
        before = (tenths(state.year_before(one).caseload),) * own
        rows.append(Row((one.lea, *numbers, *shown, *before), {"lea": one.lea}))
    return Table("caseload", "Caseload on the day", columns, tuple(rows))


def _needs(found: Iterable[Found], tables: Mapping[str, Table]) -> Table:
    """The needs, each with the row that has its numbers."""
    columns = (
        Column("lea", "LEA", Kind.CODE),
        Column("analysis", "Analysis"),
        Column("need", "Need"),
        Column("numbers", "Numbers", Kind.PLACE),
    )
    rows = [
        Row((one.lea, one.analysis, one.sentence, f"{one.table} {_place(tables[one.table], one.key)}"))
        for one in found
    ]
    return Table("needs", "What matters", columns, tuple(rows))


def _place(table: Table, key: tuple[str, ...]) -> int:
    """The place of a row in its table, from 1."""
    return next(place for place, row in enumerate(table.rows, 1) if row.values[: len(key)] == key)


def _in_order(state: State) -> Sequence[Lea]:
    return [state.leas[code] for code in sorted(state.leas)]


ASSISTANCE = Report(
    name="technical-assistance",
    title="Technical assistance needs",
    answers="Where does an LEA need help: which cases are late, does it get worse, which rules refuse its"
    " commands, and how large are caseloads, beside LEAs of its size?",
    version=2,
    parameters=OfLimits,
    facts=LIVES,
    judge=_judge,
    columns=_COLUMNS,
    dimensions=("lea", "block", "month", "coordinator", "year"),
    tables=_tables,
    reasons=reasons(
        rules.EXITED_BEFORE_DUE,
        rules.NOT_PRODUCED,
        rules.AGREED_ELSEWHERE,
        rules.CONSENT_WITHDRAWN,
        rules.GONE_BEFORE_DUE,
        rules.SERVICES_REFUSED,
    ),
    loads=_refused,
    sort=("lea", "school", "block", "due_on"),
)
