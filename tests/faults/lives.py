"""Made-up students and what is asked about each: a life, amendments, rivals who claim, services that end.

Everything is drawn from a seed. What identifies a student is a word of its own, which can be searched for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from random import Random
from typing import Final
from uuid import UUID, uuid5

from contracts.forms import AmendmentForm
from contracts.identity import IdentityAssigned, IdentityCorrected
from contracts.ieps import AmendIEP, DraftIEP, MakeIEPOfficial, SubmitIEP
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
_AGE_DAYS: Final = (2_600, 4_700)


@dataclass(frozen=True, slots=True)
class Say:
    """One message, and the LEA that sends it; an identity comes from the bridge.

    `at`: when Kafka is to have received it, where Kafka can be told so.
    """

    id: UUID
    lea: str
    message: Command | Event
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Student:
    """A student and the acts of its story; the next act begins when everything in the last is answered.

    `at_once`: what is in one act is sent at the same instant, by whoever sends it.
    """

    state_id: str
    canaries: tuple[str, ...]
    acts: tuple[tuple[Say, ...], ...]
    at_once: bool = False


def raced_for(family: int, number: int, rivals: int, *, served: bool) -> Student:
    """A student whom rivals claim at the same instant and for the same day; one of them can win.

    `served`: the owner adds its services, and terminates one, at the same instant.
    """
    draw = Random(f"raced|{family}|{number}")
    life = history_of(_pupil(family, number, draw), AS_OF)
    story = _Story(life, draw)
    lived = tuple(say for say in story.lived() if not isinstance(say.message, AddService))
    adding = tuple(say for say in story.lived() if isinstance(say.message, AddService)) if served else ()
    claims = tuple(story.claimed(rivals, on_one_day=True))
    ends = tuple(story.ended())[:1] if served else ()
    acts = ((lived[0],), *((say,) for say in lived[1:]), (*adding, *claims, *ends))
    pupil = life.pupil
    canaries = (pupil.first_name, pupil.last_name, str(pupil.birth_on))
    return Student(pupil.state_id, canaries, acts, at_once=True)


def student_of(family: int, number: int, seed: int = 0) -> Student:
    """The `number`th student of a family of faults; always the same for the same arguments."""
    draw = Random(f"{seed}|{family}|{number}")
    life = history_of(_pupil(family, number, draw), AS_OF)
    acts = tuple(tuple(act) for act in _Story(life, draw).acts())
    pupil = life.pupil
    return Student(pupil.state_id, (pupil.first_name, pupil.last_name, str(pupil.birth_on)), acts)


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
    """A name nobody has: no log holds it by chance."""
    return "Q" + "".join(draw.choice(_LETTERS) for _ in range(9))


class _Story:
    def __init__(self, life: StudentHistory, draw: Random) -> None:
        self._life = life
        self._draw = draw
        self._id = life.pupil.state_id
        self._owner = str(life.pupil.lea)
        self._rivals = draw.sample([lea for lea in LEAS if lea != self._owner], 3)
        self._said = 0
        messages = [step.message for step in life.commands]
        self._iep = next(message for message in messages if isinstance(message, DraftIEP))
        self._services = [message for message in messages if isinstance(message, AddService)]

    def acts(self) -> Iterator[Sequence[Say]]:
        """Four acts; those of a reckless sender are one."""
        acts = [[*self.lived()], [*self._changed()], [*self.ended()], [*self.claimed(3)]]
        reckless = self._draw.random() < 0.15
        yield from [[*chain(*acts)]] if reckless else acts

    def lived(self) -> Iterator[Say]:
        """From the identity to the services of a submitted IEP."""
        for step in (self._life.identity, *self._life.commands):
            yield Say(UUID(step.id), self._owner, step.message)

    def _changed(self) -> Iterator[Say]:
        """Corrected, amended, moved to another school, and claimed in vain by two others."""
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
            again = service.model_copy(update={"service_id": uuid5(self._life.id, "foreign")})
            yield self._say(self._rivals[0], again)

    def ended(self) -> Iterator[Say]:
        """The owner terminates what it gives."""
        for service in self._services:
            yield self._by_owner(
                TerminateService(
                    student_id=self._id, service_id=service.service_id, end_on=AS_OF, reason="TRANSFER"
                )
            )

    def claimed(self, how_many: int, *, on_one_day: bool = False) -> Iterator[Say]:
        """Rivals claim what nothing holds any more."""
        rivals = self._draw.sample(self._rivals, how_many)
        for number, rival in enumerate(rivals):
            yield self._claim(rival, 30 if on_one_day else 30 + number)

    def _claim(self, lea: str, days: int) -> Say:
        begin_on = AS_OF + timedelta(days=days)
        return self._say(lea, ClaimJurisdiction(student_id=self._id, begin_on=begin_on, school=f"{lea}001"))

    def _correction(self) -> IdentityCorrected:
        assigned = self._life.identity.message
        assert isinstance(assigned, IdentityAssigned)
        return IdentityCorrected(
            student_id=self._id,
            revision=2,
            person=assigned.person.model_copy(update={"middle_name": self._life.pupil.first_name}),
            aliases=assigned.aliases,
            corrected_fields=("middle_name",),
            reason="as on the birth certificate",
        )

    def _amendment(self, earlier: DraftIEP) -> Iterator[Command]:
        amended = uuid5(self._life.id, "amendment")
        yield AmendIEP(
            student_id=self._id,
            iep_id=amended,
            amends=earlier.iep_id,
            begin_on=earlier.begin_on + timedelta(days=20),
            amendment=AmendmentForm(parent_informed_by="letter", explanation="More time for reading."),
        )
        yield MakeIEPOfficial(
            student_id=self._id, iep_id=amended, signed_on=earlier.meeting_on + timedelta(days=1)
        )
        yield SubmitIEP(student_id=self._id, iep_id=amended)

    def _by_owner(self, message: Command | Event) -> Say:
        return self._say(self._owner, message)

    def _say(self, lea: str, message: Command | Event) -> Say:
        self._said += 1
        return Say(uuid5(_WORDS, f"{self._id}/{self._said}"), lea, message)
