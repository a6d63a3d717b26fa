"""A command about a student's IEPs loads and publishes only the forms it needs, in both stores."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from random import Random

import pytest

from contracts.decision import Known
from contracts.evaluations import RequestEvaluation
from contracts.ieps import IEP, AmendIEP, IEPContents, MakeIEPOfficial, RemoveIEPForm, SaveIEPForms, SubmitIEP
from contracts.jurisdiction import StudentClaimed
from contracts.message import Command, Record
from contracts.outcome import Status
from services.chassis.deciding.batch import Writes
from services.chassis.deciding.terms import Terms
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from services.chassis.keeping.transaction import PostgresStore
from services.chassis.publishing.effects import Outgoings
from services.ieps.app import SERVICE
from services.ieps.domain.leaving import IEPsAsLeft
from tests.conftest import Database
from tests.integration.storing import Case, RecordingService, Sources
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import HOLD
from tests.unit.events import ended
from tests.unit.ieps.realistic import AREAS, realistic_plan
from tests.unit.ieps.school_years import arrival, drafted, iep_id, named, school_years
from tests.unit.scenario import STUDENT

TERMS = Terms(
    SERVICE, Outgoings(SERVICE, ""), HOLD, queue_limit=10, largest_body=900_000, largest_batch=10_000_000
)
IEPS = 4
"""The review of a year with its two amendments, and the next review. All but the last are submitted."""


@pytest.fixture(params=["memory", "postgres"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """The ieps service on each store. The student has several IEPs."""
    if request.param == "memory":
        case = Case(MemoryStore(SERVICE), terms=TERMS)
        await lived(case)
        yield case
        return
    database: Database = request.getfixturevalue("database")
    url, sources = database("ieps"), Sources()
    settings = Settings(database=url, token_keys="/unused")
    await upgrade_with("ieps", settings)
    engine = engine_for(settings, connections=4, for_batches=True)
    case = Case(PostgresStore(engine, SERVICE, sources), RecordingService(sources), TERMS)
    await lived(case)
    yield case
    await engine.dispose()


async def lived(case: Case) -> None:
    """Send the commands of the school years, one a batch."""
    await case.process(*map(case.service.received_event, arrival(STUDENT)))
    for command in school_years(STUDENT, IEPS):
        await accepted(case, command)


async def accepted(case: Case, command: Command) -> Writes:
    """Decide a command. The test fails if ieps refuses it."""
    writes = await case.process(case.service.received_command(command))
    assert [answer.status for answer in writes.ledger.values()] == [Status.ACCEPTED], writes.ledger
    return writes


async def loaded(case: Case, command: Command) -> Known:
    """The records that the decision about a command loads."""
    return (await case.loaded(case.service.received_command(command))).aggregates[STUDENT].known


def ids(known: Known, kind: type[Record]) -> set[str]:
    """The ids of the loaded records of a kind."""
    return {record.record_id for record in known.all(kind)}


def named_ids(*numbers: int) -> set[str]:
    """The ids of the student's IEPs of these numbers."""
    return {str(iep_id(STUDENT, number)) for number in numbers}


ALL = tuple(range(1, IEPS + 1))
LAST = {"student_id": STUDENT, "iep_id": iep_id(STUDENT, IEPS)}
AMENDMENT = {"informed_on": "2012-02-20", "contact_method": "letter", "explanation": "More time."}
NEEDS: list[tuple[Command, Sequence[int], Sequence[int]]] = [
    (
        RequestEvaluation(
            student_id=STUDENT, evaluation_id=named(STUDENT, "new"), permission_requested_on="2017-05-02"
        ),
        (),
        (),
    ),
    (drafted(STUDENT, IEPS + 1), ALL, ()),
    (SaveIEPForms(**LAST, forms=(realistic_plan(Random(1), "Reading"),)), (IEPS,), (IEPS,)),
    (RemoveIEPForm(**LAST, form="LRE"), (IEPS,), (IEPS,)),
    (MakeIEPOfficial(**LAST, signed_on="2012-09-06"), ALL, (IEPS,)),
    (SubmitIEP(**LAST), ALL, ()),
    (
        AmendIEP(
            student_id=STUDENT,
            iep_id=iep_id(STUDENT, 9),
            amends=iep_id(STUDENT, 3),
            begin_on="2012-03-01",
            amendment=AMENDMENT,
        ),
        ALL,
        (3,),
    ),
]


async def test_a_command_loads_the_forms_it_needs_and_no_others(case: Case) -> None:
    """A command loads only the contents that it needs. An evaluation loads no IEP header."""
    for command, headers, contents in NEEDS:
        known = await loaded(case, command)
        assert ids(known, IEP) == named_ids(*headers), command
        assert ids(known, IEPContents) == named_ids(*contents), command


async def test_a_held_command_finds_the_contents_it_needs(case: Case) -> None:
    """A held command loads its contents when it is retried."""
    other = "1000000002"
    draft = drafted(other, 1)
    save = SaveIEPForms(student_id=other, iep_id=draft.iep_id, forms=(realistic_plan(Random(1), "Reading"),))
    for command in (draft, save):
        writes = await case.process(case.service.received_command(command))
        assert [answer.status for answer in writes.ledger.values()] == [Status.HELD]

    writes = await case.process(*map(case.service.received_event, arrival(other)))

    assert [answer.status for answer in writes.ledger.values()] == [Status.ACCEPTED] * 2


async def test_an_lea_that_a_student_leaves_keeps_every_iep(case: Case) -> None:
    """A former owner's copy of the record has the header of each IEP, and no forms."""
    claimed = next(event for event in arrival(STUDENT) if isinstance(event, StudentClaimed))
    writes = await case.process(case.service.received_event(ended(claimed, date(2013, 1, 31))))

    [left] = [row for row in writes.records.values() if row.kind == IEPsAsLeft.kind]
    assert {iep.record_id for iep in IEPsAsLeft.model_validate_json(left.body).ieps} == named_ids(*ALL)
    assert "present_level" not in left.body


async def test_twenty_saves_publish_no_form(case: Case) -> None:
    """Twenty saves of a 39 KB draft publish less than one form, and never its contents."""
    await accepted(case, drafted(STUDENT, IEPS + 1))
    published, draw = 0, Random(1)
    for number in range(20):
        plan = realistic_plan(draw, AREAS[number % len(AREAS)])
        writes = await accepted(
            case, SaveIEPForms(student_id=STUDENT, iep_id=iep_id(STUDENT, IEPS + 1), forms=(plan,))
        )
        assert {message.topic for message in writes.outbox} == {"IEPFormsSaved", "ieps.outcomes"}
        assert not any(plan.annual_goal and plan.annual_goal in message.value for message in writes.outbox)
        published += sum(len(message.value) for message in writes.outbox)
    assert published < 20 * 1_500
