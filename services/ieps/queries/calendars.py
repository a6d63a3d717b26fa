"""The state's calendars, a due date by them, and the due dates that another calendar would move."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.calendars import (
    Calendar,
    CalendarContent,
    Extension,
    ExtensionKind,
    PublishCalendar,
)
from contracts.counting import Calendars
from contracts.deadlines import Due, DueKind, due_of
from contracts.errors import ROLE_MISSING
from contracts.evaluations import Evaluation, EvaluationType
from contracts.message import Value
from contracts.types import Day, LeaCode, StudentId, Year
from services.chassis.answering.problems import NotFound, Problem
from services.chassis.answering.viewing import admit
from services.ieps import store
from services.ieps.domain import calendar_rules as rules
from services.ieps.domain import evaluation_rules
from services.ieps.domain.calendars import around, content_of, unfit
from services.ieps.domain.stages import CLOCK_RUNS, due_on

_SHOWN = 100
_EXTENDED = (DueKind.INITIAL_EVALUATION, DueKind.REEVALUATION)


class DueDateWanted(BaseModel):
    """A kind of due date, the day 0 of its clock, and an extension if there is one."""

    model_config = ConfigDict(extra="forbid")

    kind: DueKind
    from_: Day = Field(alias="from", description="The day on which the clock starts: day 0.")
    business_days: int | None = Field(
        default=None, ge=1, le=260, description="An extension of an evaluation by business days."
    )
    until: Day | None = Field(default=None, description="An extension of an evaluation to a day.")


class ProposedCalendar(CalendarContent):
    """A calendar as PublishCalendar takes it, without its year."""


class MovedDueDate(Value):
    """A due date that a calendar would move."""

    student_id: StudentId
    lea: LeaCode
    kind: DueKind
    from_on: date
    to_on: date


class LeaMoves(Value):
    """The number of due dates of an LEA's students that a calendar would move."""

    lea: LeaCode
    moves: int


class Moves(Value):
    """The due dates of open evaluations that a calendar would move."""

    moves: int
    leas: tuple[LeaMoves, ...] = Field(description="The LEAs with a move, by code.")
    students: tuple[MovedDueDate, ...] = Field(description="The first 100, by LEA and State ID.")


async def calendars(database: AsyncConnection) -> Sequence[Calendar]:
    """Every published calendar, by year."""
    return await store.calendars(database)


async def published(database: AsyncConnection) -> Calendars:
    """The published calendars, to count by."""
    return Calendars(await store.calendars(database))


async def published_around(database: AsyncConnection, signed_on: date) -> Calendars:
    """Those that MakeIEPOfficial reads, if the IEP was signed on a day."""
    wanted = around(signed_on)
    return Calendars(one for one in await store.calendars(database) if one.subject in wanted)


async def calendar(database: AsyncConnection, year: Year) -> Calendar:
    """The calendar of a year. NotFound: the state has not published it."""
    for found in await store.calendars(database):
        if found.year == year:
            return found
    raise NotFound(rules.NOT_PUBLISHED.broken(at="year", year=year))


async def due_date(database: AsyncConnection, wanted: DueDateWanted) -> Due:
    """When something is due, with the explanation. Problem: the kind cannot be extended, or an
    extension names both a number of days and a day."""
    if wanted.business_days and wanted.until:
        raise Problem(422, [evaluation_rules.EXTENSION_UNCLEAR.broken(at="business_days")])
    extensions = tuple(_extensions(wanted))
    if extensions and wanted.kind not in _EXTENDED:
        field = "business_days" if wanted.business_days else "until"
        raise Problem(422, [rules.NEVER_EXTENDED.broken(at=field, kind=wanted.kind)])
    counted = await published(database)
    return due_of(wanted.kind, wanted.from_, counted, extensions, explain=True)


async def moves(viewer: Actor, database: AsyncConnection, year: Year, proposed: ProposedCalendar) -> Moves:
    """The due dates that a calendar would move. Forbidden: the viewer is not the state. Problem: the calendar
    contradicts itself. Nothing changes."""
    refusal = None if viewer.has(Role.STATE) else ROLE_MISSING.broken(role=Role.STATE)
    await admit(
        database, viewer, subject="", what=f"due dates moved by a calendar of {year}", refusal=refusal
    )
    command = PublishCalendar(year=year, **dict(proposed))
    if broken := list(unfit(command)):
        raise Problem(422, broken)
    found = await _moved(database, command)
    leas = Counter(one.lea for one in found)
    return Moves(
        moves=len(found),
        leas=tuple(LeaMoves(lea=lea, moves=leas[lea]) for lea in sorted(leas)),
        students=tuple(found[:_SHOWN]),
    )


async def _moved(database: AsyncConnection, command: PublishCalendar) -> Sequence[MovedDueDate]:
    published = await store.calendars(database)
    others = [calendar for calendar in published if calendar.year != command.year]
    then = Calendar(revision=1, published_on=date(int(command.year), 1, 1), **content_of(command))
    running = await store.running_evaluations(database)
    both = (Calendars(published), Calendars([*others, then]))
    return sorted(_moves(running, *both), key=lambda one: (one.lea, one.student_id))


def _kind(evaluation: Evaluation) -> DueKind:
    initial = evaluation.evaluation_type is EvaluationType.INITIAL
    return DueKind.INITIAL_EVALUATION if initial else DueKind.REEVALUATION


def _moves(running: Iterable[store.Running], now: Calendars, then: Calendars) -> Iterator[MovedDueDate]:
    for student in running:
        for evaluation in student.evaluations:
            before = due_on(evaluation, student.evaluations, now) if evaluation.stage in CLOCK_RUNS else None
            after = due_on(evaluation, student.evaluations, then) if before else None
            if before and after and before != after:
                yield MovedDueDate(
                    student_id=student.student_id,
                    lea=student.lea,
                    kind=_kind(evaluation),
                    from_on=before,
                    to_on=after,
                )


def _extensions(wanted: DueDateWanted) -> Iterator[Extension]:
    if wanted.business_days or wanted.until:
        yield Extension(
            kind=ExtensionKind.PARENT_AGREED,
            business_days=wanted.business_days,
            until=wanted.until,
            approved_on=wanted.from_,
        )
