"""HTTP answers for unknown paths, and when Kafka or the database is down."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from contracts import errors
from deploy.local.ports import free_port
from services.jurisdiction.app import SERVICE
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.integration.running import bench, running
from tests.unit.chassis.memory_service import claim


def codes(answer: httpx.Response) -> list[str]:
    """The codes of the findings of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    return [finding["code"] for finding in answer.json()["findings"]]


async def test_nothing_there_and_nobody_home(
    kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    """The response names the problem: a wrong address, an unknown outcome, Kafka down, or the
    database down."""
    async with (
        bench(kafka.bootstrap, topic_prefix, database, tmp_path, post_seconds=1) as own_bench,
        running(own_bench, SERVICE) as (service,),
    ):
        service.http.headers["authorization"] = f"Bearer {own_bench.token()}"

        nowhere = await service.http.get("/students")
        assert (nowhere.status_code, codes(nowhere)) == (404, [errors.NO_SUCH_PATH.code])

        unknown = await service.http.get(f"/commands/{uuid4()}")
        assert (unknown.status_code, codes(unknown)) == (404, [errors.NO_OUTCOME.code])

        nul = await service.http.get("/leas/017/students", params={"after": "\0"})
        assert (nul.status_code, codes(nul)) == (422, [errors.NUL_CHARACTER.code])

        await service.app.state.door.producer.stop()
        lost = await service.http.post("/commands/ClaimJurisdiction", content=claim().model_dump_json())
        assert (lost.status_code, codes(lost)) == (503, [errors.NOT_AVAILABLE.code])

        there = service.app.state.engine
        nobody = f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/nothing"
        service.app.state.engine = create_async_engine(nobody)
        away = await service.http.get("/students/1000000001/jurisdiction")
        service.app.state.engine = there
        assert (away.status_code, codes(away)) == (503, [errors.NOT_NOW.code])


async def test_a_statement_that_fails_is_a_defect(
    kafka: KafkaServer,
    topic_prefix: str,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failing SQL statement is answered as a defect, not as a database that is down."""
    monkeypatch.setattr("services.jurisdiction.store.STUDENTS_OF_LEA", text("SELECT 1 / 0"))
    async with (
        bench(kafka.bootstrap, topic_prefix, database, tmp_path) as own_bench,
        running(own_bench, SERVICE) as (service,),
    ):
        service.http.headers["authorization"] = f"Bearer {own_bench.token()}"

        answer = await service.http.get("/leas/017/students")

        assert (answer.status_code, codes(answer)) == (500, [errors.QUERY_DEFECT.code])
