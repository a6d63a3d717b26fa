"""P13: whatever eScholar merged and separated, each record stands where its last words lead."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from contracts.activities import SpedActivity
from contracts.decision import Known
from contracts.facts import KnownSpell
from contracts.ieps import IEP, IEPStage
from contracts.jurisdiction import Spell, Transfer, TransferState
from contracts.message import Movable, Record
from contracts.provision import Service, TransferAnswer, TransferAnswerState
from contracts.state_ids import StateId
from services.ieps.domain.facts import KnownGuardian
from services.jurisdiction.domain.tiling import tiling
from services.provision.domain.facts import blocking, handover, waiting_claims
from services.students.domain.addresses import StandingLink
from services.students.domain.facts import KnownService
from tests.simulation.projection import MemoryProjection

if TYPE_CHECKING:
    from tests.simulation.promises import Evidence

Broken = Iterator[str]
_DECIDING = ("students", "jurisdiction", "ieps", "provision")
_FACTS: Mapping[str, tuple[str, tuple[tuple[str, type[Record]], ...]]] = {
    "spell": (
        "jurisdiction",
        (("students", KnownSpell), ("ieps", KnownSpell), ("provision", KnownSpell)),
    ),
    "guardian": ("students", (("ieps", KnownGuardian),)),
    "service": ("provision", (("students", KnownService),)),
}


def has_links(seen: "Evidence") -> bool:
    """Whether another State ID ever stood for one of this run, or a person assigned a record to one."""
    return any(isinstance(one.message, StateId) for one in seen.events.get("students", ())) or any(
        isinstance(one.message, Movable) and one.message.moved_to is not None
        for name in _DECIDING
        for one in seen.events.get(name, ())
    )


def found_again(seen: "Evidence") -> Broken:
    """P13, with its neighbours, after the run has drained."""
    if not has_links(seen):
        return
    known = {name: _known(seen, name) for name in _DECIDING}
    addresses = {name: _addresses(subjects) for name, subjects in known.items()}
    yield from _followed(known["students"], addresses["students"])
    yield from (
        f"{name} has the addresses {found}, and students {addresses['students']}"
        for name, found in addresses.items()
        if found != addresses["students"]
    )
    for name, subjects in known.items():
        yield from (f"{name}: {how}" for how in _standing(seen, name, subjects, addresses["students"]))
    yield from _tiled(known["jurisdiction"])
    yield from _settled(known["jurisdiction"], known["provision"])
    yield from _ended(known["jurisdiction"], known["provision"])
    yield from _entered(known["ieps"])
    yield from _agreed(known, addresses["students"])
    yield from _nothing_on_its_way(seen)


def _known(seen: "Evidence", name: str) -> dict[str, Known]:
    store = seen.store(name)
    subjects: dict[str, Known] = defaultdict(Known)
    for row in store.records.values():
        subjects[row.subject].learn(store.service.model_of(row.kind).model_validate_json(row.body))
    return dict(subjects)


def _addresses(subjects: Mapping[str, Known]) -> dict[str, str]:
    words = {name: known.one(StateId) for name, known in subjects.items()}
    return {name: word.current_id for name, word in words.items() if word}


def _followed(students: Mapping[str, Known], addresses: Mapping[str, str]) -> Broken:
    """Each address is the end of the last links, unless these lead in a circle."""
    links = {name: link for name, known in students.items() if (link := known.one(StandingLink))}
    for state_id in links:
        way = [state_id]
        while (link := links.get(way[-1])) and link.into and link.into not in way:
            way.append(link.into)
        in_circle = link is not None and link.into is not None
        if not in_circle and addresses.get(state_id, state_id) != way[-1]:
            yield f"{state_id} stands under {addresses.get(state_id)}, and the links lead over {way}"


def _standing(
    seen: "Evidence", name: str, subjects: Mapping[str, Known], addresses: Mapping[str, str]
) -> Broken:
    """Each record ever made stands under one State ID: the address of the one to which it belongs."""
    standing: Counter[tuple[str, str]] = Counter()
    made: set[tuple[str, str]] = set()
    for received in seen.events.get(name, ()):
        if isinstance(received.message, Movable):
            made.add(_name(received.message))
    for subject, known in subjects.items():
        for record in known:
            if isinstance(record, Movable) and record.moved_to is None and _name(record) in made:
                standing[_name(record)] += 1
                if _is_kept_where_it_was(record):
                    continue
                if addresses.get(record.owned_by, record.owned_by) != subject:
                    yield f"{record.kind} of {record.owned_by} stands under {subject}"
    yield from (f"{one} stands under {standing[one]} State IDs" for one in made if standing[one] != 1)


def _name(record: Movable) -> tuple[str, str]:
    return record.kind, record.owned_by if record.kind in ("student", "part_c") else record.record_id


def _is_kept_where_it_was(record: Movable) -> bool:
    return isinstance(record, TransferAnswer) and record.state is TransferAnswerState.CLEARED


def _tiled(subjects: Mapping[str, Known]) -> Broken:
    for subject, known in subjects.items():
        spells = known.all(Spell)
        for spell in tiling(spells):
            kept = known.get(Spell, spell.spell_id)
            if kept is None or kept.end_on != spell.end_on:
                yield f"{subject}: a spell ends {kept and kept.end_on}, and should end {spell.end_on}"


def _settled(jurisdiction: Mapping[str, Known], provision: Mapping[str, Known]) -> Broken:
    """No claim is undecided, no door shut, and no blocked claim unreleased."""
    for subject, known in jurisdiction.items():
        if any(transfer.state is TransferState.REQUESTED for transfer in known.all(Transfer)):
            yield f"{subject}: a claim is undecided"
    for subject, known in provision.items():
        if handover(known):
            yield f"{subject}: the door is shut, for a claim that came to nothing"
        if any(not blocking(known, claim.to_lea) for claim in waiting_claims(known)):
            yield f"{subject}: nothing blocks a blocked claim"


def _ended(jurisdiction: Mapping[str, Known], provision: Mapping[str, Known]) -> Broken:
    """A service ends with the spell that its LEA closed, unless the LEA gives it in a later spell."""
    spells = [spell for known in jurisdiction.values() for spell in known.all(Spell) if not spell.withdrawn]
    for subject, known in provision.items():
        for service in (one for one in known.all(Service) if one.open):
            of_lea = [spell for spell in spells if spell.lea == service.lea]
            for closed in (one for one in of_lea if one.end_reason and one.owned_by == service.owned_by):
                later = (one for one in of_lea if subject in (one.student_id, one.owned_by))
                begins = service.terms.begin_on
                if not any(closed.begin_on < one.begin_on <= begins for one in later):
                    yield f"{subject}: a service is open, and its LEA closed the spell"


def _entered(ieps: Mapping[str, Known]) -> Broken:
    for known in ieps.values():
        entered = {activity.owned_by for activity in known.all(SpedActivity)}
        for iep in known.all(IEP):
            if iep.stage is IEPStage.SUBMITTED and iep.owned_by not in entered:
                yield f"{iep.owned_by} has a submitted IEP and no entry"


def _agreed(known: Mapping[str, Mapping[str, Known]], addresses: Mapping[str, str]) -> Broken:
    """The facts kept of another service's records equal what that service has, for each current State ID."""
    for kind, (owner, readers) in _FACTS.items():
        for reader, model in readers:
            subjects = {*known[owner], *known[reader]}
            for subject in (one for one in subjects if addresses.get(one, one) == one):
                has, keeps = known[owner].get(subject, Known()), known[reader].get(subject, Known())
                own = {one.record_id for one in has if one.kind == kind and _here(one)}
                facts = {one.record_id for one in keeps.all(model)}
                if own != facts:
                    yield f"{reader} keeps {len(facts)} of {len(own)} {kind}s of {subject}"


def _here(record: Record) -> bool:
    return isinstance(record, Movable) and record.moved_to is None


def _nothing_on_its_way(seen: "Evidence") -> Broken:
    fold = seen.store("reporting").fold
    assert isinstance(fold, MemoryProjection)
    newest: dict[tuple[str, str], tuple[int, str]] = {}
    for (subject, kind, record_id), (revision, body) in fold.newest.items():
        name = (kind, record_id or subject)
        newest[name] = max(newest.get(name, (0, "")), (revision, body))
    for (kind, record_id), (_, body) in newest.items():
        if '"moved_to":"' in body:
            yield f"{kind} {record_id} is on its way"
