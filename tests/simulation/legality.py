"""A small model of the trade: which event may follow which. It replays each student's events."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.ieps import IEP, IEPContents, IEPStage
from contracts.jurisdiction import (
    JurisdictionEnded,
    Spell,
    StudentClaimed,
    Transfer,
    TransferCompleted,
    TransferRefused,
    TransferRequested,
)
from contracts.message import Event, Record
from contracts.provision import (
    FirstSessionGiven,
    Service,
    ServiceAdded,
    ServiceTerminated,
    TransferAnswer,
    TransferBlocked,
    TransferCleared,
    TransferReleased,
)

if TYPE_CHECKING:
    from tests.simulation.promises import Evidence

Broken = Iterator[str]


def _stories(seen: "Evidence", owner: str) -> Iterator[tuple[str, Sequence[Event]]]:
    """An owner's events about each student, in the order of their numbers."""
    found: dict[str, dict[int, Event]] = defaultdict(dict)
    for received in seen.events.get(owner, ()):
        assert isinstance(received.message, Event)
        found[received.subject][received.sequence or 0] = received.message
    for subject, numbered in found.items():
        yield subject, [numbered[number] for number in sorted(numbered)]


def tiles(seen: "Evidence") -> Broken:
    """P5: a student's spells follow one another day by day; after a closed one the next may begin later."""
    for subject, story in _stories(seen, "jurisdiction"):
        records: list[Record] = list(story)
        newest = {spell.spell_id: spell for spell in records if isinstance(spell, Spell)}
        spells = sorted(newest.values(), key=lambda spell: spell.begin_on)
        for one, following in pairwise(spells):
            if not _followed(one, following):
                yield f"{subject}: {one.lea} until {one.end_on}, {following.lea} from {following.begin_on}"
        if spells and spells[-1].end_on is not None and spells[-1].end_reason is None:
            yield f"{subject} is in nobody's jurisdiction"


def _followed(one: Spell, following: Spell) -> bool:
    if one.end_on is None:
        return False
    gap = following.begin_on - one.end_on
    return gap >= timedelta(days=1) if one.end_reason else gap == timedelta(days=1)


def ieps_stay(seen: "Evidence") -> Broken:
    """P10: a submitted header and the contents it names never change; amendments form one line.

    The team meeting date stays.
    """
    for subject, story in _stories(seen, "ieps"):
        submitted: dict[UUID, IEP] = {}
        amended: dict[UUID, UUID] = {}
        yield from (f"{subject}: {how}" for how in _contents_stay(story))
        for event in story:
            if not isinstance(event, IEP):
                continue
            if event.iep_id in submitted:
                yield f"{subject}: {type(event).__name__} after {event.iep_id} was submitted"
            if event.stage is IEPStage.SUBMITTED:
                submitted[event.iep_id] = event
            if event.amends:
                before = submitted.get(event.amends)
                if before is None or before.meeting_on != event.meeting_on:
                    yield f"{subject}: an amendment of what was not submitted, or of another meeting"
                if amended.setdefault(event.amends, event.iep_id) != event.iep_id:
                    yield f"{subject}: two amendments of {event.amends}"


def _contents_stay(story: Sequence[Event]) -> Broken:
    contents: dict[UUID, IEPContents] = {}
    for event in story:
        match event:
            case IEPContents():
                if event.iep_id in contents:
                    yield f"the contents of {event.iep_id} were published twice"
                contents[event.iep_id] = event
            case IEP(stage=IEPStage.OFFICIAL | IEPStage.SUBMITTED):
                named = contents.get(event.iep_id)
                if named is None or named.revision != event.contents_revision:
                    yield f"{event.iep_id} is {event.stage} and names contents that were not published"


def legal(seen: "Evidence") -> Broken:
    """Jurisdiction decided each claim as provision answered, and provision named the open services truly."""
    answers: dict[UUID, Event] = {}
    for subject, story in _stories(seen, "provision"):
        yield from (f"{subject}: {how}" for how in _provision(story, answers))
    for subject, story in _stories(seen, "jurisdiction"):
        yield from (f"{subject}: {how}" for how in _jurisdiction(story, answers))


def _provision(story: Sequence[Event], answers: dict[UUID, Event]) -> Broken:
    services: dict[UUID, Service] = {}
    for event in story:
        match event:
            case Service():
                yield from _service(services.get(event.service_id), event)
                services[event.service_id] = event
            case TransferAnswer():
                yield from _answer(services.values(), answers.get(event.claim_id), event)
                answers[event.claim_id] = event


def _service(before: Service | None, event: Event) -> Broken:
    match event:
        case ServiceAdded():
            if before:
                yield "a service was added twice"
        case ServiceTerminated():
            if before is None or not before.open:
                yield "a service was terminated twice"
        case FirstSessionGiven():
            if before is None or event.end_on != before.end_on:
                yield "a first session ended or reopened a service"


def _answer(services: Iterable[Service], before: Event | None, event: TransferAnswer) -> Broken:
    standing = {s.service_id for s in services if s.open and s.lea == event.from_lea}
    if standing != {service.service_id for service in event.open_services}:
        yield f"{type(event).__name__} names other services than are open"
    if bool(standing) is not isinstance(event, TransferBlocked):
        yield f"{type(event).__name__} with {len(standing)} services open"
    if isinstance(event, TransferReleased) is not isinstance(before, TransferBlocked):
        yield f"{type(event).__name__} after {type(before).__name__}"


def _jurisdiction(story: Sequence[Event], answers: dict[UUID, Event]) -> Broken:
    pending: Transfer | None = None
    owner: str | None = None
    for event in story:
        match event:
            case TransferRequested():
                if pending or owner != event.from_lea:
                    yield "a claim was begun while another was pending, or against somebody else"
                pending = event
            case JurisdictionEnded():
                yield from _ended(event, owner, pending, answers)
                owner = None
            case StudentClaimed():
                if owner is not None:
                    yield f"{event.lea} claimed what {owner} owns"
                owner = event.lea
            case TransferCompleted() | TransferRefused():
                won = isinstance(event, TransferCompleted)
                if isinstance(answers.get(event.claim_id), TransferCleared) is not won:
                    yield "a claim was decided against provision's answer"
                pending = None


def _ended(spell: Spell, owner: str | None, pending: Transfer | None, answers: dict[UUID, Event]) -> Broken:
    if spell.end_reason:
        if pending or owner != spell.lea:
            yield f"{spell.lea} closed its jurisdiction while a claim was pending, or as no owner"
    elif pending is None or not isinstance(answers.get(pending.claim_id), TransferCleared):
        yield "a spell ended without a cleared claim"
