"""The access log of the services without tests of their own for it."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from contracts.access import Role
from contracts.facts import KnownSpell, KnownStudent
from contracts.jurisdiction import Spell
from contracts.message import Record
from services.chassis.hosting.definition import ServiceDefinition
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.integration.reporting_queries import reporting_queries
from tests.unit.reporting.events import LAST_YEAR, Child, id_named

ANNA = Child("1000000001")
CADDO = "009"


def known_spell() -> KnownSpell:
    """The fact that LEA 017 owns the student."""
    return KnownSpell(
        student_id=ANNA.student,
        revision=1,
        spell_id=id_named(ANNA.student, "spell"),
        lea=ANNA.lea,
        begin_on=LAST_YEAR,
    )


KNOWN = KnownStudent(student_id=ANNA.student, revision=1, birth_on=ANNA.birth_on)
SPELL: Spell = ANNA.claimed()
CASES: Sequence[tuple[str, str, Sequence[Record]]] = (
    ("jurisdiction", "jurisdiction", (KNOWN, SPELL)),
    ("ieps", "ieps", (KNOWN, known_spell())),
    ("provision", "services", (KNOWN, known_spell())),
)


async def looked_at(queries: ServiceQueries, service: str, path: str) -> None:
    """One LEA views its student, and another is refused. The log has both views."""
    await queries.get(f"/students/{ANNA.student}/{path}", ANNA.lea)
    assert (await queries.get(f"/students/{ANNA.student}/{path}", CADDO)).status_code == 403
    where = f"/students/{ANNA.student}/views"
    refused = [await queries.get(where, ANNA.lea), await queries.get(where, CADDO, Role.COORDINATOR)]
    assert [codes(answer) for answer in refused] == [["ACC-004"], ["ACC-005"]]
    for roles in ((ANNA.lea, Role.COORDINATOR), ("LA", Role.AUDITOR)):
        found = (await queries.get(where, *roles)).json()
        seen = [(view["scope"], view["seen"]) for view in found["views"] if view["what"] != "views"]
        assert (found["service"], seen) == (service, [(CADDO, False), (ANNA.lea, True)])


@pytest.mark.parametrize(("service", "path", "kept"), CASES, ids=[name for name, *_ in CASES])
async def test_who_looked(
    service: str,
    path: str,
    kept: Sequence[Record],
    database: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """Each service shows who viewed its part of a record, and whom it refused."""
    definition: ServiceDefinition = import_module(f"services.{service}.app").SERVICE
    async with service_queries(definition, database(service), tmp_path) as queries:
        await queries.keep(*kept)
        await looked_at(queries, service, path)


async def test_who_looked_at_the_history(database: Callable[[str], str], tmp_path: Path) -> None:
    """Reporting shows who viewed a student's history, and whom it refused."""
    async with reporting_queries(database("reporting"), tmp_path) as reporting:
        await reporting.receive_events(*ANNA.all_events())
        await looked_at(reporting.queries, "reporting", "history")
