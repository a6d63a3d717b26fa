"""Made-up students and the messages about each: a history, amendments, later evaluations, a draft that is
thrown away, terminations, exits, claims of rival LEAs.

A seed determines everything. Each name is a unique word, so that a test can search logs for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from random import Random
from typing import Final
from uuid import UUID, uuid5

from contracts.activities import ExitSpecialEducation
from contracts.evaluations import (
    BeginReevaluation,
    CompleteEvaluation,
    RecordTriennialWaiver,
    ReevaluationReason,
)
from contracts.forms import AmendmentForm
from contracts.identity import IdentityAssigned, IdentityCorrected
from contracts.ieps import AmendIEP, DiscardIEP, DraftIEP, IEPType, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction, TransferSchool
from contracts.message import Command, Event
from contracts.provision import AddService, TerminateService
from contracts.students import Profile, SaveProfile
from deploy.demo.history import StudentHistory, history_of
from deploy.population.children import Child
from deploy.population.codes import RACES, SEXES, AgeGroup, Disability, Environment
from deploy.population.leas import LeaCode
from deploy.population.pupils import Grade, Pupil, SchoolCode, StateId

AS_OF: Final = date(2017, 10, 1)
LEAS: Final = ("009", "017", "026", "036", "052")

_WORDS: Final = UUID("0f6b8d3e-5d0a-4d0c-8a55-6c1f9f0d7a21")
_DISABILITIES: Final = ("OHI", "AUT", "SLD", "HI", "TBI")
_LETTERS: Final = "bcdfghjklmnpqrstvwxz"
_WEEK: Final = timedelta(days=7)
_AGE_DAYS: Final = (2_600, 4_700)


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message and the LEA that sends it. The bridge sends identities.

    `at`: the timestamp of the message, on topics where the sender may set it.
    """

    id: UUID
    lea: str
    message: Command | Event
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Student:
    """A student and the phases of messages about it. A phase begins when the one before is answered.

    `at_once`: all messages of a phase are sent at the same instant.
    """

    state_id: str
    canaries: tuple[str, ...]
    phases: tuple[tuple[PlannedMessage, ...], ...]
    at_once: bool = False


def contested_student(family: int, number: int, rivals: int, *, with_services: bool) -> Student:
    """A student whom rival LEAs claim at the same instant for the same day. One claim can win.

    `with_services`: at the same instant the owner adds its services and terminates one.
    """
    draw = Random(f"raced|{family}|{number}")
    history = history_of(_pupil(family, number, draw), AS_OF)
    plan = _Plan(history, draw)
    initial = tuple(planned for planned in plan.initial() if not isinstance(planned.message, AddService))
    adding = (
        tuple(planned for planned in plan.initial() if isinstance(planned.message, AddService))
        if with_services
        else ()
    )
    claims = tuple(plan.rival_claims(rivals, on_one_day=True))
    ends = tuple(plan.terminations())[:1] if with_services else ()
    phases = ((initial[0],), *((planned,) for planned in initial[1:]), (*adding, *claims, *ends))
    pupil = history.pupil
    canaries = (pupil.first_name, pupil.last_name, str(pupil.birth_on))
    return Student(pupil.state_id, canaries, phases, at_once=True)


def student_of(family: int, number: int, seed: int = 0) -> Student:
    """The `number`th student of a family of faults; always the same for the same arguments."""
    draw = Random(f"{seed}|{family}|{number}")
    history = history_of(_pupil(family, number, draw), AS_OF)
    phases = tuple(tuple(phase) for phase in _Plan(history, draw).phases())
    pupil = history.pupil
    return Student(pupil.state_id, (pupil.first_name, pupil.last_name, str(pupil.birth_on)), phases)


def family_of(state_id: str) -> int:
    """Which family of faults a student belongs to."""
    return int(state_id[1:4])


def _pupil(family: int, number: int, draw: Random) -> Pupil:
    lea = draw.choice(LEAS)
    child = Child(
        number,
        AgeGroup("6-21"),
        10,
        Disability(draw.choice(_DISABILITIES)),
        Environment("RC80"),
        draw.choice(RACES),
        draw.choice(SEXES),
    )
    return Pupil(
        child,
        StateId(f"7{family:03d}{number:06d}"),
        _word(draw),
        _word(draw),
        AS_OF - timedelta(days=draw.randint(*_AGE_DAYS)),
        LeaCode(lea),
        SchoolCode(f"{lea}001"),
        Grade("04"),
    )


def _word(draw: Random) -> str:
    """A made-up name, so that no log contains it by chance."""
    return "Q" + "".join(draw.choice(_LETTERS) for _ in range(9))


class _Plan:
    def __init__(self, history: StudentHistory, draw: Random) -> None:
        self._history = history
        self._draw = draw
        self._id = history.pupil.state_id
        self._owner = str(history.pupil.lea)
        self._rivals = draw.sample([lea for lea in LEAS if lea != self._owner], 3)
        self._planned = 0
        messages = [step.message for step in history.commands]
        self._iep = next(message for message in messages if isinstance(message, DraftIEP))
        self._services = [message for message in messages if isinstance(message, AddService)]

    def phases(self) -> Iterator[Sequence[PlannedMessage]]:
        """Six phases. A reckless sender (15 %) sends all as one phase."""
        phases = [
            [*self.initial()],
            [*self._changes()],
            [*self._later_years()],
            [*self.terminations()],
            [*self._exit()],
            [*self.rival_claims(3)],
        ]
        reckless = self._draw.random() < 0.15
        yield from [[*chain(*phases)]] if reckless else phases

    def initial(self) -> Iterator[PlannedMessage]:
        """From the identity to the services of a submitted IEP."""
        for step in (self._history.identity, *self._history.commands):
            yield PlannedMessage(UUID(step.id), self._owner, step.message)

    def _changes(self) -> Iterator[PlannedMessage]:
        """A correction, an amendment, a school transfer, and two claims that fail."""
        yield self._by_owner(self._correction())
        yield self._by_owner(SaveProfile(student_id=self._id, profile=Profile(grade="05", medicaid=True)))
        yield from map(self._by_owner, self._amendment(self._iep))
        yield self._by_owner(
            TransferSchool(
                student_id=self._id, begin_on=AS_OF + timedelta(days=5), school=f"{self._owner}002"
            )
        )
        for rival in self._rivals[:2]:
            yield self._claim(rival, 20)
        foreign = self._services[:1]
        for service in foreign:
            again = service.model_copy(update={"service_id": uuid5(self._history.id, "foreign")})
            yield self._plan(self._rivals[0], again)

    def _later_years(self) -> Iterator[PlannedMessage]:
        """A re-evaluation, a triennial waiver, and a review that is begun and thrown away."""
        names = {"student_id": self._id, "evaluation_id": uuid5(self._history.id, "re-evaluation")}
        for command in (
            BeginReevaluation(**names, reason=ReevaluationReason.PARENT_REQUEST, begun_on=AS_OF),
            CompleteEvaluation(**names, report_disseminated_on=AS_OF + _WEEK),
            RecordTriennialWaiver(
                student_id=self._id,
                evaluation_id=uuid5(self._history.id, "waiver"),
                parent_signed_on=AS_OF + 2 * _WEEK,
            ),
        ):
            yield self._by_owner(command)
        review = uuid5(self._history.id, "review")
        yield self._by_owner(
            self._iep.model_copy(
                update={
                    "iep_id": review,
                    "iep_type": IEPType.REVIEW,
                    "meeting_on": AS_OF,
                    "begin_on": AS_OF + _WEEK,
                }
            )
        )
        yield self._by_owner(DiscardIEP(student_id=self._id, iep_id=review))

    def _exit(self) -> Iterator[PlannedMessage]:
        """Each third student leaves special education."""
        if int(self._id) % 3 == 0:
            yield self._by_owner(
                ExitSpecialEducation(student_id=self._id, exited_on=AS_OF + _WEEK, reason="RTN")
            )

    def terminations(self) -> Iterator[PlannedMessage]:
        """The owner terminates its services."""
        for service in self._services:
            yield self._by_owner(
                TerminateService(
                    student_id=self._id, service_id=service.service_id, end_on=AS_OF, reason="TRANSFER"
                )
            )

    def rival_claims(self, how_many: int, *, on_one_day: bool = False) -> Iterator[PlannedMessage]:
        """Rival LEAs claim the student after the services have ended."""
        rivals = self._draw.sample(self._rivals, how_many)
        for number, rival in enumerate(rivals):
            yield self._claim(rival, 30 if on_one_day else 30 + number)

    def _claim(self, lea: str, days: int) -> PlannedMessage:
        begin_on = AS_OF + timedelta(days=days)
        return self._plan(lea, ClaimJurisdiction(student_id=self._id, begin_on=begin_on, school=f"{lea}001"))

    def _correction(self) -> IdentityCorrected:
        assigned = self._history.identity.message
        assert isinstance(assigned, IdentityAssigned)
        return IdentityCorrected(
            student_id=self._id,
            revision=2,
            person=assigned.person.model_copy(update={"middle_name": self._history.pupil.first_name}),
            aliases=assigned.aliases,
            corrected_fields=("middle_name",),
            reason="as on the birth certificate",
        )

    def _amendment(self, earlier: DraftIEP) -> Iterator[Command]:
        amended = uuid5(self._history.id, "amendment")
        yield AmendIEP(
            student_id=self._id,
            iep_id=amended,
            amends=earlier.iep_id,
            begin_on=earlier.begin_on + timedelta(days=20),
            amendment=AmendmentForm(
                informed_on=earlier.begin_on, contact_method="letter", explanation="More time for reading."
            ),
        )
        yield MakeIEPOfficial(
            student_id=self._id, iep_id=amended, signed_on=earlier.meeting_on + timedelta(days=1)
        )
        yield SubmitIEP(student_id=self._id, iep_id=amended)

    def _by_owner(self, message: Command | Event) -> PlannedMessage:
        return self._plan(self._owner, message)

    def _plan(self, lea: str, message: Command | Event) -> PlannedMessage:
        self._planned += 1
        return PlannedMessage(uuid5(_WORDS, f"{self._id}/{self._planned}"), lea, message)
