"""The constraints of the database of evaluations and IEPs."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.activities import SpedActivity
from contracts.decision import Known
from contracts.evaluations import Evaluation, EvaluationStage, EvaluationType, Exceptionality
from contracts.ieps import (
    IEP,
    IEPContents,
    IEPContentsMadeOfficial,
    IEPDeleted,
    IEPDeletion,
    IEPFormsSaved,
    IEPStage,
    IEPSubmitted,
)
from contracts.message import Record
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.keeping.saving import save
from services.chassis.keeping.statements import StaleAggregate
from services.ieps.app import SERVICE
from services.ieps.store import CONSTRAINTS
from tests.integration.querying import ServiceQueries, service_queries
from tests.unit.ieps import scenario
from tests.unit.ieps.test_deletions import deleted
from tests.unit.scenario import STUDENT, id_named


@pytest_asyncio.fixture
async def ieps(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("ieps"), tmp_path) as queries:
        yield queries


def the(kind: type[Any], history: Sequence[Record], under: str) -> Any:
    """The newest state of one record."""
    found = Known(history).get(kind, id_named(under))
    assert found is not None
    return found


REQUESTED = the(Evaluation, scenario.after(scenario.open_record(), scenario.request()), "evaluation")
SECOND = the(Evaluation, scenario.after(scenario.open_record(), scenario.request("second")), "second")
DETERMINED = the(Evaluation, scenario.evaluated(), "evaluation")
AGAIN = the(Evaluation, scenario.reevaluated("SLD"), "re-evaluation")
WAIVED = the(Evaluation, scenario.after(scenario.evaluated(), scenario.waive()), "waiver")
CLOSED = the(
    Evaluation, scenario.after(scenario.open_record(), scenario.request(), scenario.close()), "evaluation"
)
DRAFT = the(IEP, scenario.drafted(), "IEP")
CONTENTS = scenario.contents(scenario.drafted())
AMENDMENT = the(IEP, scenario.after(scenario.submitted(), scenario.amend()), "amendment")
AMENDED = scenario.contents(scenario.after(scenario.submitted(), scenario.amend()), "amendment")
UNDETERMINED: dict[str, Any] = {"determined_on": None, "determination": None, "exceptionalities": ()}
ANOTHER = {"iep_id": id_named("another")}
DISCARDED = the(IEP, scenario.after(scenario.drafted(), scenario.discard()), "IEP")
DELETED = the(IEP, deleted(), "IEP")
DELETION = the(IEPDeletion, deleted(), "IEP")
[ACTIVITY] = Known(scenario.submitted()).all(SpedActivity)
TWO_PRIMARIES = (Exceptionality(code="AUT", primary=True), Exceptionality(code="SLI", primary=True))
EARLY = date(2016, 1, 1)


def but(record: Record, **changes: Any) -> Record:
    """The history with one wrong record."""
    return record.model_copy(update=changes)


REFUSED: list[tuple[str, list[Record]]] = [
    ("subject_is_state_id", [but(REQUESTED, student_id="100000000")]),
    ("one_open_evaluation", [REQUESTED, SECOND]),
    ("one_open_evaluation", [REQUESTED, but(AGAIN, stage=EvaluationStage.BEGUN, **UNDETERMINED)]),
    ("evaluation_begins_as_its_type", [but(REQUESTED, permission_requested_on=None)]),
    ("evaluation_begins_as_its_type", [but(REQUESTED, evaluation_type=EvaluationType.REEVALUATION)]),
    ("evaluation_begins_as_its_type", [but(AGAIN, parent_signed_on=scenario.AGAIN)]),
    ("waiver_has_only_a_signature", [but(WAIVED, report_disseminated_on=scenario.AGAIN)]),
    ("waiver_has_only_a_signature", [but(WAIVED, stage=EvaluationStage.CLOSED)]),
    ("determination_is_counted", [but(DETERMINED, determination=None)]),
    ("determination_is_counted", [but(DETERMINED, determined_on=None)]),
    ("one_determination_of_each", [DETERMINED, but(AGAIN, determination=1)]),
    ("evaluation_dates_in_order", [but(AGAIN, report_disseminated_on=EARLY)]),
    ("evaluation_dates_in_order", [but(CLOSED, closed_on=EARLY)]),
    ("one_primary_exceptionality", [but(DETERMINED, exceptionalities=TWO_PRIMARIES)]),
    ("one_primary_exceptionality", [but(DETERMINED, exceptionalities=(Exceptionality(code="AUT"),))]),
    ("evaluation_dates_in_order", [but(DETERMINED, decided_on=EARLY)]),
    ("evaluation_dates_in_order", [but(DETERMINED, report_disseminated_on=EARLY)]),
    ("evaluation_dates_in_order", [but(DETERMINED, determined_on=EARLY)]),
    ("iep_dates_in_order", [but(DRAFT, begin_on=EARLY)]),
    ("iep_dates_in_order", [but(DRAFT, signed_on=EARLY)]),
    ("iep_names_its_contents", [DRAFT]),
    ("iep_names_its_contents", [but(DRAFT, contents_revision=2), CONTENTS]),
    ("contents_are_as_the_iep_says", [CONTENTS]),
    ("contents_are_as_the_iep_says", [but(DRAFT, environment="RC39"), CONTENTS]),
    ("contents_are_as_the_iep_says", [but(DRAFT, environment=None), CONTENTS]),
    ("contents_are_as_the_iep_says", [DRAFT, but(CONTENTS, forms=())]),
    ("one_open_sped_activity", [ACTIVITY, but(ACTIVITY, activity_id=id_named("another"))]),
    ("activity_dates_in_order", [but(ACTIVITY, exited_on=EARLY)]),
    ("two_people_delete", [but(DELETION, decided_by="LA/" + DELETION.requested_by.partition("/")[2])]),
    ("one_amendment_of_each", [AMENDMENT, AMENDED, but(AMENDMENT, **ANOTHER), but(AMENDED, **ANOTHER)]),
]


async def test_the_database_refuses(ieps: ServiceQueries) -> None:
    """PostgreSQL rejects what the rules forbid."""
    for constraint, records in REFUSED:
        assert await ieps.violated_constraint(*records) == constraint, records


WRONG_ROWS = [
    ("evaluation_id_names_the_evaluation", STUDENT, REQUESTED),
    ("iep_id_names_the_iep", STUDENT, DRAFT),
    ("iep_id_names_the_contents", STUDENT, CONTENTS),
    ("iep_id_names_the_deletion", STUDENT, DELETION),
    ("body_is_of_its_subject", "1000000002", DRAFT),
    ("contents_are_of_their_subject", "1000000002", CONTENTS),
]


async def test_a_row_is_named_by_its_record(ieps: ServiceQueries) -> None:
    """PostgreSQL rejects a row whose student or id differs from its record's."""
    for constraint, subject, record in WRONG_ROWS:
        record_id = record.record_id if subject != record.subject else str(id_named("other"))
        row = RecordRow(subject, record.kind, record_id, 1, record.model_dump_json(), record.apart)
        with pytest.raises(IntegrityError, match=constraint):
            async with ieps.engine.begin() as database:
                await save(database, Writes(records={(subject, record.kind, record_id): row}))


async def test_constraints_are_there_and_tried(ieps: ServiceQueries) -> None:
    """Each constraint that the store names exists, and a test in this file breaks it."""
    assert set(CONSTRAINTS) <= await ieps.constraints()
    tried = {constraint for constraint, *_ in (*REFUSED, *WRONG_ROWS)}
    assert CONSTRAINTS.keys() - tried == {
        "records_pkey",
        "submitted_iep_stays",
        "discarded_or_deleted_iep_stays",
        "official_contents_stay",
    }


async def test_a_submitted_iep_never_changes(ieps: ServiceQueries) -> None:
    """A new state replaces a draft. PostgreSQL rejects a new state of a submitted IEP, except deletion."""
    history = scenario.submitted()
    submitted = the(IEP, history, "IEP")
    await ieps.keep(DRAFT, CONTENTS)
    await ieps.keep(submitted, scenario.contents(history))

    for change in (
        IEPFormsSaved.of(submitted, forms=(), environment=None),
        IEPSubmitted.of(submitted, stage=IEPStage.DRAFT),
        IEPSubmitted.of(submitted),
        IEPDeleted.of(submitted, stage=IEPStage.DELETED, begin_on=scenario.LEFT),
    ):
        assert await ieps.violated_constraint(change) == "submitted_iep_stays"
    await ieps.keep(IEPDeleted.of(submitted, stage=IEPStage.DELETED))


async def test_a_discarded_or_deleted_iep_never_changes(ieps: ServiceQueries) -> None:
    """PostgreSQL rejects a new state of a discarded draft and of a deleted IEP."""
    for over in (DISCARDED, DELETED):
        other = but(over, iep_id=id_named(over.stage), revision=1)
        await ieps.keep(other, but(CONTENTS, iep_id=id_named(over.stage), revision=over.contents_revision))
        again = but(other, revision=2, stage=IEPStage.DRAFT)
        assert await ieps.violated_constraint(again) == "discarded_or_deleted_iep_stays"


async def test_a_discarded_amendment_makes_room_for_another(ieps: ServiceQueries) -> None:
    """An IEP may have another amendment after one was discarded."""
    await ieps.keep(AMENDMENT, AMENDED)
    discarded = but(AMENDMENT, revision=2, stage=IEPStage.DISCARDED)

    await ieps.keep(discarded, but(AMENDMENT, **ANOTHER), but(AMENDED, **ANOTHER))


async def test_the_contents_of_an_official_iep_never_change(ieps: ServiceQueries) -> None:
    """A new state replaces the forms of a draft. PostgreSQL rejects new forms of an official or submitted
    IEP."""
    history = scenario.after(scenario.drafted(), scenario.make_official())
    official = scenario.contents(history)
    await ieps.keep(DRAFT, CONTENTS)
    await ieps.keep(the(IEP, history, "IEP"), official)

    for change in (
        IEPContents.of(official, forms=()),
        IEPContents.of(official, official=False),
        IEPContentsMadeOfficial.of(official),
    ):
        assert await ieps.violated_constraint(change) == "official_contents_stay"
    await ieps.keep(the(IEP, scenario.submitted(), "IEP"))
    assert await ieps.violated_constraint(IEPContents.of(official, forms=())) == "official_contents_stay"
    async with ieps.engine.connect() as database:
        with pytest.raises(IntegrityError, match="official_contents_stay"):
            await database.execute(text("UPDATE contents SET body = jsonb_set(body, '{forms}', '[]')"))


async def test_one_transaction_may_close_an_evaluation_and_open_the_next(ieps: ServiceQueries) -> None:
    """One batch may end an evaluation and begin another, in any order of writing."""
    await ieps.keep(REQUESTED)
    closed = but(REQUESTED, revision=2, stage=EvaluationStage.CLOSED)

    await ieps.keep(SECOND, closed)
    assert await ieps.violated_constraint(but(REQUESTED, revision=3)) == "one_open_evaluation"


async def test_an_exit_makes_room_for_another_entry(ieps: ServiceQueries) -> None:
    """A student who left special education may enter it again."""
    await ieps.keep(ACTIVITY)
    left = but(ACTIVITY, revision=2, exited_on=date(2018, 5, 25))

    await ieps.keep(but(ACTIVITY, activity_id=id_named("another"), revision=1), left)
    voided = but(ACTIVITY, activity_id=id_named("another"), revision=2, voided=True)
    await ieps.keep(voided, but(ACTIVITY, activity_id=id_named("a third"), revision=1))


async def test_two_students_never_share_an_id(ieps: ServiceQueries) -> None:
    """PostgreSQL rejects an id that another student's record has."""
    await ieps.keep(DRAFT, CONTENTS)
    other = {"student_id": "1000000002"}
    with pytest.raises(StaleAggregate):
        await ieps.keep(but(DRAFT, **other), but(CONTENTS, **other))
