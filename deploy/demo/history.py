"""A student's history as messages: from the identity in eScholar to the services of a submitted IEP."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid5

from contracts.catalog import Entry, entry_of
from contracts.codes import EXCEPTIONALITIES
from contracts.evaluations import (
    CompleteEvaluation,
    DetermineEligibility,
    Exceptionality,
    ParentDecision,
    RecordParentDecision,
    RequestEvaluation,
)
from contracts.ieps import DraftIEP, IEPType, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command, Event
from contracts.provision import AddService, ServiceTerms
from contracts.students import AddStudent, SaveGuardian
from contracts.terms import Setting
from deploy.demo.dates import HistoryDates, draw_dates
from deploy.demo.people import guardian_of, identity_of, local_id_of, profile_of
from deploy.demo.programs import CODES, PROGRAMS, SETTINGS, PlannedTerms, forms_of, plan_kind_of
from deploy.population.pupils import Pupil

_HISTORIES = UUID("7d0b8f52-7c0a-5f0b-9b53-5f6c3b2b0a11")
_LIKELIHOODS = (1.0, 0.7, 0.3)
"""The probability that a child receives the first, the second and the third service of its program."""

IEP_SUBMITTED = 10
"""The number of the step that puts a child into special education."""

_DIGITS = 4

Message = Event | Command


class Step(NamedTuple):
    """One message of a history: the identity from eScholar's bridge, or a command from the child's LEA.

    `number` counts the steps of the history from 0. The `id` is always the same for the same child, so a
    history that is sent twice happens once.
    """

    id: str
    number: int
    message: Message

    @property
    def entry(self) -> Entry:
        """The catalog's entry of the message."""
        return entry_of(type(self.message))


@dataclass(frozen=True, slots=True)
class StudentHistory:
    """The steps of one child in order: the identity, then the commands."""

    id: UUID
    pupil: Pupil
    identity: Step
    commands: tuple[Step, ...]


def history_of(pupil: Pupil, as_of: date) -> StudentHistory:
    """The history of a child who is served on `as_of`. The same arguments give the same history."""
    identifier = history_id(pupil.state_id)
    messages = _Messages(pupil, as_of, identifier).all()
    prefix = str(identifier)[:-_DIGITS]
    identity, *commands = (Step(_step_id(prefix, n), n, message) for n, message in enumerate(messages))
    return StudentHistory(identifier, pupil, identity, tuple(commands))


def split_by_service(steps: Iterable[Step]) -> Iterator[tuple[Step, ...]]:
    """The steps in groups, each for one service. A group can be sent at once: its service keeps the order."""
    return (tuple(group) for _, group in groupby(steps, key=lambda step: step.entry.owner))


def history_id(state_id: str) -> UUID:
    """The id of a child's history. The ids of its steps and records derive from it."""
    return uuid5(_HISTORIES, state_id)


def step_number(history: UUID, step_id: str) -> int | None:
    """The number of the step with this id. None: the id belongs to no step of the history."""
    prefix, digits = step_id[:-_DIGITS], step_id[-_DIGITS:]
    return int(digits, 16) if prefix == str(history)[:-_DIGITS] else None


def _step_id(prefix: str, number: int) -> str:
    """The id of the history, with the step's number as its last four hexadecimal digits."""
    return f"{prefix}{number:0{_DIGITS}x}"


class _Messages:
    """The messages of one child, with everything that is drawn for it."""

    def __init__(self, pupil: Pupil, as_of: date, history: UUID) -> None:
        self._pupil = pupil
        self._draw = draw = Random(pupil.state_id)
        self._history_id = history
        self._evaluation_id, self._iep_id = uuid5(history, "evaluation"), uuid5(history, "IEP")
        self._program = PROGRAMS[pupil.child.disability]
        self._services = _drawn(self._program.services, draw)
        self._code = _code(pupil.child.disability, draw)
        self._dates = _dates(pupil, self._code, as_of, draw)

    def all(self) -> Iterator[Message]:
        """Every message, in order."""
        return chain(self._arrival(), self._evaluation(), self._iep(), self._provision())

    def _arrival(self) -> Iterator[Message]:
        pupil, student_id = self._pupil, self._pupil.state_id
        yield identity_of(pupil, self._draw)
        yield AddStudent(student_id=student_id, profile=profile_of(pupil, self._draw))
        yield ClaimJurisdiction(
            student_id=student_id,
            begin_on=self._dates.claimed_on,
            school=pupil.school,
            local_student_id=local_id_of(pupil),
        )
        yield SaveGuardian(
            student_id=student_id,
            guardian_id=uuid5(self._history_id, "guardian"),
            guardian=guardian_of(pupil, self._draw),
        )

    def _evaluation(self) -> Iterator[Message]:
        names = {"student_id": self._pupil.state_id, "evaluation_id": self._evaluation_id}
        dates = self._dates
        yield RequestEvaluation(
            **names, referred_on=dates.referred_on, permission_requested_on=dates.requested_on
        )
        yield RecordParentDecision(**names, decision=ParentDecision.CONSENTED, decided_on=dates.consented_on)
        yield CompleteEvaluation(**names, report_disseminated_on=dates.reported_on)
        yield DetermineEligibility(
            **names,
            determined_on=dates.determined_on,
            exceptionalities=(Exceptionality(code=self._code, primary=True),),
        )

    def _iep(self) -> Iterator[Message]:
        names = {"student_id": self._pupil.state_id, "iep_id": self._iep_id}
        pupil, dates = self._pupil, self._dates
        environment = pupil.child.environment
        yield DraftIEP(
            **names,
            iep_type=IEPType.INITIAL,
            plan_kind=plan_kind_of(self._program, environment),
            meeting_on=dates.met_on,
            begin_on=dates.begins_on,
            forms=forms_of(self._program, self._services, environment, pupil.birth_on, dates, self._draw),
        )
        yield MakeIEPOfficial(**names, signed_on=dates.met_on)
        yield SubmitIEP(**names)

    def _provision(self) -> Iterator[Message]:
        setting = SETTINGS.get(self._pupil.child.environment, Setting.SPECIAL)
        for number, service in enumerate(self._services, 1):
            yield AddService(
                student_id=self._pupil.state_id,
                service_id=uuid5(self._history_id, f"service {number}"),
                iep_id=self._iep_id,
                terms=_terms(service, self._dates, setting),
            )


def _terms(service: PlannedTerms, dates: HistoryDates, setting: Setting) -> ServiceTerms:
    return ServiceTerms(
        service_code=service.code,
        begin_on=dates.begins_on,
        sessions=service.sessions,
        minutes_per_session=service.minutes,
        setting=setting,
    )


def _drawn(services: Sequence[PlannedTerms], draw: Random) -> tuple[PlannedTerms, ...]:
    likely: Iterable[tuple[PlannedTerms, float]] = zip(services, _LIKELIHOODS, strict=False)
    return tuple(service for service, likelihood in likely if draw.random() < likelihood)


def _code(disability: str, draw: Random) -> str:
    """An exceptionality code of a federal disability, drawn by proportion if there are several."""
    codes, weights = zip(*CODES.get(disability, ((disability, 1),)), strict=True)
    return str(draw.choices(codes, weights)[0])


def _dates(pupil: Pupil, code: str, as_of: date, draw: Random) -> HistoryDates:
    from_age = EXCEPTIONALITIES[code].more["from_age"]
    return draw_dates(pupil.birth_on, as_of, draw, found_from_age=int(from_age or 0))
