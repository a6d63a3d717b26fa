"""Jurisdiction and provision together on real Kafka, each with its own PostgreSQL database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio

from contracts.outcome import Status
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from tests.engines import KafkaServer
from tests.integration.running import Bench, RunningService, bench, running
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, added
from tests.unit.jurisdiction.events import claim
from tests.unit.provision.events import add, submitted, terminate
from tests.unit.scenario import STUDENT

System = tuple[Bench, RunningService, RunningService]


@pytest_asyncio.fixture
async def system(
    kafka: KafkaServer, topic_prefix: str, database: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[System]:
    """Both services running. Orleans owns a student with a submitted IEP since August."""
    async with AsyncExitStack() as stack:
        own_bench = await stack.enter_async_context(bench(kafka.bootstrap, topic_prefix, database, tmp_path))
        jurisdiction, provision = await stack.enter_async_context(running(own_bench, JURISDICTION, PROVISION))
        await own_bench.publish(added())
        await own_bench.publish(submitted())
        first = await jurisdiction.final(await own_bench.send(claim(ORLEANS, AUGUST), lea=ORLEANS))
        assert first.status is Status.ACCEPTED
        yield own_bench, jurisdiction, provision


async def query(service: RunningService, path: str, lea: str) -> Any:
    """The answer to a user of an LEA."""
    headers = {"Authorization": f"Bearer {service.bench.token(lea)}"}
    return (await service.http.get(path, headers=headers)).raise_for_status().json()


async def test_blocked_released_and_won(system: System) -> None:
    """Jurisdiction refuses a claim that open services block. After they end provision releases it, and the
    repeated claim wins."""
    own_bench, jurisdiction, provision = system
    for name in ("speech", "transport"):
        given = await provision.final(await own_bench.send(add(name), lea=ORLEANS))
        assert given.status is Status.ACCEPTED
    lost = await jurisdiction.final(await own_bench.send(claim(JEFFERSON, OCTOBER), lea=JEFFERSON))
    assert [found.code for found in lost.findings] == ["JUR-004"]
    (waiting,) = (await query(provision, f"/leas/{ORLEANS}/awaited", ORLEANS))["students"]
    assert len(waiting["open_services"]) == 2

    for name in ("speech", "transport"):
        await provision.final(await own_bench.send(terminate(name, SEPTEMBER), lea=ORLEANS))
    (free,) = (await query(provision, f"/leas/{JEFFERSON}/released", JEFFERSON))["claims"]
    assert UUID(free["claim_id"]) == lost.command_id

    won = await jurisdiction.final(await own_bench.send(claim(JEFFERSON, OCTOBER), lea=JEFFERSON))
    assert won.status is Status.ACCEPTED
    spells = (await query(jurisdiction, f"/students/{STUDENT}/jurisdiction", JEFFERSON))["spells"]
    assert [(spell["lea"], spell["end_on"]) for spell in spells] == [
        (JEFFERSON, None),
        (ORLEANS, (OCTOBER - timedelta(days=1)).isoformat()),
    ]


async def test_the_door_follows_the_student(system: System) -> None:
    """After a transfer the new LEA can add services, even with an early command, and the old LEA cannot."""
    own_bench, jurisdiction, provision = system
    await jurisdiction.final(await own_bench.send(claim(JEFFERSON, OCTOBER), lea=JEFFERSON))
    new = await own_bench.send(add("transport", OCTOBER, service_code="TRA"), lea=JEFFERSON)
    assert (await provision.final(new)).status is Status.ACCEPTED
    late = await provision.final(await own_bench.send(add("speech", OCTOBER), lea=ORLEANS))
    assert [found.code for found in late.findings] == ["ACC-005"]


async def test_two_claims_at_the_same_instant(system: System) -> None:
    """Of many claims on one student at the same time, exactly one wins."""
    own_bench, jurisdiction, _ = system
    leas = (JEFFERSON, "009", "017", "001")
    sent = [await own_bench.send(claim(lea, OCTOBER), lea=lea) for lea in leas]
    outcomes = {lea: await jurisdiction.final(command_id) for lea, command_id in zip(leas, sent, strict=True)}
    (winner,) = (lea for lea, outcome in outcomes.items() if outcome.status is Status.ACCEPTED)
    assert (await query(jurisdiction, f"/students/{STUDENT}/jurisdiction", winner))["owner"] == winner
