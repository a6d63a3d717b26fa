"""What the reports about cases have in common: parameters, and the judgement of a student's course."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from pydantic import Field, field_validator

from contracts.counting import Calendars
from contracts.errors import Rule
from services.reporting.domain.life import Life
from services.reporting.domain.periods import FORM, Period, month_of, read_period, school_year_of
from services.reporting.domain.rules import RULES
from services.reporting.domain.tables import Column, Judged, Table, Tally
from services.reporting.domain.timeliness import Level, by_level, reasons_table, summary
from services.reporting.reports.report import Asked, Parameters


class OfSchool(Parameters):
    """Parameters of a report whose rows belong to schools and coordinators."""

    school: str | None = Field(
        default=None, max_length=20, title="School", description="The code of a school site. Blank: all."
    )
    coordinator: str | None = Field(
        default=None, max_length=40, title="Coordinator", description="The coordinator's id. Blank: all."
    )
    by: Level = Field(default=Level.LEA, title="Summary by", description="How far down the summary goes.")


class OfPeriod(OfSchool):
    """Parameters of a report about a period."""

    period: str | None = Field(
        default=None,
        pattern=FORM,
        title="Period",
        description="2024-12 is a month, 2025-Q1 a quarter, 2024-25 a school year, and"
        " 2024-12-01..2025-01-31 a range of days. Blank: the month of the day.",
    )

    @field_validator("period")
    @classmethod
    def _is_a_period(cls, written: str | None) -> str | None:
        if written:
            read_period(written)
        return written


class OfSchoolYear(OfPeriod):
    """Parameters of a report about a school year, or another period."""

    period: str | None = Field(
        default=None,
        pattern=FORM,
        title="Period",
        description="2024-25 is a school year, 2024-09 a month, 2025-Q1 a quarter, and"
        " 2024-12-01..2025-01-31 a range of days. 2011-12 is the school year. Blank: the school year of the"
        " day.",
    )


OfSchoolP = TypeVar("OfSchoolP", bound=OfSchool)
Course = Callable[[Life, Asked[OfSchoolP]], Iterable[Judged]]
CourseOfRow = Callable[[Mapping[str, Any], Life, Asked[OfSchoolP]], Iterable[Judged]]
Cases = Callable[[Life, Period, date, Calendars], Iterable[Judged]]


def period_of(asked: Asked[Any], otherwise: Callable[[date], Period] = month_of) -> Period:
    """The period of a question. `otherwise`: what a blank one means; a report of school years reads 2011-12
    as one."""
    written = asked.parameters.period
    if not written:
        return otherwise(asked.as_of)
    return read_period(written, of_years=otherwise is school_year_of)


def judging(course: Course[OfSchoolP]) -> Callable[[Mapping[str, Any], Asked[OfSchoolP]], Iterator[Judged]]:
    """The judgement of a report from the rows that it makes of a student's course."""
    return judging_rows(lambda row, life, asked: course(life, asked))


def judging_rows(
    course: CourseOfRow[OfSchoolP],
) -> Callable[[Mapping[str, Any], Asked[OfSchoolP]], Iterator[Judged]]:
    """The same, of a report that reads further facts beside the student's course."""

    def judge(row: Mapping[str, Any], asked: Asked[OfSchoolP]) -> Iterator[Judged]:
        wanted = {"school": asked.parameters.school, "coordinator": asked.parameters.coordinator}
        only = {name: value for name, value in wanted.items() if value}
        for one in course(row, Life.of(row), asked):
            if all(one.value(name) == value for name, value in only.items()):
                yield one

    return judge


def of_period(cases: Cases) -> Course[OfPeriod]:
    """The course whose cases are those of the period, the month of the day if it is blank."""
    return lambda life, asked: cases(life, period_of(asked), asked.as_of, asked.calendars)


def in_timeline(
    blocks: Mapping[str, str], reasons: Mapping[str, Rule]
) -> Callable[[Tally, Asked[OfPeriod]], Sequence[Table]]:
    """The tables of a report on timelines: a summary of each block, by its title; then the reasons."""

    def tables(tally: Tally, asked: Asked[OfPeriod]) -> Sequence[Table]:
        summaries = (summary(tally, asked.parameters.by, block, title) for block, title in blocks.items())
        return (*summaries, reasons_table(tally, list(reasons)))

    return tables


def in_levels(
    name: str, title: str, columns: Sequence[Column], reasons: Mapping[str, Rule]
) -> Callable[[Tally, Asked[Any]], Sequence[Table]]:
    """The tables of a report with one summary, down to the level that was asked for; then the reasons."""

    def tables(tally: Tally, asked: Asked[Any]) -> Sequence[Table]:
        return (
            by_level(tally, asked.parameters.by, name, title, columns),
            reasons_table(tally, list(reasons)),
        )

    return tables


def reasons(*rules: Rule) -> Mapping[str, Rule]:
    """The reasons of a report, and that a case belongs to another LEA."""
    return {rule.code: rule for rule in (*rules, RULES["RPT-205"])}


GROUPS: Sequence[str] = ("lea", "school", "coordinator")
"""The values by which summaries group."""
