"""Asking for the outcomes of commands: of one, with a wait for it; and of many at once."""

import asyncio
from uuid import uuid4

import httpx

from contracts.access import Role
from contracts.outcome import Status
from services.jurisdiction.app import SERVICE
from tests.integration.running import Bench, RunningService, running, until
from tests.unit.chassis.memory_service import claim, student_added

ANNA, BEN = "1000000001", "1000000002"


async def ask(service: RunningService, command_id: str, prefer: str = "", lea: str = "017") -> httpx.Response:
    """The answer to a user of an LEA who asks for a command's outcome."""
    headers = {"Authorization": f"Bearer {service.bench.token(lea)}"} | ({"Prefer": prefer} if prefer else {})
    return await service.http.get(f"/commands/{command_id}", headers=headers)


async def ask_for_many(
    service: RunningService, ids: list[str], lea: str = "017", *roles: Role
) -> httpx.Response:
    """The answer to a user of an LEA who asks for the outcomes of many commands."""
    headers = {"Authorization": f"Bearer {service.bench.token(lea, *roles)}"}
    return await service.http.post("/commands/outcomes", headers=headers, json={"ids": ids})


def waiting(service: RunningService) -> int:
    """How many commands a request waits for."""
    return len(service.app.state.door._waiting)


async def until_waiting(service: RunningService) -> None:
    """Until a request waits for a command."""

    async def look() -> bool | None:
        return bool(waiting(service)) or None

    await until(look, "a request waits")


async def until_held(service: RunningService, command_id: str) -> None:
    """Until the outcome of a command is `held`."""

    async def look() -> bool | None:
        answer = await ask(service, command_id)
        return (answer.status_code == 200 and answer.json()["status"] == "held") or None

    await until(look, "the command is held")


async def test_a_wait_ends_with_the_outcome(own_bench: Bench) -> None:
    """Who asks for an outcome with `Prefer: wait` gets it as soon as it is there, and the final one."""
    async with running(own_bench, SERVICE) as (service,):
        command_id = str(uuid4())
        asked = asyncio.create_task(ask(service, command_id, "wait=30"))
        await until_waiting(service)

        await own_bench.send(claim(ANNA), under=command_id)

        await until_held(service, command_id)
        assert not asked.done(), "held is not final"
        await own_bench.publish(student_added(ANNA))
        answer = await asyncio.wait_for(asked, 20)
        assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
        assert waiting(service) == 0


async def test_a_wait_ends_with_its_time(own_bench: Bench) -> None:
    """After its seconds a wait ends with the outcome so far, or with the word that there is none."""
    async with running(own_bench, SERVICE) as (service,):
        held = await own_bench.send(claim(ANNA))
        await until_held(service, held)
        assert (await ask(service, str(uuid4()), "wait=1")).status_code == 404
        answer = await ask(service, held, "respond-async, wait=1")
        assert (answer.status_code, answer.json()["status"]) == (200, "held")
        assert (await ask(service, held, "wait=1", lea="036")).status_code == 404


async def test_the_outcomes_of_many(own_bench: Bench) -> None:
    """One request gives the outcomes of many commands: final, held, and none for one that nobody has sent."""
    async with running(own_bench, SERVICE) as (service,):
        await own_bench.publish(student_added(ANNA))
        final, held, never = await own_bench.send(claim(ANNA)), await own_bench.send(claim(BEN)), str(uuid4())
        assert (await service.final(final)).status is Status.ACCEPTED

        async def both() -> dict[str, str | None] | None:
            answer = (await ask_for_many(service, [final, held, never])).json()["outcomes"]
            statuses = {one: outcome and outcome["status"] for one, outcome in answer.items()}
            return statuses if statuses[held] else None

        assert await until(both, "the second is held") == {final: "accepted", held: "held", never: None}

        strange = (await ask_for_many(service, [final, held], "036")).json()["outcomes"]
        assert strange == {final: None, held: None}, "another LEA learns nothing"
        seen = (await ask_for_many(service, [final], "LA", Role.AUDITOR)).json()["outcomes"]
        assert seen[final]["status"] == "accepted"


async def test_too_many_at_once(own_bench: Bench) -> None:
    """A request asks for 500 outcomes at most, by ids that are UUIDs."""
    async with running(own_bench, SERVICE) as (service,):
        for ids in ([str(uuid4()) for _ in range(501)], ["no id"]):
            answer = await ask_for_many(service, ids)
            assert answer.status_code == 422
            assert [one["code"] for one in answer.json()["findings"]] == ["MSG-002"]
        assert (await ask_for_many(service, [str(uuid4()) for _ in range(500)])).status_code == 200
        assert (await ask_for_many(service, [])).json() == {"outcomes": {}}
