"""Jurisdiction and provision on real Kafka: services follow from an IEP, and end when the student leaves."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.jurisdiction import CloseJurisdiction, EndReason
from contracts.outcome import Status
from contracts.provision import AddService, RecordFirstSession
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from tests.engines import KafkaServer
from tests.integration.running import Bench, RunningService, bench, running, until
from tests.unit.events import AUGUST, JEFFERSON, ORLEANS, SEPTEMBER, added
from tests.unit.jurisdiction.events import claim
from tests.unit.provision.events import add, contents, deleted, exited, planned, submitted
from tests.unit.scenario import STUDENT

SERVICES = f"/students/{STUDENT}/services"
System = tuple[Bench, RunningService, RunningService]


@pytest_asyncio.fixture
async def system(
    kafka: KafkaServer, topic_prefix: str, database: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[System]:
    """Both services running. Orleans owns a student, and has recorded the one service of the IEP."""
    async with AsyncExitStack() as stack:
        own_bench = await stack.enter_async_context(bench(kafka.bootstrap, topic_prefix, database, tmp_path))
        jurisdiction, provision = await stack.enter_async_context(running(own_bench, JURISDICTION, PROVISION))
        for event in (added(), contents(planned()), submitted()):
            await own_bench.publish(event)
        first = await jurisdiction.final(await own_bench.send(claim(ORLEANS, AUGUST), lea=ORLEANS))
        assert first.status is Status.ACCEPTED
        proposals = await until(lambda: proposed(provision), "proposals")
        (command,) = [AddService.model_validate(one) for one in proposals["to_add"]]
        outcome = await provision.final(await own_bench.send(command, lea=ORLEANS))
        assert outcome.status is Status.ACCEPTED
        yield own_bench, jurisdiction, provision


async def proposed(provision: RunningService) -> Any:
    """The proposals to Orleans; None while the owner or the plan has not arrived."""
    headers = {"Authorization": f"Bearer {provision.bench.token(ORLEANS)}"}
    answer = await provision.http.get(f"{SERVICES}/proposed", headers=headers)
    return answer.json() if answer.status_code == 200 else None


async def the_end(provision: RunningService) -> tuple[date, str]:
    """Last day and reason of the service. Waits for them."""
    headers = {"Authorization": f"Bearer {provision.bench.token(ORLEANS)}"}

    async def look() -> tuple[date, str] | None:
        (only,) = (await provision.http.get(SERVICES, headers=headers)).raise_for_status().json()
        return (date.fromisoformat(only["end_on"]), only["termination_reason"]) if only["end_on"] else None

    return await until(look, "the end of the service")


async def test_an_exit(system: System) -> None:
    """The recorded service agrees with the IEP. The student's exit from special education ends it."""
    own_bench, _, provision = system
    found = await proposed(provision)
    (agreeing,) = found["agreeing"]
    assert (found["to_add"], found["to_end"]) == ([], [])
    first = RecordFirstSession(student_id=STUDENT, service_id=agreeing["service_id"], given_on=AUGUST)
    assert (await provision.final(await own_bench.send(first, lea=ORLEANS))).status is Status.ACCEPTED
    await own_bench.publish(exited("GRD"))
    assert await the_end(provision) == (SEPTEMBER, "GRADUATED")


async def test_a_deleted_iep(system: System) -> None:
    """After its deletion an IEP proposes nothing, and a service under it is refused."""
    own_bench, _, provision = system
    await own_bench.publish(deleted())

    async def gone() -> bool | None:
        return True if await proposed(provision) is None else None

    await until(gone, "the deletion")
    refused = await provision.final(await own_bench.send(add("late", service_code="TRA"), lea=ORLEANS))
    assert [finding.code for finding in refused.findings] == ["PRO-024"]


async def test_a_closed_jurisdiction(system: System) -> None:
    """The LEA closes its jurisdiction, and the service ends. Another LEA's claim is accepted at once."""
    own_bench, jurisdiction, provision = system
    close = CloseJurisdiction(student_id=STUDENT, end_on=SEPTEMBER, reason=EndReason.LEFT_STATE)
    assert (await jurisdiction.final(await own_bench.send(close, lea=ORLEANS))).status is Status.ACCEPTED
    assert await the_end(provision) == (SEPTEMBER, "EXIT")
    early = await jurisdiction.final(await own_bench.send(claim(JEFFERSON, SEPTEMBER), lea=JEFFERSON))
    assert [finding.code for finding in early.findings] == ["JUR-022"]
    again = claim(JEFFERSON, SEPTEMBER + timedelta(days=1))
    assert (await jurisdiction.final(await own_bench.send(again, lea=JEFFERSON))).status is Status.ACCEPTED
