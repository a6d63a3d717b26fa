"""A child's life as messages: from an identity in eScholar to the services of a submitted IEP."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid5

from contracts.catalog import Entry, entry_of
from contracts.codes import EXCEPTIONALITIES
from contracts.ieps import (
    CompleteEvaluation,
    DetermineEligibility,
    DraftIEP,
    Exceptionality,
    IEPType,
    MakeIEPOfficial,
    ParentDecision,
    RecordParentDecision,
    RequestEvaluation,
    SubmitIEP,
)
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command, Event
from contracts.provision import AddService, ServiceTerms, Setting
from contracts.students import AddStudent, SaveGuardian
from deploy.demo.dates import HistoryDates, draw_dates
from deploy.demo.people import guardian_of, identity_of, local_id_of, profile_of
from deploy.demo.programs import CODES, PROGRAMS, SETTINGS, PlannedTerms, forms_of
from deploy.population.pupils import Pupil

_LIVES = UUID("7d0b8f52-7c0a-5f0b-9b53-5f6c3b2b0a11")
_LIKELIHOODS = (1.0, 0.7, 0.3)
"""How likely a child receives the first, the second and the third service of its program."""

IEP_SUBMITTED = 10
"""The number of the step after which a child is in special education."""

_DIGITS = 4

Message = Event | Command


class Step(NamedTuple):
    """One message of a life: the identity by eScholar's bridge, or a command by the child's LEA.

    `number` counts the steps of the life. The `id` is the same whenever the life is made, so a life that is
    sent twice happens once.
    """

    id: str
    number: int
    message: Message

    @property
    def entry(self) -> Entry:
        """The message in the catalog."""
        return entry_of(type(self.message))


@dataclass(frozen=True, slots=True)
class StudentHistory:
    """A child's steps in order: the identity, then the commands."""

    id: UUID
    pupil: Pupil
    identity: Step
    commands: tuple[Step, ...]


def history_of(pupil: Pupil, as_of: date) -> StudentHistory:
    """The life of a child who is served on `as_of`; always the same for the same arguments."""
    life = history_id(pupil.state_id)
    story = _Story(pupil, as_of, life)
    most = str(life)[:-_DIGITS]
    identity, *commands = (Step(_step_id(most, n), n, message) for n, message in enumerate(story.told()))
    return StudentHistory(life, pupil, identity, tuple(commands))


def split_by_service(steps: Iterable[Step]) -> Iterator[tuple[Step, ...]]:
    """Steps in stretches of one service each, within which they keep their order unanswered."""
    return (tuple(stretch) for _, stretch in groupby(steps, key=lambda step: step.entry.owner))


def history_id(state_id: str) -> UUID:
    """Names a child's life; the ids of its steps and records derive from it."""
    return uuid5(_LIVES, state_id)


def step_number(life: UUID, step_id: str) -> int | None:
    """Which step of a life the id names; None if it is none of its steps."""
    prefix, digits = step_id[:-_DIGITS], step_id[-_DIGITS:]
    return int(digits, 16) if prefix == str(life)[:-_DIGITS] else None


def _step_id(most: str, number: int) -> str:
    """Most of the life's id, and the number as its last digits, so that it can be told from the id alone."""
    return f"{most}{number:0{_DIGITS}x}"


class _Story:
    def __init__(self, pupil: Pupil, as_of: date, life: UUID) -> None:
        self._pupil = pupil
        self._draw = draw = Random(pupil.state_id)
        self._life = life
        self._evaluation_id, self._iep_id = uuid5(life, "evaluation"), uuid5(life, "IEP")
        self._program = PROGRAMS[pupil.child.disability]
        self._services = _drawn(self._program.services, draw)
        self._code = _code(pupil.child.disability, draw)
        self._days = _days(pupil, self._code, as_of, draw)

    def told(self) -> Iterator[Message]:
        """Every message, in order."""
        return chain(self._arrival(), self._evaluation(), self._iep(), self._provision())

    def _arrival(self) -> Iterator[Message]:
        pupil, student_id = self._pupil, self._pupil.state_id
        yield identity_of(pupil, self._draw)
        yield AddStudent(student_id=student_id, profile=profile_of(pupil, self._draw))
        yield ClaimJurisdiction(
            student_id=student_id,
            begin_on=self._days.claimed_on,
            school=pupil.school,
            local_student_id=local_id_of(pupil),
        )
        yield SaveGuardian(
            student_id=student_id,
            guardian_id=uuid5(self._life, "guardian"),
            guardian=guardian_of(pupil, self._draw),
        )

    def _evaluation(self) -> Iterator[Message]:
        names = {"student_id": self._pupil.state_id, "evaluation_id": self._evaluation_id}
        days = self._days
        yield RequestEvaluation(**names, referred_on=days.referred_on, permission_requested_on=days.asked_on)
        yield RecordParentDecision(**names, decision=ParentDecision.CONSENTED, decided_on=days.consented_on)
        yield CompleteEvaluation(**names, report_disseminated_on=days.reported_on)
        yield DetermineEligibility(
            **names,
            determined_on=days.determined_on,
            exceptionalities=(Exceptionality(code=self._code, primary=True),),
        )

    def _iep(self) -> Iterator[Message]:
        names = {"student_id": self._pupil.state_id, "iep_id": self._iep_id}
        pupil, days = self._pupil, self._days
        environment = pupil.child.environment
        yield DraftIEP(
            **names,
            iep_type=IEPType.INITIAL,
            meeting_on=days.met_on,
            begin_on=days.begins_on,
            forms=forms_of(self._program, self._services, environment, pupil.birth_on, days, self._draw),
        )
        yield MakeIEPOfficial(**names, signed_on=days.met_on)
        yield SubmitIEP(**names)

    def _provision(self) -> Iterator[Message]:
        setting = SETTINGS.get(self._pupil.child.environment, Setting.SPECIAL)
        for number, service in enumerate(self._services, 1):
            yield AddService(
                student_id=self._pupil.state_id,
                service_id=uuid5(self._life, f"service {number}"),
                iep_id=self._iep_id,
                terms=_terms(service, self._days, setting),
            )


def _terms(service: PlannedTerms, days: HistoryDates, setting: Setting) -> ServiceTerms:
    return ServiceTerms(
        service_code=service.code,
        begin_on=days.begins_on,
        sessions=service.sessions,
        minutes_per_session=service.minutes,
        setting=setting,
    )


def _drawn(services: Sequence[PlannedTerms], draw: Random) -> tuple[PlannedTerms, ...]:
    likely: Iterable[tuple[PlannedTerms, float]] = zip(services, _LIKELIHOODS, strict=False)
    return tuple(service for service, likelihood in likely if draw.random() < likelihood)


def _code(disability: str, draw: Random) -> str:
    """The project's code; where several stand behind a federal disability, drawn by their proportions."""
    codes, weights = zip(*CODES.get(disability, ((disability, 1),)), strict=True)
    return str(draw.choices(codes, weights)[0])


def _days(pupil: Pupil, code: str, as_of: date, draw: Random) -> HistoryDates:
    from_age = EXCEPTIONALITIES[code].more["from_age"]
    return draw_dates(pupil.birth_on, as_of, draw, found_from_age=int(from_age or 0))
