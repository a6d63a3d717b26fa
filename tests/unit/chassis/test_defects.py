"""The answer to a query when the code fails."""

import httpx

from contracts import errors
from services.chassis.answering.http import application
from tests.unit.chassis.memory_service import jurisdiction


async def test_a_defect_says_nothing_of_what_was_asked() -> None:
    """If a query meets a defect, the response has a code and nothing from the record."""
    app = application(jurisdiction())

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("a secret of the record")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://jurisdiction") as http:
        answer = await http.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["findings"][0]["code"] == errors.QUERY_DEFECT.code
    assert "secret" not in answer.text
