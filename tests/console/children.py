"""The students of the console's tests: children of the demonstration, each at a point of its history.

A history is sent up to a step. So there is a student in every state that a screen can show.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from contracts.activities import ExitSpecialEducation, RefuseInitialServices
from contracts.calendars import ExtensionKind
from contracts.dates import day_at
from contracts.evaluations import (
    BeginReevaluation,
    CompleteEvaluation,
    ExtendEvaluation,
    ParentDecision,
    RecordParentDecision,
    RecordTriennialWaiver,
    ReevaluationReason,
    RequestEvaluation,
)
from contracts.identity import IdentityAssigned, IdentityCorrected, IdentitySplit
from contracts.ieps import DraftIEP, IEPType, RequestIEPDeletion
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command, Event
from contracts.provision import (
    AddService,
    ChangeServiceTerms,
    ProviderType,
    RecordSession,
    RegisterProvider,
    ServiceTerms,
)
from contracts.roles import STATE
from contracts.state_ids import ApproveStateId, ModifyStateId
from deploy.demo.api_client import ApiClient, Reply, Tokens
from deploy.demo.attachment import attach
from deploy.demo.history import Step, StudentHistory, history_of
from deploy.demo.producer import StepProducer
from deploy.population import leas
from deploy.population.children import Child
from deploy.population.codes import RACES, SCHOOL_AGE, SEXES, Disability, Environment
from deploy.population.pupils import Grade, Pupil, SchoolCode, StateId

OWN, OTHER = "017", "009"
"""The LEA of most people of the tests, and the other side of a transfer."""

ATTACHMENTS = {
    "served": UUID("0b9a1f0e-6d0e-4f0a-8d53-2f1f7f0f3c52"),
    "served twin": UUID("77f1f3a0-0f0b-4b54-8b0e-0c6f3a1d9e21"),
    "reported": UUID("3f6a1d52-8c0b-4e39-9a7d-5d1b6c2e7f40"),
    "judged": UUID("5cbf8f29-4d0f-4a7b-9d0f-0e8f3b1c6a11"),
}
"""The attachments, by student."""

_AGE_DAYS = 3_800
_AT_ONCE = 4
_LATE_DAYS = 200

IDENTITY, ADDED, CLAIMED, GUARDIAN, REQUESTED, CONSENTED, COMPLETED, DETERMINED = range(8)
DRAFTED, OFFICIAL, SUBMITTED, SERVED = 8, 9, 10, 99
"""The last step of a history that is sent."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A student to make: the LEA, the last step of the history, the name, and a birth date if it matters."""

    lea: str
    through: int
    first: str
    last: str
    born: date | None = None


PLANNED: Mapping[str, Planned] = {
    "known": Planned(OWN, IDENTITY, "Nola", "Quibodeaux"),
    "added": Planned(OWN, ADDED, "Aline", "Robichaux"),
    "claimed": Planned(OWN, CLAIMED, "Cecile", "Thibodeaux"),
    "guarded": Planned(OWN, GUARDIAN, "Gaston", "Arceneaux"),
    "requested": Planned(OWN, REQUESTED, "Remy", "Broussard"),
    "consented": Planned(OWN, CONSENTED, "Colette", "Guidry"),
    "completed": Planned(OWN, COMPLETED, "Corinne", "Hebert"),
    "determined": Planned(OWN, DETERMINED, "Denise", "Landry"),
    "drafted": Planned(OWN, DRAFTED, "Dorian", "Melancon"),
    "red": Planned(OWN, DETERMINED, "Rosalie", "Naquin"),
    "official": Planned(OWN, OFFICIAL, "Odile", "Oubre"),
    "submitted": Planned(OWN, SUBMITTED, "Simone", "Prejean"),
    "served": Planned(OWN, SERVED, "Sylvie", "Richard"),
    "awaited": Planned(OWN, SERVED, "Adele", "Savoie"),
    "awaited twin": Planned(OWN, SERVED, "Adela", "Savoy"),
    "blocked": Planned(OTHER, SERVED, "Basile", "Trahan"),
    "elsewhere": Planned(OTHER, SERVED, "Estelle", "Verret"),
    "waiting": Planned(OWN, GUARDIAN, "Winona", "Zeringue"),
    "moving": Planned(OTHER, SUBMITTED, "Mireille", "Dugas"),
    "leaving": Planned(OTHER, SERVED, "Lucien", "Eymard"),
    "asked": Planned(OWN, CONSENTED, "Armand", "Falgout"),
    "ready": Planned(OWN, DRAFTED, "Regine", "Gautreaux"),
    "unserved": Planned(OWN, SUBMITTED, "Ulysse", "Istre"),
    "unsubmitted": Planned(OWN, OFFICIAL, "Ursule", "Kerne"),
    "judged": Planned(OWN, SERVED, "Jerome", "Lejeune"),
    "early": Planned(OWN, CLAIMED, "Elodie", "Lirette"),
    "parting": Planned(OTHER, SERVED, "Pauline", "Parenton"),
    "plain": Planned(OWN, IDENTITY, "Perrine", "Matherne"),
    "unwanted": Planned(OWN, DRAFTED, "Urania", "Bergeron"),
    "doubtful": Planned(OWN, OFFICIAL, "Dorothee", "Chauvin"),
    "adopted": Planned(OTHER, DRAFTED, "Adeline", "Doucet"),
    "planned": Planned(OWN, SUBMITTED, "Palmire", "Hulin"),
    "planned twin": Planned(OWN, SUBMITTED, "Placide", "Hulin"),
    "unwanted twin": Planned(OWN, DRAFTED, "Ulric", "Bergeron"),
    "doubtful twin": Planned(OWN, OFFICIAL, "Didier", "Chauvin"),
    "known twin": Planned(OWN, IDENTITY, "Noemie", "Quibodeaux"),
    "drafted twin": Planned(OWN, DRAFTED, "Delphine", "Melancon"),
    "ready twin": Planned(OWN, DRAFTED, "Rosalind", "Gautreaux"),
    "unsubmitted twin": Planned(OWN, OFFICIAL, "Urbain", "Kerne"),
    "newcomer": Planned(OWN, IDENTITY, "Nicole", "Jumonville"),
    "again": Planned(OWN, SERVED, "Therese", "Ancelet"),
    "reported": Planned(OWN, SERVED, "Rosemond", "Babin"),
    "waived": Planned(OWN, SERVED, "Valerie", "Bourque"),
    "timely": Planned(OWN, GUARDIAN, "Timothee", "Chauvin"),
    "late": Planned(OWN, GUARDIAN, "Leandre", "Comeaux"),
    "overdue": Planned(OWN, GUARDIAN, "Leonce", "Foret"),
    "exited": Planned(OWN, SERVED, "Eugenie", "Daigle"),
    "declined": Planned(OWN, DETERMINED, "Rita", "Esnault"),
    "graduate": Planned(OWN, SERVED, "Gladys", "Guillot"),
    "alone": Planned(OWN, GUARDIAN, "Zoe", "Arceneaux"),
    "lasting": Planned(OWN, IDENTITY, "Viola", "Hotard", date(2008, 5, 20)),
    "doubled": Planned(OWN, ADDED, "Delia", "Roy", date(2015, 3, 4)),
    "double": Planned(OWN, IDENTITY, "Delia", "Roy", date(2015, 3, 4)),
    "paired": Planned(OWN, ADDED, "Paulin", "Vidrine"),
    "paired twin": Planned(OWN, ADDED, "Pascal", "Vidrine"),
    "pair": Planned(OWN, IDENTITY, "Paul", "Vidrine"),
    "pair twin": Planned(OWN, IDENTITY, "Pasquale", "Vidrine"),
    "joined": Planned(OWN, ADDED, "Josette", "Zaunbrecher"),
    "join": Planned(OTHER, IDENTITY, "Josee", "Zaunbrecher"),
    "shared": Planned(OWN, GUARDIAN, "Sidonie", "Waguespack"),
    "shared twin": Planned(OWN, GUARDIAN, "Sidney", "Waguespack"),
    "share": Planned(OWN, IDENTITY, "Sidonia", "Waguespack"),
    "share twin": Planned(OWN, IDENTITY, "Sidneyan", "Waguespack"),
    "single": Planned(OWN, ADDED, "Solange", "Ulmer"),
    "right": Planned(OWN, IDENTITY, "Solange", "Ulmers"),
    "misborn": Planned(OWN, REQUESTED, "Mathurin", "Sonnier"),
    "errant": Planned(OWN, CLAIMED, "Ernestine", "Errol"),
    "relieved": Planned(OWN, SERVED, "Reine", "Himel"),
    "handed": Planned(OWN, SERVED, "Hortense", "Jeansonne"),
    "served twin": Planned(OWN, SERVED, "Sidonie", "Richard"),
    "split": Planned(OWN, GUARDIAN, "Odalie", "Xavier"),
    "splinter": Planned(OWN, IDENTITY, "Ulalie", "Xavier"),
}
"""The students by what the tests call them."""

_NUMBERS = {name: number for number, name in enumerate(PLANNED, 1)}
_TWIN = " twin"
_RECORDS = ("guardian_id", "evaluation_id", "iep_id", "service_id")


@dataclass(frozen=True)
class Children:
    """The students of the tests, by name, and the client that sent their histories.

    `activities`: the id of a student's sped activity, which SER chose.
    """

    histories: Mapping[str, StudentHistory]
    api: ApiClient
    activities: Mapping[str, str] = field(default_factory=dict)
    unknown: str = "0900000099"
    """A State ID that eScholar has not assigned."""

    def id(self, name: str) -> str:
        """A student's State ID."""
        return str(self.histories[name].pupil.state_id)

    def facts(self, *, twins: bool = False) -> dict[str, str]:
        """What addresses name: State IDs by student, and records such as `served_iep_id`.

        `twins`: where there is a twin, it takes the place of the student. A form that changes a student for
        good can so be tried twice.
        """
        found = {name: history for name, history in self.histories.items() if not name.endswith(_TWIN)}
        if twins:
            found |= {name: self.histories.get(name + _TWIN, history) for name, history in found.items()}
        ids = {name: str(history.pupil.state_id) for name, history in found.items()}
        return (
            ids
            | {
                "unknown": self.unknown,
            }
            | {
                f"{name}_attachment_id": str(
                    ATTACHMENTS.get(name + _TWIN if twins else name) or attachment_id
                )
                for name, attachment_id in ATTACHMENTS.items()
                if not name.endswith(_TWIN)
            }
            | {f"{name}_disputed_id": str(disputed_id(history)) for name, history in found.items()}
            | {f"{name}_session_id": str(session_id(history)) for name, history in found.items()}
            | {f"{name}_later_id": str(later_id(history)) for name, history in found.items()}
            | {
                f"{name}_claim_id": step.id
                for name, history in found.items()
                for step in history.commands
                if isinstance(step.message, ClaimJurisdiction)
            }
            | {f"{name}_activity_id": activity for name, activity in self.activities.items()}
            | {
                f"{name}_{field}": str(getattr(step.message, field))
                for name, history in found.items()
                for step in history.commands
                for field in _RECORDS
                if hasattr(step.message, field)
            }
        )


async def send(
    api: ApiClient, lea: str, command: Command, *, expect: str, identity: str = "", token: str | None = None
) -> Reply:
    """Posts a command; the test fails if its outcome has another status."""
    command_id = UUID(identity) if identity else uuid4()
    final = expect != "held"
    reply = await api.post(leas.LeaCode(lea), command, command_id=command_id, until_final=final, token=token)
    assert reply.status == expect, f"{type(command).__name__}: {reply.code} {reply.explanation}"
    return reply


@asynccontextmanager
async def children_of(bootstrap: str, urls: Mapping[str, str], tokens: Tokens) -> AsyncIterator[Children]:
    """Inside: every planned student is in SER."""
    today = day_at(datetime.now(UTC))
    histories = {name: history_of(_pupil(name, planned, today), today) for name, planned in PLANNED.items()}
    async with aclosing(ApiClient(urls, tokens)) as api:
        await _introduce(bootstrap, tokens, histories.values())
        gate = asyncio.Semaphore(_AT_ONCE)

        async def live(name: str) -> None:
            async with gate:
                await _live(api, PLANNED[name], histories[name])

        await asyncio.gather(*map(live, PLANNED))
        await _conflicts(api, histories, today)
        await _correct_birth_date(bootstrap, tokens, histories["misborn"], today)
        await _attach(api, histories)
        await _change_state_ids(api, tokens, histories)
        for name, other in (("shared", "share"), ("shared twin", "share twin"), ("split", "splinter")):
            await _split(bootstrap, tokens, histories[name], _id(histories, other))
        activities = {name: await _activity_of(api, _id(histories, name)) for name in ("exited", "judged")}
        yield Children(histories, api, activities)


async def _attach(api: ApiClient, histories: Mapping[str, StudentHistory]) -> None:
    for name, attachment_id in ATTACHMENTS.items():
        reply = await attach(api, leas.LeaCode(OWN), _id(histories, name), attachment_id, "Healthcare plan")
        assert reply.status == "accepted", reply.explanation


async def _change_state_ids(api: ApiClient, tokens: Tokens, histories: Mapping[str, StudentHistory]) -> None:
    """A secure ID manager proposes three changes; the state's approves the last one."""
    proposes, approves = (tokens.secure_id_manager(lea, f"manager-{lea}") for lea in (OWN, STATE))
    for name, into in (("paired", "pair"), ("paired twin", "pair twin"), ("joined", "join")):
        proposal = ModifyStateId(
            student_id=_id(histories, name), into=_id(histories, into), reason="One child, assigned twice."
        )
        await send(api, OWN, proposal, expect="accepted", token=proposes)
    approval = ApproveStateId(student_id=_id(histories, "joined"))
    await send(api, OWN, approval, expect="accepted", token=approves)


async def _introduce(bootstrap: str, tokens: Tokens, histories: Iterable[StudentHistory]) -> None:
    producer = StepProducer(bootstrap, "", tokens.lea)
    await producer.start()
    try:
        for history in histories:
            await producer.send(history.identity, str(history.id))
    finally:
        await producer.stop()


async def _correct_birth_date(bootstrap: str, tokens: Tokens, history: StudentHistory, today: date) -> None:
    """eScholar says that the student was born today, after what the LEA has recorded."""
    assigned = history.identity.message
    assert isinstance(assigned, IdentityAssigned)
    person = assigned.person.model_copy(update={"birth_on": today})
    corrected = IdentityCorrected(
        student_id=assigned.student_id, revision=2, person=person, reason="The year was mistyped."
    )
    await _say(bootstrap, tokens, history, corrected)


async def _split(bootstrap: str, tokens: Tokens, history: StudentHistory, new_id: str) -> None:
    """eScholar says that two persons shared the student's State ID."""
    split = IdentitySplit(
        student_id=history.pupil.state_id, revision=2, new_id=new_id, reason="Cousins had one State ID."
    )
    await _say(bootstrap, tokens, history, split)


async def _say(bootstrap: str, tokens: Tokens, history: StudentHistory, event: Event) -> None:
    """The bridge sends a message about the student."""
    producer = StepProducer(bootstrap, "", tokens.lea)
    await producer.start()
    try:
        await producer.send(Step(str(uuid4()), 0, event), str(history.id))
    finally:
        await producer.stop()


async def _live(api: ApiClient, planned: Planned, history: StudentHistory) -> None:
    for step in history.commands:
        if step.number <= planned.through:
            assert isinstance(step.message, Command)
            await send(api, planned.lea, step.message, expect="accepted", identity=step.id)


async def _conflicts(api: ApiClient, histories: Mapping[str, StudentHistory], today: date) -> None:
    """The states that need a second command: blocked claims, a red draft, a held command."""
    claims = (("blocked", OWN), ("awaited", OTHER), ("awaited twin", OTHER), ("leaving", OWN))
    for name, lea in claims:
        claim = ClaimJurisdiction(
            student_id=_id(histories, name), begin_on=today + timedelta(days=7), school=f"{lea}001"
        )
        await send(api, lea, claim, expect="refused", identity=str(disputed_id(histories[name])))
    for name in ("doubtful", "doubtful twin"):
        request = RequestIEPDeletion(
            student_id=_id(histories, name), iep_id=red_iep_of(histories[name]), reason="Entered twice."
        )
        await send(api, OWN, request, expect="accepted")
    adopting = ClaimJurisdiction(student_id=_id(histories, "adopted"), begin_on=today, school=f"{OWN}001")
    await send(api, OWN, adopting, expect="accepted")
    red = DraftIEP(
        student_id=_id(histories, "red"),
        iep_id=red_iep_of(histories["red"]),
        iep_type=IEPType.INITIAL,
        meeting_on=today,
        begin_on=today,
    )
    await send(api, OWN, red, expect="accepted")
    await send(api, OWN, _service_without_iep(_id(histories, "waiting"), today), expect="held")
    for number in (PROVIDER, SUBSTITUTE):
        await send(api, OWN, therapist(number), expect="accepted")
    await send(api, OWN, _by_the_therapist(histories["served"], today), expect="accepted")
    for name in ("served", "served twin"):
        await send(api, OWN, _session_of(histories[name], today), expect="accepted")
    for name in LATER:
        for command in _later(histories[name], name, today):
            await send(api, OWN, command, expect="accepted")


LATER = ("again", "reported", "waived", "timely", "late", "overdue", "exited", "declined")
"""The students whose histories go on after what the demonstration tells."""


def later_id(history: StudentHistory) -> UUID:
    """The id of the record that a student's later commands are about."""
    return uuid5(history.id, "later")


def _later(history: StudentHistory, name: str, today: date) -> Sequence[Command]:
    """What happens after the history: a re-evaluation, a waiver, a late evaluation, an exit, a refusal."""
    student, one = str(history.pupil.state_id), later_id(history)
    begun = BeginReevaluation(
        student_id=student,
        evaluation_id=one,
        reason=ReevaluationReason.PARENT_REQUEST,
        begun_on=today - timedelta(days=3),
    )
    match name:
        case "again":
            return [begun]
        case "reported":
            return [
                begun,
                CompleteEvaluation(student_id=student, evaluation_id=one, report_disseminated_on=today),
            ]
        case "waived":
            return [RecordTriennialWaiver(student_id=student, evaluation_id=one, parent_signed_on=today)]
        case "timely":
            return _consented(student, one, today - timedelta(days=10))
        case "late" | "overdue":
            return _late(student, one, today - timedelta(days=_LATE_DAYS))
        case "exited":
            return [ExitSpecialEducation(student_id=student, exited_on=today, reason="MVI")]
        case _:
            return [RefuseInitialServices(student_id=student, consent_id=one, refused_on=today)]


def _consented(student: str, evaluation: UUID, asked_on: date) -> Sequence[Command]:
    """An evaluation to which the parent consented a week after the request."""
    names = {"student_id": student, "evaluation_id": evaluation}
    decided_on = asked_on + timedelta(days=7)
    return [
        RequestEvaluation(**names, permission_requested_on=asked_on),
        RecordParentDecision(**names, decision=ParentDecision.CONSENTED, decided_on=decided_on),
    ]


def _late(student: str, evaluation: UUID, asked_on: date) -> Sequence[Command]:
    """An evaluation whose 60 business days, and an extension by ten, are over."""
    extension = ExtendEvaluation(
        student_id=student,
        evaluation_id=evaluation,
        extension=ExtensionKind.PARENT_AGREED,
        business_days=10,
        approved_on=asked_on + timedelta(days=50),
    )
    return [*_consented(student, evaluation, asked_on), extension]


async def _activity_of(api: ApiClient, student_id: str) -> str:
    """The id of the student's newest sped activity."""
    reply = await api.get("ieps", f"/students/{student_id}/sped-activity")
    listed: Any = reply.body
    return str(listed[0]["activity_id"])


def red_iep_of(history: StudentHistory) -> UUID:
    """The id of the IEP that the child's history would draft."""
    (draft,) = (step.message for step in history.commands if isinstance(step.message, DraftIEP))
    return UUID(str(draft.iep_id))


PROVIDER = "T-4471"
"""A provider of the LEA, who gives the served student a service."""

SUBSTITUTE = "T-4472"
"""Another provider of the LEA, who gives nothing."""


def therapist(number: str) -> RegisterProvider:
    """The entry of a therapist in the directory."""
    return RegisterProvider(
        lea=OWN,
        provider_id=number,
        provider_type=ProviderType.SPEECH,
        active_from=date(2010, 8, 1),
        certified_for=("SPE", "SPI"),
    )


def _by_the_therapist(history: StudentHistory, today: date) -> ChangeServiceTerms:
    """The student's service has the therapist as provider, and takes five minutes more."""
    added = next(step.message for step in history.commands if isinstance(step.message, AddService))
    more = {"provider_id": PROVIDER, "minutes_per_session": added.terms.minutes_per_session + 5}
    return ChangeServiceTerms(
        student_id=added.student_id,
        service_id=added.service_id,
        terms=added.terms.model_copy(update=more),
        effective_on=max(today, added.terms.begin_on),
    )


def disputed_id(history: StudentHistory) -> UUID:
    """The id of another LEA's claim on the student, which open services block."""
    return uuid5(history.id, "disputed")


def session_id(history: StudentHistory) -> UUID:
    """The id of the session that a student's service had."""
    return uuid5(history.id, "session")


def _session_of(history: StudentHistory, today: date) -> RecordSession:
    """A session of the student's service by the therapist, on the service's first day."""
    added = next(step.message for step in history.commands if isinstance(step.message, AddService))
    return RecordSession(
        student_id=added.student_id,
        session_id=session_id(history),
        service_id=added.service_id,
        given_on=min(today, added.terms.begin_on),
        minutes=added.terms.minutes_per_session,
        provider_id=PROVIDER,
    )


def _service_without_iep(student_id: str, today: date) -> AddService:
    """A service whose IEP nobody has submitted: its command waits for the IEP."""
    terms = ServiceTerms(service_code="SPE", begin_on=today, sessions=1, minutes_per_session=30)
    return AddService(student_id=student_id, service_id=uuid4(), iep_id=uuid4(), terms=terms)


def _id(histories: Mapping[str, StudentHistory], name: str) -> str:
    return str(histories[name].pupil.state_id)


def _pupil(name: str, planned: Planned, today: date) -> Pupil:
    number = _NUMBERS[name]
    child = Child(number, SCHOOL_AGE, 10, Disability("AUT"), Environment("RC80"), RACES[-1], SEXES[0])
    return Pupil(
        child,
        StateId(f"09{number:08d}"),
        planned.first,
        planned.last,
        planned.born or today - timedelta(days=_AGE_DAYS + number),
        leas.LeaCode(planned.lea),
        SchoolCode(f"{planned.lea}001"),
        Grade("05"),
    )
