"""A student's history as messages: from the identity in eScholar to the services of a submitted IEP, and then
year by year to the plan of today."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, groupby
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid5

from contracts.activities import ExitSpecialEducation
from contracts.catalog import Entry, entry_of
from contracts.codes import EXCEPTIONALITIES, EXCEPTIONALITY_DETAILS
from contracts.deadlines import anniversary
from contracts.evaluations import (
    BeginReevaluation,
    CompleteEvaluation,
    DetermineEligibility,
    Exceptionality,
    ParentDecision,
    RecordParentDecision,
    RecordTriennialWaiver,
    ReevaluationReason,
    RequestEvaluation,
)
from contracts.forms import AmendmentForm, ContactMethod
from contracts.ieps import AmendIEP, DraftIEP, IEPType, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command, Event
from contracts.provision import AddService, ServiceTerms
from contracts.students import AddStudent, SaveGuardian
from contracts.terms import Setting
from deploy.demo.dates import HistoryDates, draw_dates
from deploy.demo.people import guardian_of, identity_of, local_id_of, profile_of
from deploy.demo.programs import CODES, PROGRAMS, SETTINGS, PlannedTerms, forms_of, plan_kind_of
from deploy.demo.years import LaterYears, draw_later_years, years_of
from deploy.population.pupils import Pupil

_HISTORIES = UUID("7d0b8f52-7c0a-5f0b-9b53-5f6c3b2b0a11")
_LIKELIHOODS = (1.0, 0.7, 0.3)
"""The probability that a child receives the first, the second and the third service of its program."""

IEP_SUBMITTED = 10
"""The number of the step that puts a child into special education."""

_DIGITS = 4

_MOVED = "MVO"
_WAIVED = 0.4
_SELDOM_WAIVED = frozenset({"DD", "DEAF", "HH", "TBI", "VI"})
"""A triennial evaluation may still be needed for these (LAC 28:CI.1101.C)."""

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


def history_of(pupil: Pupil, as_of: date, *, later_years: bool = False) -> StudentHistory:
    """The history of a child who is served on `as_of`. The same arguments give the same history.

    `later_years`: the first IEP may be up to three years old. Reviews follow it, and for some children a
    re-evaluation, a waiver, an exit and a return, or an amendment.
    """
    identifier = history_id(pupil.state_id)
    messages = _Messages(pupil, as_of, identifier, later_years=later_years).all()
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

    def __init__(self, pupil: Pupil, as_of: date, history: UUID, *, later_years: bool) -> None:
        self._pupil = pupil
        self._draw = draw = Random(pupil.state_id)
        self._history_id = history
        self._evaluation_id, self._iep_id = uuid5(history, "evaluation"), uuid5(history, "IEP")
        self._program = PROGRAMS[pupil.child.disability]
        self._services = _drawn(self._program.services, draw)
        self._code = _code(pupil.child.disability, draw)
        years = years_of(pupil, draw) if later_years else 0
        self._dates = _dates(pupil, self._code, anniversary(as_of, -years), draw)
        self._later = draw_later_years(self._dates, years, as_of, draw) if later_years else LaterYears()

    def all(self) -> Iterator[Message]:
        """Every message, in order."""
        first_plan = self._plan(self._iep_id, IEPType.INITIAL, self._dates)
        first_year = chain(self._arrival(), self._evaluation(), first_plan)
        return chain(first_year, self._provision(self._iep_id, self._dates), self._later_years())

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
            exceptionalities=(Exceptionality(code=self._code, primary=True, details=self._details()),),
        )

    def _details(self) -> tuple[str, ...]:
        """The area of an exceptionality that has areas. It draws nothing, so that all other draws stay."""
        codes = [
            code for code, one in EXCEPTIONALITY_DETAILS.items() if one.more["exceptionality"] == self._code
        ]
        return (codes[self._history_id.int % len(codes)],) if codes else ()

    def _plan(self, iep_id: UUID, iep_type: IEPType, dates: HistoryDates) -> Iterator[Message]:
        pupil, environment = self._pupil, self._pupil.child.environment
        forms = forms_of(self._program, self._services, environment, pupil.birth_on, dates, self._draw)
        yield DraftIEP(
            student_id=pupil.state_id,
            iep_id=iep_id,
            iep_type=iep_type,
            plan_kind=plan_kind_of(self._program, environment),
            meeting_on=dates.met_on,
            begin_on=dates.begins_on,
            forms=forms,
        )
        yield from self._submitted(iep_id, dates.met_on)

    def _submitted(self, iep_id: UUID, signed_on: date) -> Iterator[Message]:
        names = {"student_id": self._pupil.state_id, "iep_id": iep_id}
        yield MakeIEPOfficial(**names, signed_on=signed_on)
        yield SubmitIEP(**names)

    def _provision(self, iep_id: UUID, dates: HistoryDates) -> Iterator[Message]:
        setting = SETTINGS.get(self._pupil.child.environment, Setting.SPECIAL)
        for number, service in enumerate(self._services, 1):
            yield AddService(
                student_id=self._pupil.state_id,
                service_id=uuid5(iep_id, f"service {number}"),
                iep_id=iep_id,
                terms=_terms(service, dates, setting),
            )

    def _later_years(self) -> Iterator[Message]:
        newest, later = self._iep_id, self._later
        returned_with = 1 if later.left_on else None
        for number, dates in enumerate(later.reviews):
            newest = uuid5(self._history_id, f"IEP {number + 2}")
            if number == returned_with:
                yield from self._returned(newest, dates)
            else:
                yield from self._plan(newest, IEPType.REVIEW, dates)
        yield from self._evaluated_again()
        if later.amended_on:
            last = later.reviews[-1] if later.reviews else self._dates
            yield from self._amended(newest, max(later.amended_on, last.met_on))

    def _returned(self, iep_id: UUID, dates: HistoryDates) -> Iterator[Message]:
        """The student moves out of the state, and comes back: another time in special education begins."""
        assert self._later.left_on is not None, "who did not leave does not return"
        yield ExitSpecialEducation(
            student_id=self._pupil.state_id, exited_on=self._later.left_on, reason=_MOVED
        )
        yield from self._plan(iep_id, IEPType.INITIAL, dates)
        yield from self._provision(iep_id, dates)

    def _evaluated_again(self) -> Iterator[Message]:
        """Three years later: a re-evaluation that leaves the exceptionality as it is, or a waiver."""
        day = self._later.reevaluated_on
        if day is None:
            return
        names = {"student_id": self._pupil.state_id, "evaluation_id": uuid5(self._history_id, "evaluation 2")}
        if self._code not in _SELDOM_WAIVED and self._draw.random() < _WAIVED:
            yield RecordTriennialWaiver(**names, parent_signed_on=day)
        else:
            began = day - timedelta(days=30)
            yield BeginReevaluation(**names, reason=ReevaluationReason.THREE_YEARS, begun_on=began)
            yield CompleteEvaluation(**names, report_disseminated_on=day)

    def _amended(self, amends: UUID, begin_on: date) -> Iterator[Message]:
        """An amendment without another meeting: the forms stay, but for the one that explains it."""
        iep_id = uuid5(amends, "amendment")
        yield AmendIEP(
            student_id=self._pupil.state_id,
            iep_id=iep_id,
            amends=amends,
            begin_on=begin_on,
            amendment=AmendmentForm(
                informed_on=begin_on,
                contact_method=ContactMethod.TELEPHONE,
                explanation="The minutes of the services are given on other days of the week.",
            ),
        )
        yield from self._submitted(iep_id, begin_on)


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
