"""The calendar of duties of a school year, and what is due in the next weeks. No answer has a student."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel, Field

from contracts.access import Actor
from contracts.errors import Finding
from services.chassis.answering.http import NotFound
from services.reporting.domain import rules
from services.reporting.domain.duties import (
    Duty,
    Whose,
    duties_between,
    duties_of,
    known_years,
    unknown_years,
)
from services.reporting.domain.indicators.year import read_year
from services.reporting.queries.moment import today


class DutyDescribed(BaseModel):
    """What is to be done in a school year, and by which day."""

    duty: str = Field(description="Its name, the same each year.")
    title: str
    whose: Whose
    school_year: str
    due_on: date | None = Field(description="Blank: SER does not know the day of this year.")
    official: bool = Field(description="Whether the day stands in the source. If not, this project chose it.")
    source: str = Field(description="A law, a federal document, or `project`.")
    do: str = Field(description="What to do in SER.")
    where: str = Field(description="The path of the console's screen that does it.")

    @classmethod
    def of(cls, duty: Duty) -> Self:
        """The description of a duty."""
        return cls(
            duty=duty.name,
            title=duty.title,
            whose=duty.whose,
            school_year=duty.year.name,
            due_on=duty.due_on,
            official=duty.official,
            source=duty.source,
            do=duty.do,
            where=duty.where,
        )


class DutyCalendar(BaseModel):
    """The duties of a school year, by day. `findings`: those whose day SER does not know."""

    school_year: str
    known_years: Sequence[str] = Field(description="The school years that have a calendar of duties.")
    duties: Sequence[DutyDescribed]
    findings: Sequence[Finding]


class DutiesAhead(BaseModel):
    """The duties of the next days. `findings`: a school year among them that has no calendar."""

    from_on: date
    through_on: date
    duties: Sequence[DutyDescribed]
    findings: Sequence[Finding]


async def duties(viewer: Actor, school_year: str, whose: Whose) -> DutyCalendar:
    """The calendar of a school year. NotFound: SER has none of that year."""
    if school_year not in known_years():
        raise NotFound(rules.NO_DUTIES.broken(at="school_year", year=school_year, known=_known()))
    found = duties_of(read_year(school_year), whose)
    unknown = (duty for duty in found if duty.due_on is None)
    return DutyCalendar(
        school_year=school_year,
        known_years=known_years(),
        duties=_described(found),
        findings=[rules.DAY_UNKNOWN.broken(year=school_year, title=duty.title) for duty in unknown],
    )


async def duties_ahead(viewer: Actor, days: int, whose: Whose) -> DutiesAhead:
    """What is due from today through so many days later."""
    first = today()
    last = first + timedelta(days=days)
    return DutiesAhead(
        from_on=first,
        through_on=last,
        duties=_described(duties_between(first, last, whose)),
        findings=[rules.NO_DUTIES.broken(year=year, known=_known()) for year in unknown_years(first, last)],
    )


def _described(found: Iterable[Duty]) -> Sequence[DutyDescribed]:
    return [DutyDescribed.of(duty) for duty in found]


def _known() -> str:
    return ", ".join(known_years())
