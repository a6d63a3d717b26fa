"""Business Day: for each day of a year, when a clock that starts on it ends."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from services.reporting.domain.business_days import business_days
from services.reporting.domain.tables import Judged, Table, Tally
from services.reporting.reports.report import Asked, Parameters, Report


class OfYear(Parameters):
    """The parameters of the Business Day report."""

    year: int | None = Field(
        default=None, ge=1990, le=2100, title="Year", description="A calendar year. Blank: that of the day."
    )


def _judge(row: Mapping[str, Any], asked: Asked[OfYear]) -> Iterator[Judged]:
    yield from ()


def _tables(tally: Tally, asked: Asked[OfYear]) -> Sequence[Table]:
    return (business_days(asked.parameters.year or asked.as_of.year, asked.calendars),)


BUSINESS_DAYS = Report(
    name="business-days",
    title="Business Day",
    answers="When is something due that counts 10 or 60 business days from a day?",
    version=1,
    parameters=OfYear,
    judge=_judge,
    columns=(),
    dimensions=(),
    tables=_tables,
)
