"""Services prescribed beside delivered, by service and month."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.reporting.domain.deliveries import (
    COLUMNS,
    IN_FULL,
    IN_PART,
    MINUTES,
    NOT_DUE,
    NOTHING,
    SUMS,
    deliveries,
    deliveries_of,
)
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period, month_of, read_period
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.domain.timeliness import (
    LEVEL_COLUMNS,
    counts,
    groups_of,
    percent,
    place_of,
    reasons_table,
)
from services.reporting.queries.deliveries import DELIVERIES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging_rows, period_of, reasons
from services.reporting.reports.report import Asked, Report

_COUNTED = (
    Column("rows", "Services and months", Kind.COUNT, {"reason": None}),
    *(
        Column(verdict, f"Delivered {verdict}", Kind.COUNT, {"verdict": verdict})
        for verdict in (IN_FULL, IN_PART)
    ),
    Column(NOTHING, "Nothing delivered", Kind.COUNT, {"verdict": NOTHING}),
    Column(NOT_DUE, "Nothing prescribed", Kind.COUNT, {"verdict": NOT_DUE}),
)
_NUMBERS = (*_COUNTED, *MINUTES, Column("percent", "Percent delivered", Kind.PERCENT))


def _days(parameters: OfPeriod, as_of: date) -> Mapping[str, date]:
    period = read_period(parameters.period) if parameters.period else month_of(as_of)
    return {"first": period.first, "last": min(period.last, as_of)}


def _course(row: Mapping[str, Any], life: Life, asked: Asked[OfPeriod]) -> Iterable[Judged]:
    period: Period = period_of(asked)
    return deliveries(life, list(deliveries_of(row)), period, asked.as_of, asked.calendars)


def _tables(tally: Tally, asked: Asked[OfPeriod]) -> Sequence[Table]:
    rows = [
        Row((label, *place_of(where), *_numbers(tally, where)), where)
        for label, where in groups_of(tally, asked.parameters.by)
    ]
    title = "Minutes prescribed and delivered"
    return (
        Table("minutes", title, (*LEVEL_COLUMNS, *_NUMBERS), tuple(rows)),
        _by_service(tally),
        reasons_table(tally, list(DELIVERED.reasons)),
    )


def _by_service(tally: Tally) -> Table:
    columns = (Column("service_code", "Service", Kind.CODE), Column("month", "Month", Kind.CODE), *_NUMBERS)
    found = sorted(group for group in tally.groups("service_code", "month") if None not in group)
    wheres: list[dict[str, Value]] = [{"service_code": code, "month": month} for code, month in found]
    rows = [Row((*where.values(), *_numbers(tally, where)), where) for where in wheres]
    return Table("services", "By service and month", columns, tuple(rows))


def _numbers(tally: Tally, where: Mapping[str, Value]) -> Sequence[Value]:
    due, given, *missed = (tally.sum(name, where) for name in SUMS)
    return (*counts(tally, where, _COUNTED), due, given, *missed, percent(given, due))


DELIVERED = Report(
    name="services",
    title="Services prescribed and delivered",
    answers="How many minutes of each service do the terms prescribe in each month, how many were delivered,"
    " and how many were missed for which reasons?",
    version=1,
    parameters=OfPeriod,
    facts=DELIVERIES,
    values=_days,
    judge=judging_rows(_course),
    columns=COLUMNS,
    dimensions=(*GROUPS, "service_code", "month"),
    sums=SUMS,
    tables=_tables,
    reasons=reasons(),
    sort=("lea", "school", "service_code", "month"),
)
