"""What is sent in a simulated run: a few children's lives, and everything that can collide with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from uuid import UUID

from contracts.access import STATE, Role
from contracts.catalog import BRIDGE, entry_of
from contracts.envelope import Envelope
from contracts.forms import AmendmentForm
from contracts.identity import IdentityAssigned, IdentityCorrected
from contracts.ieps import AmendIEP, DraftIEP, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction, RegisterSchoolSites, TransferSchool
from contracts.message import Command, Event
from contracts.provision import AddService, ProviderType, RegisterProvider, TerminateService
from contracts.students import SaveProfile
from deploy.demo.history import StudentHistory, history_of
from deploy.population.children import Child
from deploy.population.codes import SCHOOL_AGE
from deploy.population.pupils import Pupil
from tests.simulation.scheduler import BEGINNING
from tests.simulation.tokens import Sender, token_of
from tests.unit.events import directory

SECONDS = 100.0
"""How long messages are sent."""

LEAS = ("017", "026", "036")
CANARY = "Canaryname"
"""The names of everybody here: they may stand in no outcome, no dead letter, no log line."""

PROVIDER = "T-4471"
_AS_OF = date(2017, 9, 1)
_DISABILITIES = ("SLD", "AUT", "OHI", "EMN")
_STUDENTS = 8


@dataclass(frozen=True, slots=True)
class Act:
    """One record put on a topic, and when. `command_id`: its sender waits for an outcome."""

    at: float
    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    what: str
    command_id: str | None = None


@cache
def children() -> Sequence[StudentHistory]:
    """The children of whom each run takes a few."""
    return [_child(number) for number in range(_STUDENTS)]


def _child(number: int) -> StudentHistory:
    lea = LEAS[number % len(LEAS)]
    disability = _DISABILITIES[number % len(_DISABILITIES)]
    child = Child(number + 1, SCHOOL_AGE, 9 + number, disability, "RC80", "WH7", "F" if number % 2 else "M")  # type: ignore[arg-type]
    pupil = Pupil(
        child,
        f"{1000000001 + number}",  # type: ignore[arg-type]
        CANARY,
        CANARY,
        date(2008 - number, 3, 4),
        lea,  # type: ignore[arg-type]
        f"{lea}001",  # type: ignore[arg-type]
        "05",  # type: ignore[arg-type]
    )
    return history_of(pupil, _AS_OF)


def acts_of(draw: Random) -> list[Act]:
    """What a seed's draw makes happen, in order of time."""
    lives = draw.sample(children(), draw.choice((1, 1, 2, 3)))
    acts = [act for life in lives for act in _Story(life, draw).told()]
    acts.extend(_directories(draw))
    acts.extend(_again(acts, draw))
    return sorted(acts, key=lambda act: act.at)


def _directories(draw: Random) -> Iterator[Act]:
    """The state registers the schools of each LEA, some of them late; some LEAs register a provider."""
    for lea in LEAS:
        at = draw.choice((0.0, 0.0, 0.0, draw.uniform(0, SECONDS / 2)))
        sites = RegisterSchoolSites(lea=lea, sites=directory(lea).sites)
        yield _act(sites, _new_id(draw), Sender(STATE, (Role.STATE,)), at)
        if draw.random() < 0.7:
            provider = RegisterProvider(
                lea=lea, provider_id=PROVIDER, provider_type=ProviderType.TEACHER, active_from=_AS_OF
            )
            yield _act(provider, _new_id(draw), Sender(lea), draw.uniform(0, SECONDS))


def _act(message: Command | Event, identity: str, sender: Sender, at: float) -> Act:
    entry = entry_of(type(message))
    command = isinstance(message, Command)
    envelope = Envelope(
        id=identity,
        type=entry.name,
        source="/simulation",
        subject=message.subject,
        time=BEGINNING,
        schema=entry.schema_id,
        token=token_of(sender) if command else None,
    )
    return Act(
        at=at,
        topic=entry.topic(),
        key=message.subject.encode(),
        value=message.model_dump_json().encode(),
        headers=tuple(envelope.headers()),
        what=entry.name,
        command_id=identity if command else None,
    )


def _new_id(draw: Random) -> str:
    return str(UUID(int=draw.getrandbits(128), version=4))


def _again(acts: Sequence[Act], draw: Random) -> Iterator[Act]:
    """Some of it is sent twice; some of it under the id of something else."""
    for act in draw.sample(acts, min(len(acts), draw.randrange(6))):
        yield replace(act, at=_later(act.at, draw), what="duplicate", command_id=None)
    commands = [act for act in acts if act.command_id]
    if len(commands) > 1 and draw.random() < 0.4:
        act, other = draw.sample(commands, 2)
        if act.topic == other.topic and act.value != other.value:
            yield replace(
                act,
                at=_later(max(act.at, other.at), draw),
                headers=(*_without(act.headers, "ce_id"), ("ce_id", _id_of(other))),
                what="id used before",
                command_id=None,
            )


def _without(headers: Sequence[tuple[str, bytes]], name: str) -> tuple[tuple[str, bytes], ...]:
    return tuple(pair for pair in headers if pair[0] != name)


def _id_of(act: Act) -> bytes:
    return dict(act.headers)["ce_id"]


def _later(at: float, draw: Random) -> float:
    return at + draw.choice((0.0, 0.01, 1.0, 30.0))


class _Story:
    """What happens to one child: its life, more or less in order, and whatever gets in its way."""

    def __init__(self, life: StudentHistory, draw: Random) -> None:
        self._life, self._draw = life, draw
        self._student = life.pupil.state_id
        self._made = 0

    def told(self) -> Iterator[Act]:
        yield from self._lived()
        makers: Sequence[tuple[Callable[[], Iterator[Act]], int]] = (
            (self._claims, 4),
            (self._wins, 3),
            (self._services, 4),
            (self._amends, 2),
            (self._corrects, 2),
            (self._saves, 2),
            (self._mistakes, 3),
            (self._garbage, 2),
        )
        for maker in self._draw.choices(*zip(*makers, strict=True), k=self._draw.randrange(4, 14)):
            yield from maker()

    def _lived(self) -> Iterator[Act]:
        """The life, each step some seconds after the one before; now and then one is early, or left out."""
        at, pace = self._draw.uniform(0, 20), self._draw.choice((0.05, 1.0, 5.0))
        for step in (self._life.identity, *self._life.commands):
            at += self._draw.expovariate(1 / pace)
            early = self._draw.choice((0.0, 0.0, 0.0, 0.0, 0.0, pace * 3))
            if self._draw.random() < 0.96:
                yield self._sent(step.message, step.id, self._life.pupil.lea, at=max(0.0, at - early))

    def _claims(self) -> Iterator[Act]:
        lea = self._draw.choice(LEAS)
        begin_on = _AS_OF - timedelta(days=self._draw.randrange(-30, 500))
        claim = ClaimJurisdiction(student_id=self._student, begin_on=begin_on, school=f"{lea}001")
        yield self._sent(claim, self._new(), lea)
        if self._draw.random() < 0.3:
            move = TransferSchool(
                student_id=self._student, begin_on=begin_on + timedelta(days=9), school=f"{lea}002"
            )
            yield self._sent(move, self._new(), lea)

    def _wins(self) -> Iterator[Act]:
        """A claim, the end of every service that may stand in its way, and the claim again."""
        lea, at = self._draw.choice(LEAS), self._draw.uniform(30, SECONDS)
        begin_on = _AS_OF + timedelta(days=self._draw.randrange(1, 60))
        claim = ClaimJurisdiction(student_id=self._student, begin_on=begin_on, school=f"{lea}001")
        yield self._sent(claim, self._new(), lea, at=at)
        for step in self._life.commands:
            if isinstance(step.message, AddService):
                ended = TerminateService(
                    student_id=self._student,
                    service_id=step.message.service_id,
                    end_on=_AS_OF,
                    reason="GOALS",
                )
                at += self._draw.expovariate(1)
                yield self._sent(ended, self._new(), self._life.pupil.lea, at=at)
        yield self._sent(claim, self._new(), lea, at=at + self._draw.choice((0.01, 1.0, 10.0)))

    def _services(self) -> Iterator[Act]:
        added = [step.message for step in self._life.commands if isinstance(step.message, AddService)]
        service, lea = self._draw.choice(added), self._draw.choice(LEAS)
        if self._draw.random() < 0.5:
            provider = {"provider_id": self._draw.choice((None, PROVIDER)), "begin_on": _AS_OF}
            terms = service.terms.model_copy(update=provider)
            more = service.model_copy(update={"service_id": UUID(self._new()), "terms": terms})
            yield self._sent(more, self._new(), lea)
            service = self._draw.choice((service, more))
        end_on = service.terms.begin_on + timedelta(days=self._draw.randrange(-5, 200))
        ended = TerminateService(
            student_id=self._student, service_id=service.service_id, end_on=end_on, reason="GOALS"
        )
        yield self._sent(ended, self._new(), self._draw.choice((lea, self._life.pupil.lea)))

    def _amends(self) -> Iterator[Act]:
        drafted = next(step.message for step in self._life.commands if isinstance(step.message, DraftIEP))
        names = {"student_id": self._student, "iep_id": UUID(self._new())}
        lea, at = self._draw.choice((self._life.pupil.lea, *LEAS)), self._when()
        form = AmendmentForm(parent_informed_by="telephone", explanation="more minutes")
        begun = AmendIEP(**names, amends=drafted.iep_id, begin_on=_AS_OF, amendment=form)
        signed = MakeIEPOfficial(**names, signed_on=_AS_OF)
        for command in (begun, signed, SubmitIEP(**names)):
            at += self._draw.expovariate(1)
            yield self._sent(command, self._new(), lea, at=at)

    def _corrects(self) -> Iterator[Act]:
        known = self._life.identity.message
        assert isinstance(known, IdentityAssigned)
        self._made += 1
        person = known.person.model_copy(update={"middle_name": CANARY, "sex": self._draw.choice("FM")})
        revision = 1 + self._made
        yield self._sent(
            IdentityCorrected(
                student_id=self._student, revision=revision, person=person, reason=f"correction {revision}"
            ),
            self._new(),
            BRIDGE,
        )

    def _saves(self) -> Iterator[Act]:
        known = self._life.commands[0].message
        assert not isinstance(known, Event)
        profile = known.profile.model_copy(update={"home_language": self._draw.choice(("French", "English"))})  # type: ignore[attr-defined]
        yield self._sent(
            SaveProfile(student_id=self._student, profile=profile), self._new(), self._draw.choice(LEAS)
        )

    def _mistakes(self) -> Iterator[Act]:
        """A claim that is wrong: its token, its form, its key or its dates."""
        claim = ClaimJurisdiction(student_id=self._student, begin_on=date(1999, 1, 1), school="017001")
        sent = self._sent(claim, self._new(), "017")
        match self._draw.randrange(5):
            case 0:
                yield sent
            case 1:
                yield replace(sent, headers=_without(sent.headers, "token"), what="no token")
            case 2:
                wrong = (b"nobody's", b"", token_of(Sender(STATE, (Role.READER,))).encode())
                header = ("token", self._draw.choice(wrong))
                yield replace(sent, headers=(*_without(sent.headers, "token"), header), what="forged token")
            case 3:
                yield replace(
                    sent, value=b'{"student_id": "%s", "x": 1}' % self._student.encode(), what="form"
                )
            case _:
                yield replace(sent, key=b"9999999999", what="wrong key")

    def _garbage(self) -> Iterator[Act]:
        """What is no message, on any topic."""
        sent = self._sent(self._life.commands[1].message, self._new(), "017")
        topic = self._draw.choice(
            (sent.topic, "StudentClaimed", "IdentityAssigned", "ieps.commands", "ServiceAdded")
        )
        garbage = replace(sent, topic=topic, what="garbage", command_id=None)
        match self._draw.randrange(4):
            case 0:
                yield replace(garbage, value=self._draw.randbytes(20), headers=())
            case 1:
                yield replace(garbage, value=None)
            case 2:
                yield replace(garbage, headers=(("ce_id", b"\xff\xfe"), *garbage.headers))
            case _:
                yield replace(
                    garbage,
                    headers=(*_without(garbage.headers, "ce_type"), ("ce_type", b"Unheard")),
                    topic="StudentAdded",
                )

    def _sent(self, message: Command | Event, identity: str, lea: str, *, at: float | None = None) -> Act:
        return _act(message, identity, Sender(lea), self._when() if at is None else at)

    def _when(self) -> float:
        return self._draw.uniform(0, SECONDS)

    def _new(self) -> str:
        return _new_id(self._draw)
