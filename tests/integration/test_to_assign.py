"""After a split a secure ID manager sees which records may be the other person's, in each service."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.access import STATE, Role
from contracts.assigning import KnownShared
from contracts.evaluations import Evaluation, EvaluationStage, EvaluationType
from contracts.message import Record
from contracts.state_ids import StateIdShared
from services.chassis.hosting.definition import ServiceDefinition
from services.ieps.app import SERVICE as IEPS
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from services.students.app import SERVICE as STUDENTS
from tests.integration.querying import codes, service_queries
from tests.unit.events import AUGUST, ORLEANS, claimed
from tests.unit.provision.events import contents, service, submitted
from tests.unit.scenario import id_named
from tests.unit.students.events import guardian
from tests.unit.students.links import A, B, C

EVALUATION = Evaluation(
    student_id=A,
    revision=1,
    evaluation_id=id_named("evaluation"),
    lea=ORLEANS,
    evaluation_type=EvaluationType.INITIAL,
    stage=EvaluationStage.REQUESTED,
    permission_requested_on=AUGUST,
)
RECORDS: Mapping[str, tuple[Record, ...]] = {
    "students": (guardian("mother"), StateIdShared(student_id=A, revision=1, with_id=B, new_id=B)),
    "jurisdiction": (claimed(),),
    "ieps": (
        EVALUATION,
        *(submitted(), submitted("amendment", amends="the IEP")),
        *(contents(), contents(under="amendment")),
    ),
    "provision": (service(),),
}
LISTED: Mapping[str, Any] = {
    "students": ["AssignGuardian"],
    "jurisdiction": ["AssignSpell"],
    "ieps": ["AssignEvaluation", "AssignIEP"],
    "provision": ["AssignService"],
}


@pytest.mark.parametrize("definition", [STUDENTS, JURISDICTION, IEPS, PROVISION], ids=lambda one: one.name)
async def test_what_may_be_the_other_persons(
    definition: ServiceDefinition, database: Callable[[str], str], tmp_path: Path
) -> None:
    """A manager of the state sees the records of the State ID that two persons shared, and of no other."""
    async with service_queries(definition, database(definition.name), tmp_path) as queries:
        shared = KnownShared(student_id=A, revision=1, with_id=B)
        await queries.keep(*RECORDS[definition.name], *(() if definition is STUDENTS else (shared,)))
        path = f"/students/{A}/to-assign"
        answer = await queries.get(path, STATE, Role.SECURE_ID_MANAGER, other=B)
        assert [one["command"] for one in answer.json()] == LISTED[definition.name], answer.text
        assert codes(await queries.get(path, STATE, Role.SECURE_ID_MANAGER, other=C)) == ["REC-008"]
        assert codes(await queries.get(path, ORLEANS, Role.WRITER, other=B)) == ["ACC-004"]
