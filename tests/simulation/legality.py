"""A small model of the trade: which event may follow which. It replays each student's events."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.activities import SpedActivity
from contracts.evaluations import Evaluation, EvaluationStage
from contracts.ieps import IEP, IEPContents, IEPDeleted, IEPDeletionApproved, IEPMoved, IEPStage
from contracts.jurisdiction import (
    ClaimCorrected,
    ClaimWithdrawn,
    JurisdictionEnded,
    JurisdictionResumed,
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
    ServiceReassigned,
    ServiceTerminated,
    ServiceTermsReplaced,
    Session,
    SessionRecorded,
    TransferAnswer,
    TransferBlocked,
    TransferCleared,
    TransferReleased,
)
from contracts.state_ids import StateIdChange, StateIdChangeApproved, StateIdChangeProposed
from tests.simulation.addresses import has_links

if TYPE_CHECKING:
    from tests.simulation.promises import Evidence

Broken = Iterator[str]
_ENDED = (EvaluationStage.DETERMINED, EvaluationStage.WAIVED, EvaluationStage.CLOSED)


def _stories(seen: "Evidence", owner: str) -> Iterator[tuple[str, Sequence[Event]]]:
    """An owner's events about each student, in the order of their numbers."""
    found: dict[str, dict[int, Event]] = defaultdict(dict)
    for received in seen.events.get(owner, ()):
        assert isinstance(received.message, Event)
        found[received.subject][received.sequence or 0] = received.message
    for subject, numbered in found.items():
        yield subject, [numbered[number] for number in sorted(numbered)]


def tiles(seen: "Evidence") -> Broken:
    """P5: a student's spells follow one another day by day; after a closed one the next may begin later.

    P13 judges the spells of a run in which State IDs were merged.
    """
    if has_links(seen):
        return
    for subject, story in _stories(seen, "jurisdiction"):
        records: list[Record] = list(story)
        newest = {spell.spell_id: spell for spell in records if isinstance(spell, Spell)}
        standing = (spell for spell in newest.values() if not spell.withdrawn)
        spells = sorted(standing, key=lambda spell: spell.begin_on)
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
    """P10: a submitted header changes its stage to deleted, and nothing else. The contents it names stay.

    Amendments form one line. The team meeting date stays.
    """
    stories = list(_stories(seen, "ieps"))
    yield from _contents_stay([event for _, story in stories for event in story])
    for subject, story in stories:
        records: Sequence[Record] = story
        ieps = [record for record in records if isinstance(record, IEP)]
        for how in (*_headers_stay(ieps), *_one_line(ieps)):
            yield f"{subject}: {how}"


def _headers_stay(ieps: Sequence[IEP]) -> Broken:
    last: dict[UUID, IEP] = {}
    for iep in ieps:
        before = last.get(iep.iep_id)
        same = before and _said(before) == _said(iep)
        if before and before.over and not (same and isinstance(iep, IEPMoved)):
            yield f"{iep.iep_id} is {iep.stage} after it was {before.stage}"
        stays = before and before.stage is IEPStage.SUBMITTED and not (same and isinstance(iep, IEPMoved))
        if before and stays and _said(iep) != _said(before) | {"stage": IEPStage.DELETED}:
            yield f"{type(iep).__name__} after {iep.iep_id} was submitted"
        last[iep.iep_id] = iep


def _said(iep: IEP) -> dict[str, object]:
    """What the header says, without where it stands."""
    where = ("student_id", "revision", "belongs_to", "moved_to")
    return {name: value for name, value in iep if name not in where}


def _one_line(ieps: Sequence[IEP]) -> Broken:
    last: dict[UUID, IEP] = {}
    for iep in ieps:
        if iep.amends and iep.iep_id not in last and not isinstance(iep, IEPMoved):
            before = last.get(iep.amends)
            if before is None or before.stage is not IEPStage.SUBMITTED:
                yield "an amendment of what was not submitted"
            elif before.meeting_on != iep.meeting_on:
                yield "an amendment of another meeting"
            if any(other.amends == iep.amends and not other.over for other in last.values()):
                yield f"two amendments of {iep.amends}"
        last[iep.iep_id] = iep


def _contents_stay(story: Sequence[Event]) -> Broken:
    records: Sequence[Record] = story
    published = [record for record in records if isinstance(record, IEPContents)]
    contents = {event.iep_id: event for event in published}
    if len(contents) < len(published):
        yield "the contents of an IEP were published twice"
    for event in story:
        match event:
            case IEP(stage=IEPStage.OFFICIAL | IEPStage.SUBMITTED):
                named = contents.get(event.iep_id)
                if named is None or named.revision != event.contents_revision:
                    yield f"{event.iep_id} is {event.stage} and names contents that were not published"


def legal(seen: "Evidence") -> Broken:
    """Jurisdiction decided each claim as provision answered, and provision named the open services truly.

    Two people deleted each deleted IEP, and changed each State ID. A student is in special education once at
    a time. One evaluation of a student is open at a time, and the determinations have ordinals without a gap.
    All of this holds for each State ID alone, so a run in which some were merged is judged by P13 instead.
    """
    for subject, story in _stories(seen, "students"):
        yield from (f"{subject}: {how}" for how in _two_people_change(story))
    if has_links(seen):
        return
    answers: dict[UUID, Event] = {}
    for subject, story in _stories(seen, "ieps"):
        yield from (f"{subject}: {how}" for how in _evaluations(story))
    for subject, story in _stories(seen, "provision"):
        yield from (f"{subject}: {how}" for how in _provision(story, answers))
    for subject, story in _stories(seen, "jurisdiction"):
        yield from (f"{subject}: {how}" for how in _jurisdiction(story, answers))
    for subject, story in _stories(seen, "ieps"):
        for how in (*_two_people_delete(story), *_in_special_education_once(story)):
            yield f"{subject}: {how}"


def _two_people_delete(story: Sequence[Event]) -> Broken:
    approved: set[UUID] = set()
    for event in story:
        match event:
            case IEPDeletionApproved():
                if event.decided_by is None or _user(event.decided_by) == _user(event.requested_by):
                    yield f"one person deleted {event.iep_id}"
                approved.add(event.iep_id)
            case IEPDeleted():
                if event.iep_id not in approved:
                    yield f"nobody approved the deletion of {event.iep_id}"


def _two_people_change(story: Sequence[Event]) -> Broken:
    """What one person proposes another approves; each decision follows a proposal."""
    waits = False
    for event in story:
        match event:
            case StateIdChangeApproved() if _user(event.decided_by or "") == _user(event.proposed_by):
                yield "one person changed the State ID"
            case StateIdChange():
                proposed = isinstance(event, StateIdChangeProposed)
                if proposed is waits:
                    yield f"{type(event).__name__} while a change {'waits' if waits else 'does not wait'}"
                waits = proposed


def _user(sender: str) -> str:
    return sender.partition("/")[2]


def _in_special_education_once(story: Sequence[Event]) -> Broken:
    activities: dict[UUID, SpedActivity] = {}
    for event in story:
        if isinstance(event, SpedActivity):
            activities[event.activity_id] = event
            standing = [one for one in activities.values() if not one.voided]
            spans = sorted((one.entered_on, one.exited_on or date.max) for one in standing)
            if any(following[0] < one[1] for one, following in pairwise(spans)):
                yield f"{type(event).__name__}: the student is in special education twice"


def _evaluations(story: Sequence[Event]) -> Broken:
    evaluations: dict[UUID, Evaluation] = {}
    for event in story:
        if isinstance(event, Evaluation):
            yield from _changed(evaluations.get(event.evaluation_id), event)
            evaluations[event.evaluation_id] = event
            yield from _beside_each_other(evaluations.values())


def _changed(before: Evaluation | None, event: Evaluation) -> Broken:
    if before and before.stage in _ENDED and event.stage is not before.stage:
        yield f"an evaluation was {event.stage} after it was {before.stage}"


def _beside_each_other(evaluations: Iterable[Evaluation]) -> Broken:
    ordinals: list[int] = []
    still_open = 0
    for evaluation in evaluations:
        still_open += evaluation.open
        ordinals += [evaluation.determination] if evaluation.determination else []
    if still_open > 1:
        yield "two evaluations were open at once"
    if sorted(ordinals) != list(range(1, len(ordinals) + 1)):
        yield f"the determinations of a student were counted {sorted(ordinals)}"


def _provision(story: Sequence[Event], answers: dict[UUID, Event]) -> Broken:
    services: dict[UUID, Service] = {}
    sessions: dict[UUID, Session] = {}
    for event in story:
        match event:
            case Service():
                yield from _service(services.get(event.service_id), event)
                services[event.service_id] = event
            case Session():
                yield from _session(services.get(event.service_id), sessions.get(event.session_id), event)
                sessions[event.session_id] = event
            case TransferAnswer():
                yield from _answer(services.values(), answers.get(event.claim_id), event)
                answers[event.claim_id] = event


def _session(service: Service | None, before: Session | None, event: Session) -> Broken:
    if service is None or event.given_on < service.begin_on:
        yield "a session was given before its service"
    if isinstance(event, SessionRecorded) != (before is None):
        yield "a session was recorded twice, or corrected before it was recorded"
    if before and before.removed:
        yield "a removed session changed"


def _service(before: Service | None, event: Event) -> Broken:
    match event:
        case ServiceAdded():
            if before:
                yield "a service was added twice"
        case ServiceTerminated():
            if before is None or not before.open:
                yield "a service was terminated twice"
        case ServiceTermsReplaced() | ServiceReassigned():
            if before is None or not before.open:
                yield "an ended service got other terms"
            elif len(event.earlier_terms) < len(before.earlier_terms):
                yield "earlier terms of a service were lost"
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
    ownership = _Ownership(answers)
    for event in story:
        yield from ownership.follow(event)


class _Ownership:
    """Who owns a student while one event follows the other."""

    def __init__(self, answers: dict[UUID, Event]) -> None:
        self._answers = answers
        self._owner: str | None = None
        self._pending: Transfer | None = None
        self._ended: set[UUID] = set()

    def follow(self, event: Event) -> Broken:
        match event:
            case TransferRequested():
                yield from self._requested(event)
            case JurisdictionEnded():
                yield from self._end(event)
            case ClaimWithdrawn() | ClaimCorrected():
                yield from self._mended(event)
            case JurisdictionResumed():
                yield from self._begun(event)
                self._ended.remove(event.spell_id)
            case StudentClaimed():
                yield from self._begun(event)
            case TransferCompleted() | TransferRefused():
                won = isinstance(event, TransferCompleted)
                if isinstance(self._answers.get(event.claim_id), TransferCleared) is not won:
                    yield "a claim was decided against provision's answer"
                self._pending = None

    def _requested(self, event: TransferRequested) -> Broken:
        if self._pending or self._owner != event.from_lea:
            yield "a claim was begun while another was pending, or against somebody else"
        self._pending = event

    def _begun(self, spell: Spell) -> Broken:
        if self._owner is not None:
            yield f"{spell.lea} took or resumed what {self._owner} owns"
        self._owner = spell.lea

    def _mended(self, spell: Spell) -> Broken:
        if self._pending:
            yield f"a claim of {spell.lea} was mended while another was pending"
        if spell.withdrawn and spell.spell_id not in self._ended:
            self._owner = None

    def _end(self, spell: Spell) -> Broken:
        if spell.spell_id in self._ended:
            return  # its last day is another one, since the claim after it was corrected or withdrawn
        if spell.end_reason:
            if self._pending or self._owner != spell.lea:
                yield f"{spell.lea} closed its jurisdiction while a claim was pending, or as no owner"
        elif self._pending is None or not isinstance(
            self._answers.get(self._pending.claim_id), TransferCleared
        ):
            yield "a spell ended without a cleared claim"
        self._ended.add(spell.spell_id)
        self._owner = None
