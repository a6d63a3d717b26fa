"""What the console makes of a service's answer."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from console.backend import Answer, Query, Services, StandsFor
from console.failing import add_handlers
from console.queries import READY, STUDENT
from console.settings import Settings

pytestmark = pytest.mark.asyncio


async def answer_to(query: Query[Any], status: int, content: bytes, **path: Any) -> Answer[Any]:
    """The answer to a query whose service sends this."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=content))
    settings = Settings(database=SecretStr(""), keys=SecretStr(""), issuer="http://127.0.0.1:1")
    async with httpx2.AsyncClient(transport=transport) as client:
        return await Services(client, settings, "token").ask(query, **path)


async def test_a_service_that_is_not_ready_says_why() -> None:
    """The status page shows the reasons, although the answer has status 503."""
    said = await answer_to(READY["ieps"], 503, b'{"status": "not ready", "reasons": ["Kafka is away"]}')
    assert said.value.reasons == ("Kafka is away",)


async def test_a_merged_state_id_leads_to_the_one_that_stands_for_it() -> None:
    """The service sends the query on. The page is that of the other State ID, so the console goes there."""
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(307, headers={"Location": "/students/1000000002"})
    )
    settings = Settings(database=SecretStr(""), keys=SecretStr(""), issuer="http://127.0.0.1:1")
    async with httpx2.AsyncClient(transport=transport) as client:
        with pytest.raises(StandsFor) as found:
            await Services(client, settings, "token").ask(STUDENT, student_id="1000000001")
    assert (found.value.state_id, found.value.current_id) == ("1000000001", "1000000002")
    app = FastAPI()
    add_handlers(app)

    @app.get("/students/{student_id}/ieps")
    async def page(student_id: str) -> None:
        raise StandsFor(student_id, "1000000002")

    async with AsyncClient(transport=ASGITransport(app), base_url="http://console") as browser:
        answer = await browser.get("/students/1000000001/ieps", params={"year": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/students/1000000002/ieps?year=2")


async def test_another_failure_is_no_reason() -> None:
    """A proxy's page in place of the service's answer: the service is away."""
    said = await answer_to(READY["ieps"], 503, b"<html>Service Unavailable</html>")
    assert said.away
    assert not said.ok
    assert [finding.code for finding in said.findings] == ["CON-001"]


async def test_an_answer_that_cannot_be_read_is_no_record() -> None:
    """The service answers with something else than the console reads: that part cannot be shown."""
    said = await answer_to(STUDENT, 200, b"[]", student_id="0900000001")
    assert said.away
    assert [finding.code for finding in said.findings] == ["CON-001"]
