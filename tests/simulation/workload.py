"""The messages of a simulated run: the histories of a few children, and messages that collide with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from contracts.access import STATE, Role
from contracts.activities import (
    CorrectSpedActivity,
    ExitSpecialEducation,
    RevokeConsent,
    VoidSpedActivity,
)
from contracts.attachments import (
    AddAttachment,
    DeleteAttachment,
    DescribeAttachment,
    MediaType,
    ReplaceAttachment,
)
from contracts.calendars import CalendarDay, CalendarSource, PublishCalendar
from contracts.catalog import BRIDGE, entry_of
from contracts.envelope import Envelope
from contracts.evaluations import AssignEvaluation, RequestEvaluation
from contracts.forms import AmendmentForm, Form, ProgramServices, Signatures
from contracts.identity import IdentityAssigned, IdentityCorrected, IdentitySplit
from contracts.ieps import (
    AmendIEP,
    ApproveIEPDeletion,
    AssignIEP,
    DeclineIEPDeletion,
    DiscardIEP,
    DraftIEP,
    IEPType,
    MakeIEPOfficial,
    RequestIEPDeletion,
    SubmitIEP,
)
from contracts.jurisdiction import (
    AssignSpell,
    ClaimJurisdiction,
    CloseJurisdiction,
    CorrectClaim,
    CorrectSchoolTransfer,
    EndReason,
    EscalateTransfer,
    RegisterSchoolSites,
    TransferSchool,
    WithdrawClaim,
    WriteOnTransfer,
)
from contracts.message import Command, Event, Record
from contracts.provision import (
    AddService,
    AssignService,
    ChangeServiceTerms,
    CorrectSession,
    ProviderType,
    ReassignProvider,
    RecordFirstSession,
    RecordSession,
    RegisterProvider,
    RemoveSession,
    TerminateService,
)
from contracts.state_ids import ApproveStateId, Assignment, CloseSplit, DeclineStateId, ModifyStateId
from contracts.students import AssignGuardian, RemoveGuardian, SaveGuardian, SaveProfile
from deploy.demo.history import StudentHistory, history_of
from deploy.population.children import Child
from deploy.population.codes import SCHOOL_AGE
from deploy.population.pupils import Pupil
from services.ieps.domain.activities import id_of_entry
from services.students.domain.attachments import Upload
from tests.simulation.evaluating import evaluation_commands
from tests.simulation.merges import merges
from tests.simulation.scheduler import BEGINNING
from tests.simulation.tokens import Sender, token_of
from tests.unit.events import directory

SECONDS = 100.0
"""The seconds during which messages are sent."""

LEAS = ("017", "026", "036")
CANARY = "Canaryname"
"""The name of every person here. It may be in no outcome, dead letter or log line."""

PROVIDER = "T-4471"
_AS_OF = date(2017, 9, 1)
_DISABILITIES = ("SLD", "AUT", "OHI", "EMN")
_STUDENTS = 8
_UPLOADED = ("a" * 64, "b" * 64)
_NOT_UPLOADED = "c" * 64


def uploads_for(command: Command) -> Iterator[Record]:
    """The upload that a command names, if its bytes came."""
    if isinstance(command, AddAttachment | ReplaceAttachment) and command.sha256 in _UPLOADED:
        yield Upload(
            student_id=command.student_id,
            revision=1,
            attachment_id=command.attachment_id,
            sha256=command.sha256,
            size=command.size,
            media_type=command.media_type,
        )


@dataclass(frozen=True, slots=True)
class Act:
    """One message and the time at which it is put on its topic. `command_id`: the sender waits for an
    outcome."""

    at: float
    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    what: str
    command_id: str | None = None


@cache
def children() -> Sequence[StudentHistory]:
    """The children from whom each run draws some."""
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
    """The messages of a seed, in order of time."""
    histories = draw.sample(children(), draw.choice((1, 1, 2, 3)))
    acts = [
        act for history in histories for act in _ChildActs(history, draw, _beside(history, histories)).acts()
    ]
    acts.extend(_directories(draw))
    acts.extend(_calendars(draw))
    acts.extend(_again(acts, draw))
    acts.extend(act_of(*one) for one in merges(histories, LEAS, _AS_OF, SECONDS, draw))
    return sorted(acts, key=lambda act: act.at)


def _beside(history: StudentHistory, histories: Sequence[StudentHistory]) -> Sequence[str]:
    """The State IDs of the other children of the run."""
    return [other.pupil.state_id for other in histories if other is not history]


def _directories(draw: Random) -> Iterator[Act]:
    """The state registers the schools of each LEA, some late. Some LEAs register a provider."""
    for lea in LEAS:
        at = draw.choice((0.0, 0.0, 0.0, draw.uniform(0, SECONDS / 2)))
        sites = RegisterSchoolSites(lea=lea, sites=directory(lea).sites)
        yield act_of(sites, _new_id(draw), Sender(STATE, (Role.STATE,)), at)
        if draw.random() < 0.7:
            provider = RegisterProvider(
                lea=lea,
                provider_id=PROVIDER,
                provider_type=ProviderType.TEACHER,
                active_from=_AS_OF - timedelta(days=10),
                certified_for=draw.choice(((), ("SPI",), ("SPI", "SPE"))),
            )
            at = draw.choice((0.0, draw.uniform(0, SECONDS)))
            yield act_of(provider, _new_id(draw), Sender(lea), at)


def _calendars(draw: Random) -> Iterator[Act]:
    """The state publishes a calendar and amends it, some versions at once; an LEA tries to."""
    office = Sender(STATE, (Role.STATE,))
    for year in ("2017", "2018"):
        for number in range(draw.randrange(4)):
            holiday = CalendarDay(day=date(int(year), 11, 10 + number), reason="holiday")
            source = draw.choice(tuple(CalendarSource))
            seen = draw.choice((None, None, number))
            command = PublishCalendar(year=year, days=(holiday,), source=source, on_revision=seen or None)
            sender = draw.choice((office, office, office, Sender(LEAS[0])))
            yield act_of(command, _new_id(draw), sender, draw.uniform(0, SECONDS))


def act_of(message: Command | Event, identity: str, sender: Sender, at: float) -> Act:
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
    """Repeats some messages, and sends some under the id of another message."""
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


_MANAGERS = (
    Sender(STATE, (Role.SECURE_ID_MANAGER,), "state.office"),
    *(Sender(lea, (Role.SECURE_ID_MANAGER,), f"manager.of.{lea}") for lea in LEAS),
)


_ASSIGNED: Sequence[tuple[type[Assignment], type[Command], str]] = (
    (AssignGuardian, SaveGuardian, "guardian_id"),
    (AssignEvaluation, RequestEvaluation, "evaluation_id"),
    (AssignIEP, DraftIEP, "iep_id"),
    (AssignService, AddService, "service_id"),
)
"""The commands that assign a record, with the command that made it, and the field with its id."""


def _deciders(lea: str) -> Sequence[Sender]:
    """Who may try to decide about a deletion: the requester, a coordinator of the LEA, or the state."""
    return (
        Sender(lea, (Role.COORDINATOR,)),
        Sender(lea, (Role.COORDINATOR,), "another.coordinator"),
        Sender(STATE, (Role.STATE,), "state.office"),
    )


def _as_from(begin_on: date, form: Form) -> Form:
    """The form of another IEP, signed on this day, and whose services begin then."""
    match form:
        case ProgramServices(services=services):
            then = tuple(one.model_copy(update={"begin_on": begin_on}) for one in services)
            return form.model_copy(update={"services": then})
        case Signatures():
            return form.model_copy(update={"parent_signed_on": begin_on, "lea_signed_on": begin_on})
        case _:
            return form


class _ChildActs:
    """The messages about one child: its history, about in order, and colliding messages."""

    def __init__(self, history: StudentHistory, draw: Random, others: Sequence[str]) -> None:
        self._history, self._draw, self._others = history, draw, others
        self._student = history.pupil.state_id
        self._made = 0

    def acts(self) -> Iterator[Act]:
        yield from self._history_acts()
        makers: Sequence[tuple[Callable[[], Iterator[Act]], int]] = (
            (self._claims, 4),
            (self._wins, 3),
            (self._services, 4),
            (self._closes, 1),
            (self._mends, 3),
            (self._discards, 2),
            (self._deletes, 3),
            (self._exits, 4),
            (self._amends, 4),
            (self._evaluates, 3),
            (self._corrects, 2),
            (self._saves, 2),
            (self._removes, 1),
            (self._attaches, 2),
            (self._modifies, 2),
            (self._splits, 1),
            (self._mistakes, 3),
            (self._garbage, 2),
        )
        for maker in self._draw.choices(*zip(*makers, strict=True), k=self._draw.randrange(4, 14)):
            yield from maker()

    def _history_acts(self) -> Iterator[Act]:
        """The history, each step some seconds after the one before. A few steps are early or left out."""
        at, pace = self._draw.uniform(0, 20), self._draw.choice((0.05, 1.0, 5.0))
        for step in (self._history.identity, *self._history.commands):
            at += self._draw.expovariate(1 / pace)
            early = self._draw.choice((0.0, 0.0, 0.0, 0.0, 0.0, pace * 3))
            if self._draw.random() < 0.96:
                yield self._sent(step.message, step.id, self._history.pupil.lea, at=max(0.0, at - early))

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
            mend = CorrectSchoolTransfer(
                student_id=self._student, begin_on=begin_on + timedelta(days=8), school=f"{lea}003"
            )
            yield self._sent(mend, self._new(), lea)

    def _wins(self) -> Iterator[Act]:
        """A claim, the termination of every service that may block it, and the claim again."""
        lea, at = self._draw.choice(LEAS), self._draw.uniform(30, SECONDS)
        begin_on = _AS_OF + timedelta(days=self._draw.randrange(1, 60))
        claim = ClaimJurisdiction(student_id=self._student, begin_on=begin_on, school=f"{lea}001")
        claim_id = self._new()
        yield self._sent(claim, claim_id, lea, at=at)
        names = {"student_id": self._student, "claim_id": UUID(claim_id)}
        written = WriteOnTransfer(**names, text="The services end this week.")
        yield self._sent(written, self._new(), self._history.pupil.lea, at=at + 2)
        yield self._sent(EscalateTransfer(**names), self._new(), lea, at=at + 3)
        for step in self._history.commands:
            if isinstance(step.message, AddService):
                ended = TerminateService(
                    student_id=self._student,
                    service_id=step.message.service_id,
                    end_on=_AS_OF,
                    reason="GOALS",
                )
                at += self._draw.expovariate(1)
                yield self._sent(ended, self._new(), self._history.pupil.lea, at=at)
        yield self._sent(claim, self._new(), lea, at=at + self._draw.choice((0.01, 1.0, 10.0)))

    def _closes(self) -> Iterator[Act]:
        """An LEA closes its jurisdiction. Later, perhaps at once, an LEA claims the student again."""
        lea, at = self._draw.choice((self._history.pupil.lea, *LEAS)), self._draw.uniform(30, SECONDS)
        end_on = _AS_OF - timedelta(days=self._draw.randrange(-3, 100))
        reason = self._draw.choice(tuple(EndReason))
        yield self._sent(
            CloseJurisdiction(student_id=self._student, end_on=end_on, reason=reason), self._new(), lea, at=at
        )
        again = self._draw.choice(LEAS)
        claim = ClaimJurisdiction(
            student_id=self._student,
            begin_on=end_on + timedelta(days=self._draw.randrange(0, 10)),
            school=f"{again}001",
        )
        yield self._sent(claim, self._new(), again, at=at + self._draw.choice((0.01, 1.0, 10.0)))

    def _mends(self) -> Iterator[Act]:
        """A correction and a withdrawal of the first claim, or of a new one; then perhaps the right claim."""
        lea: str = self._history.pupil.lea
        at = self._draw.uniform(30, SECONDS)
        claims = (step for step in self._history.commands if isinstance(step.message, ClaimJurisdiction))
        mended, begin_on = next(claims).id, _AS_OF - timedelta(days=self._draw.randrange(300))
        if self._draw.random() < 0.5:
            lea, mended = self._draw.choice(LEAS), self._new()
            claim = ClaimJurisdiction(student_id=self._student, begin_on=begin_on, school=f"{lea}001")
            yield self._sent(claim, mended, lea, at=at)
        names = {"student_id": self._student, "spell_id": UUID(mended), "reason": "made in error"}
        office = Sender(STATE, (Role.STATE,))
        correction = CorrectClaim(
            **names,
            begin_on=begin_on + timedelta(days=self._draw.randrange(-9, 9)),
            school=self._draw.choice((None, f"{lea}002")),
        )
        commands: Sequence[Command] = (correction, WithdrawClaim(**names))
        for command in self._draw.sample(commands, self._draw.randrange(1, 3)):
            at += self._draw.expovariate(1)
            sender = self._draw.choice((Sender(lea), Sender(lea), office, Sender(LEAS[0])))
            yield act_of(command, self._new(), sender, at)
        if self._draw.random() < 0.5:
            right = self._draw.choice(LEAS)
            claim = ClaimJurisdiction(student_id=self._student, begin_on=begin_on, school=f"{right}001")
            yield self._sent(claim, self._new(), right, at=at + self._draw.choice((0.01, 1.0, 10.0)))

    def _services(self) -> Iterator[Act]:
        added = [step.message for step in self._history.commands if isinstance(step.message, AddService)]
        service, lea = self._draw.choice(added), self._draw.choice(LEAS)
        if self._draw.random() < 0.5:
            provider = {"provider_id": self._draw.choice((None, PROVIDER)), "begin_on": _AS_OF}
            terms = service.terms.model_copy(update=provider)
            more = service.model_copy(update={"service_id": UUID(self._new()), "terms": terms})
            yield self._sent(more, self._new(), lea)
            service = self._draw.choice((service, more))
        if self._draw.random() < 0.5:
            given_on = service.terms.begin_on + timedelta(days=self._draw.randrange(-2, 20))
            first = RecordFirstSession(
                student_id=self._student, service_id=service.service_id, given_on=given_on
            )
            yield self._sent(first, self._new(), self._history.pupil.lea)
        if self._draw.random() < 0.5:
            terms = service.terms.model_copy(update={"minutes_per_session": self._draw.choice((15, 45, 60))})
            effective_on = service.terms.begin_on + timedelta(days=self._draw.randrange(-2, 60))
            other = ChangeServiceTerms(
                student_id=self._student,
                service_id=service.service_id,
                terms=terms,
                effective_on=effective_on,
            )
            yield self._sent(other, self._new(), self._history.pupil.lea)
        if self._draw.random() < 0.8:
            yield self._sent(self._to_the_teacher(service), self._new(), self._history.pupil.lea)
        yield from self._sessions(service)
        end_on = service.terms.begin_on + timedelta(days=self._draw.randrange(-5, 200))
        ended = TerminateService(
            student_id=self._student, service_id=service.service_id, end_on=end_on, reason="GOALS"
        )
        yield self._sent(ended, self._new(), self._draw.choice((lea, self._history.pupil.lea)))

    def _sessions(self, service: AddService) -> Iterator[Act]:
        """A session, its correction to another day, and its removal, perhaps in another order."""
        since = max(service.terms.begin_on, _AS_OF - timedelta(days=9))
        given_on = since + timedelta(days=self._draw.randrange(-1, 9))
        names = {"student_id": self._student, "service_id": service.service_id, "session_id": self._new()}
        facts = names | {"given_on": given_on, "minutes": 30, "provider_id": PROVIDER}
        moved = {"given_on": given_on + timedelta(days=self._draw.randrange(3)), "recorded_on": given_on}
        removed = names | {"recorded_on": self._draw.choice((given_on, moved["given_on"]))}
        at = self._draw.uniform(SECONDS / 2, SECONDS)
        for command in (
            RecordSession.model_validate(facts),
            CorrectSession.model_validate(facts | moved),
            RemoveSession.model_validate(removed),
        ):
            yield self._sent(command, self._new(), self._history.pupil.lea, at=at)
            at += self._draw.expovariate(1)

    def _to_the_teacher(self, service: AddService) -> ReassignProvider:
        """The teacher of the directory gives the service from a day on."""
        from_on = max(service.terms.begin_on, _AS_OF) + timedelta(days=self._draw.randrange(-1, 60))
        return ReassignProvider(
            student_id=self._student,
            service_id=service.service_id,
            provider_id=PROVIDER,
            from_on=from_on,
            reassignment_id=UUID(self._new()),
            from_provider_id=self._draw.choice((None, None, PROVIDER)),
        )

    def _amends(self) -> Iterator[Act]:
        drafted = self._drafted()
        names = {"student_id": self._student, "iep_id": UUID(self._new())}
        lea, at = self._draw.choice((self._history.pupil.lea, *LEAS)), self._when()
        form = AmendmentForm(informed_on=_AS_OF, contact_method="telephone", explanation="more minutes")
        begun = AmendIEP(**names, amends=drafted.iep_id, begin_on=_AS_OF, amendment=form)
        signed = MakeIEPOfficial(**names, signed_on=_AS_OF)
        for command in (begun, signed, SubmitIEP(**names)):
            at += self._draw.expovariate(1)
            yield self._sent(command, self._new(), lea, at=at)

    def _discards(self) -> Iterator[Act]:
        """A draft with the forms of the first IEP, and its discard. Other LEAs may try to finish it."""
        names = {"student_id": self._student, "iep_id": UUID(self._new())}
        lea, at = self._draw.choice((self._history.pupil.lea, *LEAS)), self._when()
        day = _AS_OF - timedelta(days=1)
        draft = DraftIEP(
            **names, iep_type=IEPType.REVIEW, meeting_on=day, begin_on=day, copies=self._drafted().iep_id
        )
        yield self._sent(draft, self._new(), lea, at=at)
        for command in (MakeIEPOfficial(**names, signed_on=_AS_OF), DiscardIEP(**names)):
            at += self._draw.expovariate(1)
            yield self._sent(command, self._new(), self._draw.choice((lea, *LEAS)), at=at)

    def _deletes(self) -> Iterator[Act]:
        """A request to delete the IEP, and decisions: by the same person, by another, by the state."""
        names = {"student_id": self._student, "iep_id": self._drafted().iep_id}
        lea, at = self._history.pupil.lea, self._draw.uniform(20, SECONDS)
        decisions: Sequence[Command] = (
            ApproveIEPDeletion(**names),
            ApproveIEPDeletion(**names),
            DeclineIEPDeletion(**names, reason="it is this student's"),
        )
        yield self._sent(RequestIEPDeletion(**names, reason="of another student"), self._new(), lea, at=at)
        for command in self._draw.sample(decisions, 2):
            at += self._draw.expovariate(1)
            yield act_of(command, self._new(), self._draw.choice(_deciders(lea)), at)

    def _exits(self) -> Iterator[Act]:
        """An exit or a revocation, sometimes its correction, and an initial IEP from that day on."""
        lea, at = self._history.pupil.lea, self._draw.uniform(40, SECONDS)
        left_on = _AS_OF - timedelta(days=self._draw.randrange(5))
        activity = {
            "student_id": self._student,
            "activity_id": id_of_entry(self._drafted().iep_id),
            "explanation": "typed wrongly",
        }
        leaving: Sequence[Command] = (
            ExitSpecialEducation(student_id=self._student, exited_on=left_on, reason="MVO"),
            RevokeConsent(student_id=self._student, consent_id=UUID(self._new()), revoked_on=left_on),
        )
        correcting: Sequence[Command] = (
            CorrectSpedActivity(**activity, exited_on=_AS_OF),
            CorrectSpedActivity(**activity, never_left=True),
            VoidSpedActivity(**activity),
        )
        commands = (self._draw.choice(leaving), *self._draw.sample(correcting, self._draw.randrange(2)))
        for command in (*commands, *self._back(left_on)):
            at += self._draw.expovariate(1)
            yield self._sent(command, self._new(), lea, at=at)

    def _back(self, begin_on: date) -> Iterator[Command]:
        """A new initial IEP, with the forms of the first."""
        names, first = {"student_id": self._student, "iep_id": UUID(self._new())}, self._drafted()
        days = {"meeting_on": begin_on, "begin_on": begin_on}
        forms = tuple(_as_from(begin_on, form) for form in first.forms)
        yield DraftIEP(**names, **days, iep_type=IEPType.INITIAL, copies=first.iep_id, forms=forms)
        yield MakeIEPOfficial(**names, signed_on=_AS_OF)
        yield SubmitIEP(**names)

    def _drafted(self) -> DraftIEP:
        return next(step.message for step in self._history.commands if isinstance(step.message, DraftIEP))

    def _evaluates(self) -> Iterator[Act]:
        lea, at = self._draw.choice((self._history.pupil.lea, *LEAS)), self._when()
        for command in evaluation_commands(self._student, UUID(self._new()), _AS_OF, self._draw):
            at += self._draw.expovariate(1)
            yield self._sent(command, self._new(), lea, at=at)

    def _corrects(self) -> Iterator[Act]:
        known = self._history.identity.message
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
        known = self._history.commands[0].message
        assert not isinstance(known, Event)
        profile = known.profile.model_copy(update={"home_language": self._draw.choice(("French", "English"))})  # type: ignore[attr-defined]
        yield self._sent(
            SaveProfile(student_id=self._student, profile=profile), self._new(), self._draw.choice(LEAS)
        )

    def _removes(self) -> Iterator[Act]:
        """Removes the parent, sometimes after another one was saved."""
        for command in [one.message for one in self._history.commands]:
            if isinstance(command, SaveGuardian):
                lea = self._draw.choice(LEAS)
                if self._draw.random() < 0.5:
                    other = command.model_copy(update={"guardian_id": UUID(self._new())})
                    yield self._sent(other, self._new(), lea)
                removal = RemoveGuardian(
                    student_id=self._student, guardian_id=command.guardian_id, reason="rights ended"
                )
                yield self._sent(removal, self._new(), lea)

    def _attaches(self) -> Iterator[Act]:
        """Adds a file. Then it is described, replaced or deleted, in any order; some bytes never came."""
        names = {"student_id": self._student, "attachment_id": UUID(self._new())}
        lea, at = self._draw.choice((self._history.pupil.lea, *LEAS)), self._draw.uniform(20, SECONDS)
        add = AddAttachment(**names, **self._file(), description=CANARY)
        later: Sequence[Command] = (
            DescribeAttachment(**names, description=CANARY),
            ReplaceAttachment(**names, **self._file()),
            DeleteAttachment(**names, reason=CANARY),
        )
        for command in (add, *self._draw.choices(later, k=self._draw.randrange(4))):
            yield self._sent(command, self._new(), lea, at=at)
            at += self._draw.choice((0.01, 1.0, 5.0))

    def _file(self) -> dict[str, Any]:
        """What a command says of its file. The service has the bytes of most."""
        sha256 = self._draw.choice((*_UPLOADED, _NOT_UPLOADED))
        return {"file_name": CANARY, "media_type": MediaType.PDF, "size": 1000, "sha256": sha256}

    def _modifies(self) -> Iterator[Act]:
        """Secure ID managers propose that the student bears another State ID, then this one again. Others
        approve or decline."""
        at = self._draw.uniform(20, SECONDS)
        into = self._draw.choice(self._others or (None,))
        for bears in self._draw.choice(((into,), (into, None), (None,))):
            proposal = ModifyStateId(student_id=self._student, into=bears, reason="one child")
            for command in (proposal, *self._draw.choice(self._decisions())):
                yield act_of(command, self._new(), self._draw.choice(_MANAGERS), at)
                at += self._draw.expovariate(1)

    def _splits(self) -> Iterator[Act]:
        """eScholar splits the State ID, perhaps twice. Managers close the split."""
        other = self._draw.choice((*self._others, "1999999999"))
        for _ in range(self._draw.choice((1, 1, 2))):
            self._made += 1
            split = IdentitySplit(
                student_id=self._student, revision=1 + self._made, new_id=other, reason="two children"
            )
            identity = self._new()
            yield self._sent(split, identity, BRIDGE)
        for one, with_id in ((self._student, other), (other, self._student)):
            close = CloseSplit(student_id=one, with_id=with_id)
            yield act_of(close, self._new(), self._draw.choice(_MANAGERS), self._when())
        yield from self._assigns(other, Random(identity))

    def _assigns(self, other: str, draw: Random) -> Iterator[Act]:
        """Managers give records across, some of them back. `draw`: of these acts alone."""
        made = [step.message for step in self._history.commands]
        claims = [step.id for step in self._history.commands if isinstance(step.message, ClaimJurisdiction)]
        given: list[tuple[type[Any], dict[str, Any]]] = [
            (AssignSpell, {"spell_id": claim}) for claim in claims
        ]
        for model, command, name in _ASSIGNED:
            given += [(model, {name: getattr(one, name)}) for one in made if isinstance(one, command)]
        for model, record in draw.sample(given, draw.randrange(1 + min(len(given), 6))):
            there, back = (self._student, other), (other, self._student)
            ways = draw.choice(((there,), (there, back)))
            at = draw.uniform(20, SECONDS)
            for one, to in ways:
                assign = model(student_id=one, to=to, **record)
                yield act_of(assign, _new_id(draw), draw.choice(_MANAGERS), at)
                at += draw.expovariate(1)

    def _decisions(self) -> Sequence[Sequence[Command]]:
        approve = ApproveStateId(student_id=self._student)
        seen = ApproveStateId(student_id=self._student, on_revision=self._draw.choice((1, 2, 3)))
        decline = DeclineStateId(student_id=self._student, reason="twins")
        return (approve, approve), (approve, approve), (seen, decline), (decline, approve)

    def _mistakes(self) -> Iterator[Act]:
        """A wrong claim: its token, form, key or dates."""
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
        """Unreadable messages, on any topic."""
        sent = self._sent(self._history.commands[1].message, self._new(), "017")
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
        return act_of(message, identity, Sender(lea), self._when() if at is None else at)

    def _when(self) -> float:
        return self._draw.uniform(0, SECONDS)

    def _new(self) -> str:
        return _new_id(self._draw)
