"""Records go along with a merged State ID and come back, on the real stores."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.access import Role
from contracts.activities import SpedActivityMoved
from contracts.decision import Known
from contracts.evaluations import AssignEvaluation, EvaluationMoved
from contracts.ieps import IEP, AssignIEP, IEPMoved, SubmitIEP
from contracts.jurisdiction import Spell, SpellMoved
from contracts.message import Command, Event, Movable, Record
from contracts.outcome import Status
from contracts.state_ids import StateIdMerged, StateIdSeparated, StateIdShared
from contracts.students import GuardianMoved, StudentMoved
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.deciding.terms import Terms
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.keeping.transaction import PostgresStore
from services.chassis.publishing.effects import Outgoings
from services.ieps.app import SERVICE as IEPS
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from services.students.app import SERVICE as STUDENTS
from tests.integration.querying import ServiceQueries, service_queries
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.storing import Case, Sources
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import HOLD, MemoryService
from tests.unit.events import claimed
from tests.unit.ieps.school_years import LEA, arrival, iep_id, named, school_years
from tests.unit.provision.events import service as given
from tests.unit.reporting.events import Child
from tests.unit.scenario import actor
from tests.unit.students.events import added as student_added
from tests.unit.students.events import assigned, guardian
from tests.unit.students.links import A, B, merged, separated

MERGED = StateIdMerged(student_id=A, revision=1, current_id=B, formerly=(A,))
SEPARATED = StateIdSeparated(student_id=A, revision=2, current_id=A, formerly=(A, B))


@dataclass
class Running:
    """A service on one of the stores; with its queries, if the store is a database."""

    case: Case
    queries: ServiceQueries | None = None

    async def hears(self, *events: Event) -> None:
        """Process events, one a batch."""
        for event in events:
            await self.case.process(self.case.service.received_event(event))

    async def decides(self, command: Command, lea: str = LEA, *roles: Role) -> Status:
        """Process a command. Returns the status of its outcome."""
        received = self.case.service.received_command(command, by=actor(lea, *roles))
        writes = await self.case.process(received)
        return writes.ledger[received.id].status

    async def known(self, subject: str, event: Event = SEPARATED) -> Known:
        """What the service loads of one of the State IDs, for a word that names both."""
        return (await self.case.loaded(self.case.service.received_event(event))).aggregates[subject].known


@pytest.fixture(params=["memory", "postgres"])
async def running(
    request: pytest.FixtureRequest, database: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[Callable[[ServiceDefinition], Any]]:
    """Starts a service on each store."""
    opened: list[Any] = []

    async def start(service: ServiceDefinition) -> Running:
        terms = Terms(service, Outgoings(service, ""), HOLD, 10, 900_000, 10_000_000)
        if request.param == "memory":
            return Running(Case(MemoryStore(service), MemoryService(service), terms))
        queries = service_queries(service, database(service.name), tmp_path)
        opened.append(queries)
        asked = await queries.__aenter__()
        store = PostgresStore(asked.engine, service, Sources())
        return Running(Case(store, MemoryService(service), terms), asked)

    yield start
    for queries in opened:
        await queries.__aexit__(None, None, None)


def standing(known: Known) -> Mapping[tuple[str, str], Record]:
    """The records that stand there, without where and as the how many-th state."""
    where = {"student_id": "", "belongs_to": None, "revision": 1}
    return {
        (record.kind, record.record_id): record.model_copy(update=where)
        for record in known
        if isinstance(record, Movable) and record.moved_to is None
    }


async def test_ieps_and_their_contents(running: Any) -> None:
    """An IEP is amended under the survivor, and goes back with its amendment. Its forms are found."""
    ieps = await running(IEPS)
    await ieps.hears(*arrival(A))
    earlier, every = list(school_years(A, 2)), list(school_years(A, 3))
    for command in earlier:
        assert await ieps.decides(command) is Status.ACCEPTED
    before = standing(await ieps.known(A))
    await ieps.hears(MERGED, *came(arrival(A)))
    assert standing(await ieps.known(A)) == {}
    assert {kind for kind, _ in standing(await ieps.known(B))} == {kind for kind, _ in before}

    for command in every[len(earlier) :]:
        assert await ieps.decides(command) is Status.REFUSED
        under_b = command.model_copy(update={"student_id": B})
        assert await ieps.decides(under_b) is Status.ACCEPTED
    (amendment,) = [iep for iep in (await ieps.known(B)).all(IEP) if iep.iep_id == iep_id(A, 3)]
    assert amendment.belongs_to == A, "an amendment belongs where its IEP belongs"

    await ieps.hears(SEPARATED, *back(arrival(A)))
    after = standing(await ieps.known(A))
    assert before.keys() < after.keys()
    assert standing(await ieps.known(B)) == {}
    submits = SubmitIEP(student_id=A, iep_id=iep_id(A, 3))
    assert await ieps.decides(submits) is Status.ACCEPTED
    if ieps.queries:
        path = f"/students/{A}/ieps/{iep_id(A, 3)}"
        contents = (await ieps.queries.get(path, LEA)).json()
        assert contents["forms"], "contents that were written under the survivor"
        assert (await ieps.queries.get(path.replace(A, B), LEA)).status_code in (403, 404)


async def test_an_iep_is_assigned(running: Any) -> None:
    """After a split an IEP goes to the other person with its entry, and back. Its forms are found there."""
    ieps = await running(IEPS)
    halves = (
        StateIdShared(student_id=one, revision=1, with_id=other, new_id=B) for one, other in ((A, B), (B, A))
    )
    await ieps.hears(*arrival(A), *halves)
    for command in school_years(A, 2):
        assert await ieps.decides(command) is Status.ACCEPTED
    before = standing(await ieps.known(A))
    for one, other in ((A, B), (B, A), (A, B)):
        give = AssignIEP(student_id=one, iep_id=iep_id(A, 1), to=other)
        assert await ieps.decides(give, LEA, Role.SECURE_ID_MANAGER) is Status.ACCEPTED
        given = AssignEvaluation(student_id=one, evaluation_id=named(A, "evaluation"), to=other)
        assert await ieps.decides(given, LEA, Role.SECURE_ID_MANAGER) is Status.ACCEPTED
    after = standing(await ieps.known(B))
    assert {one for one in before if one[0] in ("iep", "evaluation", "sped_activity")} == after.keys()
    assert not {kind for kind, _ in standing(await ieps.known(A))} & {"iep", "evaluation", "sped_activity"}


def came(events: Sequence[Event]) -> list[Event]:
    """The owners of these records say that they went from A to B."""
    return [said for event in events for said in _moved(event, A, B, 2)]


def back(events: Sequence[Event]) -> list[Event]:
    """The owners of these records say that they went back."""
    return [said for event in events for said in _moved(event, B, A, 4)]


def _moved(event: Event, left: str, to: str, revision: int) -> Sequence[Event]:
    kinds: Mapping[str, Any] = {"student": StudentMoved, "guardian": GuardianMoved, "spell": SpellMoved}
    said = kinds[event.kind].of(event)
    gone = {"student_id": left, "revision": revision, "moved_to": to, "belongs_to": A if left != A else None}
    here = {
        "student_id": to,
        "revision": revision + 1,
        "moved_to": None,
        "belongs_to": A if to != A else None,
    }
    states = gone | {"revision": revision}, here | {"revision": revision + 1}
    return [said.model_copy(update=state) for state in states]


async def test_spells(running: Any) -> None:
    """Each State ID has its spells again after the undo. A query goes on to the survivor."""
    jurisdiction = await running(JURISDICTION)
    spell = claimed("017", date(2017, 8, 10)).model_copy(update={"student_id": A})
    await jurisdiction.case.process()
    await keep(
        jurisdiction, spell, claimed("026", date(2017, 9, 1), "second").model_copy(update={"student_id": B})
    )
    before = standing(await jurisdiction.known(A)), standing(await jurisdiction.known(B))
    await jurisdiction.hears(MERGED)
    ends = [spell.end_on for spell in (await jurisdiction.known(B)).all(Spell)]
    assert sorted(map(str, ends)) == ["2017-08-31", "None"]
    if jurisdiction.queries:
        answer = await jurisdiction.queries.get(f"/students/{A}/jurisdiction", "026", as_of="2017-09-02")
        assert (answer.status_code, answer.headers["location"]) == (
            307,
            f"/students/{B}/jurisdiction?as_of=2017-09-02",
        )
        shown = await jurisdiction.queries.get(answer.headers["location"], "026")
        assert (shown.json()["owner"], len(shown.json()["spells"])) == ("026", 2)
    await jurisdiction.hears(SEPARATED)
    assert (standing(await jurisdiction.known(A)), standing(await jurisdiction.known(B))) == before
    if jurisdiction.queries:
        answer = await jurisdiction.queries.get(f"/students/{A}/jurisdiction", "017")
        assert [one["end_on"] for one in answer.json()["spells"]] == [None]


async def keep(running: Running, *records: Record) -> None:
    """Save records as the service has them."""
    if running.queries:
        await running.queries.keep(*records)
    else:
        rows = [RecordRow.of(record) for record in records]
        assert isinstance(running.case.store, MemoryStore)
        running.case.store.save(Writes(records={row.key: row for row in rows}))


async def test_services(running: Any) -> None:
    """Services move and return."""
    provision = await running(PROVISION)
    await keep(provision, given().model_copy(update={"student_id": A}))
    before = standing(await provision.known(A))
    await provision.hears(MERGED)
    assert standing(await provision.known(B)).keys() == before.keys()
    await provision.hears(SEPARATED)
    assert standing(await provision.known(A)) == before


async def test_the_search_finds_the_survivor(running: Any) -> None:
    """One child is found under the survivor, also by the old number. After the undo there are two."""
    students = await running(STUDENTS)
    for state_id in (A, B):
        names = {"student_id": state_id}
        await students.hears(assigned().model_copy(update=names))
        await keep(students, student_added().model_copy(update=names))
    await keep(students, guardian("mother").model_copy(update={"student_id": A}))
    both = merged(A, B)
    before = standing(await students.known(A, both)), standing(await students.known(B, both))
    await students.hears(both)
    kinds = sorted(standing(await students.known(B, both)))
    assert [kind for kind, _ in kinds] == ["guardian", "student", "student"]
    if students.queries:
        assert await found(students.queries, A) == [B]
        assert await found(students.queries, "Student") == [B]
    await students.hears(separated(A))
    assert (standing(await students.known(A, both)), standing(await students.known(B, both))) == before
    if students.queries:
        assert await found(students.queries, A) == [A]
        assert await found(students.queries, "Student") == [A, B]


async def found(queries: ServiceQueries, typed: str) -> list[str]:
    """The State IDs that the search box finds."""
    answer = await queries.post("/students/search", {"text": typed}, "017")
    return sorted(student["student_id"] for student in answer.json()["students"])


@pytest.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting's database, empty, and its queries."""
    async with reporting_queries(database("reporting"), tmp_path) as queries:
        yield queries


async def test_a_child_is_counted_once(reporting: ReportingQueries) -> None:
    """Two children are counted, one after the merge, and two again after the undo."""
    one, other = Child(A), Child(B)
    await reporting.receive_events(*life(one), *life(other))
    assert await counted(reporting) == 2
    await reporting.receive_events(MERGED, *moves(one, A, B, 2))
    assert await counted(reporting) == 1
    answer = await reporting.get(f"/students/{A}/timeline", "017")
    assert (answer.status_code, answer.headers.get("location")) == (307, f"/students/{B}/timeline")
    await reporting.receive_events(other.added(revision=2))
    assert await counted(reporting) == 1
    await reporting.receive_events(SEPARATED, *moves(one, B, A, 4))
    assert await counted(reporting) == 2


def life(child: Child) -> Sequence[Event]:
    """The events after which the child is counted."""
    return child.added(), child.claimed(), child.determined(), child.submitted(), child.entered()


def moves(child: Child, left: str, to: str, by: int) -> list[Event]:
    """The records of the child go from one State ID to another."""
    kinds: Mapping[str, Any] = {
        "student": StudentMoved,
        "spell": SpellMoved,
        "evaluation": EvaluationMoved,
        "iep": IEPMoved,
        "sped_activity": SpedActivityMoved,
    }
    said = []
    for event in life(child):
        model, revision = kinds[event.kind], event.revision + by
        gone = {"student_id": left, "moved_to": to, "belongs_to": A if left != A else None}
        here = {"student_id": to, "moved_to": None, "belongs_to": A if to != A else None}
        said += [
            model.of(event).model_copy(update=gone | {"revision": revision}),
            model.of(event).model_copy(update=here | {"revision": revision + 1}),
        ]
    return said


async def counted(reporting: ReportingQueries) -> int:
    """How many children the state's count has."""
    return int((await reporting.child_count())["reconciliation"]["counted"])
