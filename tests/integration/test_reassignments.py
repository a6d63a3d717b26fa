"""Reassigning the services of a provider, all at once, on real Kafka and PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx

from contracts.access import Role
from contracts.message import Record
from contracts.outcome import Status
from contracts.provision import Service, TerminateService
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.keeping.saving import save
from services.provision.app import SERVICE
from tests.integration.querying import codes, of_student
from tests.integration.running import Bench, RunningService, running, until
from tests.unit.events import AUGUST, CADDO, ORLEANS, SEPTEMBER
from tests.unit.provision.test_reassignments import NEW, OLD, given_by, therapist
from tests.unit.scenario import id_named

ALL = 300
ASKED = {
    "reassignment_id": str(id_named("reassignment")),
    "lea": ORLEANS,
    "from_provider_id": OLD,
    "provider_id": NEW,
    "from_on": SEPTEMBER.isoformat(),
}


async def keep(provision: RunningService, *records: Record) -> None:
    """Save records, as the service does."""
    rows = [RecordRow.of(record, by=None, at=None) for record in records]
    async with provision.engine.begin() as database:
        await save(database, Writes(records={row.key: row for row in rows}))


def caseload(students: int) -> list[Service]:
    """A service of the old therapist for each of many students."""
    return [of_student(given_by(OLD), str(1_000_000_001 + one)) for one in range(students)]


async def ask(
    provision: RunningService, body: dict[str, Any], lea: str = ORLEANS, *roles: Role
) -> httpx.Response:
    """The answer to a reassignment that a user of an LEA posts; a writer unless said."""
    headers = {"Authorization": f"Bearer {provision.bench.token(lea, *roles)}"}
    return await provision.http.post("/reassignments", headers=headers, json=body)


async def look(provision: RunningService, reassignment: str, lea: str = ORLEANS, **page: int) -> Any:
    """The answer about a reassignment."""
    headers = {"Authorization": f"Bearer {provision.bench.token(lea, Role.READER)}"}
    return await provision.http.get(f"/reassignments/{reassignment}", headers=headers, params=page)


async def decided(provision: RunningService, reassignment: str) -> dict[str, Any]:
    """The progress when every service has its verdict."""

    async def all_final() -> dict[str, Any] | None:
        found: dict[str, Any] = (await look(provision, reassignment)).json()
        return found if not found["waiting"] else None

    return await until(all_final, "every verdict")


async def providers_of(provision: RunningService, services: Sequence[Service]) -> list[str]:
    """Who gives the services now."""
    rows = await provision.rows(
        "SELECT record_id, body #>> '{terms,provider_id}' FROM records WHERE kind = 'service'"
    )
    by_id = dict(rows)
    return [by_id[str(one.service_id)] for one in services]


async def test_a_whole_caseload(own_bench: Bench) -> None:
    """A therapist leaves: 300 services pass to another. One that ended meanwhile is refused, and the
    others succeed. The same request again changes nothing."""
    async with running(own_bench, SERVICE) as (provision,):
        services = caseload(ALL)
        await keep(provision, therapist(OLD), therapist(), *services)
        ended = services[7]
        chosen = ASKED | {"service_ids": [str(one.service_id) for one in services]}
        command = TerminateService(
            student_id=ended.student_id, service_id=ended.service_id, end_on=AUGUST, reason="GOALS"
        )
        await provision.final(await own_bench.send(command, lea=ORLEANS))

        answer = await ask(provision, chosen)
        assert (answer.status_code, answer.json()["services"]) == (202, ALL), answer.text
        done = await decided(provision, ASKED["reassignment_id"])
        assert (done["accepted"], done["refused"], done["waiting"]) == (ALL - 1, 1, 0)
        (refused,) = [one for one in done["verdicts"] if one["status"] == Status.REFUSED]
        assert (refused["service_id"], [one["code"] for one in refused["findings"]]) == (
            str(ended.service_id),
            ["PRO-012"],
        )
        assert set(await providers_of(provision, services)) == {OLD, NEW}

        again = await ask(provision, chosen)
        assert (again.status_code, again.json()["accepted"]) == (202, ALL - 1)
        first = (await look(provision, ASKED["reassignment_id"], limit=100)).json()
        assert (len(first["verdicts"]), first["next"]) == (100, 100)
        (revisions,) = await provision.rows("SELECT max(revision) FROM records WHERE kind = 'service'")
        assert revisions[0] == 2
        assert (await ask(provision, ASKED)).status_code == 409  # another request under the same id


async def test_who_may_reassign_what(own_bench: Bench) -> None:
    """A writer reassigns services of the own LEA, from a provider and to a provider of its directory."""
    async with running(own_bench, SERVICE) as (provision,):
        assert codes(await ask(provision, ASKED)) == ["PRO-014", "PRO-014"]
        await keep(provision, therapist(OLD), therapist())
        for change, code in (
            ({"lea": CADDO}, "PRO-016"),
            ({"provider_id": OLD}, "PRO-031"),
            ({"from_on": "2010-01-04"}, "PRO-015"),
            ({}, "PRO-033"),
            ({"service_ids": [str(UUID(int=1))]}, "PRO-034"),
        ):
            assert codes(await ask(provision, ASKED | change)) == [code]
        assert codes(await ask(provision, ASKED, ORLEANS, Role.READER)) == ["ACC-004"]
        unknown = await look(provision, ASKED["reassignment_id"])
        assert (unknown.status_code, codes(unknown)) == (404, ["PRO-035"])

        (service,) = caseload(1)
        await keep(provision, service)
        assert (await ask(provision, ASKED)).status_code == 202
        assert (await decided(provision, ASKED["reassignment_id"]))["accepted"] == 1
        assert await providers_of(provision, [service]) == [NEW]
        assert codes(await look(provision, ASKED["reassignment_id"], CADDO)) == ["ACC-004"]
