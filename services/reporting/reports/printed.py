"""An answer as the lines of a PDF: what was asked, the tables, the students, and what the reasons mean."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts.codes import LEAS
from contracts.dates import ZONE
from services.reporting.domain.tables import Kind, Value
from services.reporting.reports.answers import ColumnDescribed, RunWithTables, TableShown
from services.reporting.reports.registry import REPORTS

_NUMBERS = (Kind.NUMBER, Kind.COUNT, Kind.PERCENT)
_MOST_UPRIGHT = 8
_WITH_STUDENTS = "This document names students. Keep it as their records."
_ZONE = ZoneInfo(ZONE)


async def printed(
    run: RunWithTables,
    about: Sequence[tuple[str, str]],
    students: AsyncIterator[Sequence[Sequence[Value]]] | None,
) -> AsyncIterator[object]:
    """The lines of a run's document. `about`: its stamps. `students`: its rows; None: only the tables."""
    whose = LEAS.label(run.lea) if run.lea else "The whole state"
    yield {
        "title": run.title,
        "about": f"{whose} · as of {day(run.as_of)} · known at {moment(run.known_at)}",
        "by": f"Asked by {run.asked_by}, {moment(run.asked_at)}",
        "made_at": (run.finished_at or run.asked_at).isoformat(),
        "wide": students is not None or any(len(table.columns) > _MOST_UPRIGHT for table in run.tables),
    }
    yield {"heading": run.title, "level": 1}
    if report := REPORTS.get(run.report):
        yield {"paragraph": report.answers}
    for table in run.tables:
        for line in _table(table):
            yield line
    if students is not None:
        yield {"heading": "Students", "level": 2}
        yield {"paragraph": _WITH_STUDENTS}
        yield _heads(run.columns)
        async for some in students:
            for row in some:
                yield _row(row, run.columns)
    for line in (*_reasons(run), *_about(about)):
        yield line


def _table(table: TableShown) -> list[object]:
    if not table.rows:
        return [{"heading": table.title, "level": 2}, {"paragraph": "No rows."}]
    rows = [_row(_named(one.values), table.columns) for one in table.rows]
    chart = {"chart": table.chart, "said": f"A chart of the table {table.title}"} if table.chart else {}
    return [{"heading": table.title, "level": 2, **chart}, _heads(table.columns), *rows]


def _named(values: Sequence[Any]) -> Sequence[Any]:
    """The values of a table's row, whose first one is its name. None: the row of the total."""
    first, *others = values
    return ["All" if first is None else first, *others]


def _reasons(run: RunWithTables) -> list[object]:
    report = REPORTS.get(run.report)
    if report is None or not report.reasons:
        return []
    rows = [[code, rule.message] for code, rule in report.reasons.items()]
    heads = {"table": [("Reason", False), ("What it means", False)]}
    return [{"heading": "What the reasons mean", "level": 2}, heads, *rows]


def _about(about: Sequence[tuple[str, str]]) -> list[object]:
    heads = {"table": [("What", False), ("Value", False)]}
    rows = [[what, value] for what, value in about if value]
    return [{"heading": "About this report", "level": 2}, heads, *rows]


def _heads(columns: Sequence[ColumnDescribed]) -> object:
    return {"table": [(column.label, column.kind in _NUMBERS) for column in columns]}


def _row(values: Sequence[Any], columns: Sequence[ColumnDescribed]) -> list[str]:
    return [written(value, column.kind) for value, column in zip(values, columns, strict=True)]


def written(value: Any, kind: Kind) -> str:
    """A value as people read it: `Oct 1, 2017`, `1,204`, `yes`."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date():
            return day(value)
        case str() if kind is Kind.DAY and value:
            return day(date.fromisoformat(value))
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def day(one: date) -> str:
    """A day: `Oct 1, 2017`."""
    return f"{one:%b} {one.day}, {one.year}"


def moment(instant: datetime) -> str:
    """An instant in Louisiana's time: `Oct 1, 2017, 2:04:31 p.m.`."""
    local = instant.astimezone(_ZONE)
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{day(local.date())}, {local.hour % 12 or 12}:{local:%M:%S} {half}"
