"""eScholar merges State IDs: students changes several of them in one transaction, in both stores."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from contracts.state_ids import StateId
from services.chassis.deciding.terms import Terms
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from services.chassis.keeping.statements import StaleAggregate
from services.chassis.keeping.transaction import PostgresStore
from services.chassis.publishing.effects import Outgoings
from services.students.app import SERVICE
from tests.conftest import Database
from tests.integration.storing import Case, Sources
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import HOLD
from tests.unit.students.links import A, AnyLink, B, C, merged, separated

TERMS = Terms(
    SERVICE, Outgoings(SERVICE, ""), HOLD, queue_limit=10, largest_body=900_000, largest_batch=10_000_000
)


@pytest.fixture(params=["memory", "postgres"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """The service of students on each store."""
    if request.param == "memory":
        yield Case(MemoryStore(SERVICE), terms=TERMS)
        return
    database: Database = request.getfixturevalue("database")
    settings = Settings(database=database("students"), token_keys="/unused")
    await upgrade_with("students", settings)
    engine = engine_for(settings, connections=4, for_batches=True)
    yield Case(PostgresStore(engine, SERVICE, Sources()), terms=TERMS)
    await engine.dispose()


async def heard(case: Case, *links: AnyLink) -> None:
    """The service processes the links, one a batch."""
    for link in links:
        await case.process(case.service.received_event(link))


async def announced(case: Case) -> dict[str, list[str]]:
    """What the service announced of each State ID, in order: which one stands for it."""
    found: dict[str, list[str]] = {}
    for topic, messages in (await case.outbox()).items():
        for _, _, body in messages if topic.startswith("StateId") else ():
            said = StateId.model_validate_json(body)
            found.setdefault(said.student_id, []).append(said.current_id)
    return found


async def test_one_link_changes_several_state_ids(case: Case) -> None:
    """A went into B. When B goes into C, the service writes all three, and numbers the events of each."""
    await heard(case, merged(A, B), merged(B, C))
    assert await announced(case) == {A: [B, C], B: [C]}
    seen = await case.loaded(case.service.received_event(separated(A)))
    numbers = {name: (found.revision, found.sequence) for name, found in seen.aggregates.items()}
    assert numbers == {A: (2, 2), B: (2, 1), C: (1, 0)}


async def test_the_whole_way_is_loaded(case: Case) -> None:
    """The service loads the State IDs over which links lead, however many there are."""
    chain = [f"100000{number:04d}" for number in range(30)]
    for one, following in pairwise(chain):
        await heard(case, merged(one, following))
    seen = await case.loaded(case.service.received_event(merged(chain[-1], C)))
    assert seen.aggregates.keys() == {*chain, C}


async def test_a_state_id_changed_meanwhile(case: Case) -> None:
    """Another process sends B into C while this one sends A into B. The store rejects the later one."""
    first, second = (case.service.received_event(link) for link in (merged(A, B), merged(B, C)))
    with pytest.raises(StaleAggregate):
        await case.save_late(first, second)
    await case.process(first)
    assert await announced(case) == {A: [C], B: [C]}
