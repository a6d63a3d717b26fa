"""The dry run of commands over HTTP, on PostgreSQL: it agrees with what follows, and changes nothing."""

from typing import Any

import httpx

from contracts.message import Command
from services.jurisdiction.app import SERVICE
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.integration.running import RunningService, bench, running, until
from tests.unit.chassis.memory_service import claim, move, student_added

ADDED, UNKNOWN = "1000000001", "1000000002"
CLAIMS: dict[str, Command] = {
    "accepted": claim(ADDED),
    "refused": claim(ADDED, school="026001"),
    "held": claim(UNKNOWN),
}
STATUS = {"accepted": 200, "refused": 422, "held": 202}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
NUMBERS = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"


async def contents(service: RunningService) -> dict[str, Any]:
    """Every row of every table as text, and how far every sequence is."""
    tables = [table for (table,) in await service.rows(TABLES)]
    rows = {one: await service.rows(f'SELECT "{one}"::text FROM "{one}" ORDER BY 1') for one in tables}
    return rows | {"sequences": await service.rows(NUMBERS)}


async def post(service: RunningService, command: Command, prefer: str, **headers: str) -> httpx.Response:
    """The answer to a command that is posted with a preference."""
    address, body = f"/commands/{type(command).__name__}", command.model_dump_json()
    return await service.http.post(address, content=body, headers={"Prefer": prefer} | headers)


async def until_at_rest(service: RunningService, students: int) -> None:
    """Until the service keeps the students, and has published all its messages."""

    async def look() -> bool | None:
        (counts,) = await service.rows(
            "SELECT (SELECT count(*) FROM records WHERE kind = 'student'), (SELECT count(*) FROM outbox)"
        )
        return tuple(counts) == (students, 0) or None

    await until(look, "the service has nothing to do")


async def test_a_dry_run_agrees_with_what_follows(
    kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Any
) -> None:
    """A claim that is tried changes nothing; sent in earnest afterwards, it gets the same answer.

    Of a command that has its outcome, a dry run repeats that. A move is tried after the claim on which it
    depends."""
    quiet = {"heartbeat_seconds": 3600}
    async with (
        bench(kafka.bootstrap, topic_prefix, database, tmp_path, **quiet) as own_bench,
        running(own_bench, SERVICE) as (service,),
    ):
        service.http.headers["authorization"] = f"Bearer {own_bench.token()}"
        await own_bench.publish(student_added(ADDED))
        await until_at_rest(service, students=1)
        before = await contents(service)

        tried = {name: await post(service, one, "dry-run, wait=5") for name, one in CLAIMS.items()}
        sequence = [CLAIMS["accepted"], move(student=ADDED), CLAIMS["held"], move(student=UNKNOWN)]
        wanted = [
            *({"command": type(one).__name__, "body": one.model_dump(mode="json")} for one in sequence),
            {"command": "ClaimJurisdiction", "body": {"student_id": ADDED}},
            {"command": "ClaimEverything", "body": {}},
        ]
        after_one_another = await service.http.post("/commands/dry-run", json={"commands": wanted})

        assert await contents(service) == before
        for name, answer in tried.items():
            assert answer.headers["preference-applied"] == "dry-run"
            assert (answer.status_code, answer.json()["status"]) == (STATUS[name], name)
            assert (answer.json()["events"] == ["StudentClaimed"]) is (name == "accepted")
        answers = after_one_another.json()["answers"]
        assert [one["status"] for one in answers] == ["accepted", "accepted", *["held"] * 2, *["refused"] * 2]
        assert [one["events"] for one in answers[:2]] == [["StudentClaimed"], ["SchoolTransferred"]]
        codes = [{one["code"] for one in answer["findings"]} for answer in answers[3:]]
        assert codes == [{"MSG-008"}, {"MSG-004"}, {"MSG-006"}]

        for name in ("refused", "accepted"):
            earnest = (await post(service, CLAIMS[name], "wait=20")).json()
            foreseen = tried[name].json()
            assert {key: earnest[key] for key in foreseen if key != "events"} == {
                key: foreseen[key] for key in foreseen if key != "events"
            }
        sent = earnest["command_id"]
        again = await post(service, CLAIMS["accepted"], "dry-run", **{"Command-Id": sent})
        assert (again.json()["status"], again.json()["events"]) == ("accepted", [])
        other = await post(service, CLAIMS["refused"], "dry-run", **{"Command-Id": sent})
        assert (other.status_code, other.json()["findings"][0]["code"]) == (409, "MSG-011")
