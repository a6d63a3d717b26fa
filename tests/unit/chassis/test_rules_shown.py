"""The rules over HTTP: all of them, and one by its code."""

from collections.abc import AsyncIterator

import httpx
import pytest

from contracts import errors
from services.chassis.answering.http import application
from services.jurisdiction.app import SERVICE
from services.jurisdiction.domain.rules import NO_DIRECTORY


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of jurisdiction's application, with nothing behind it and without a token."""
    transport = httpx.ASGITransport(application(SERVICE))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.mark.parametrize("rule", [NO_DIRECTORY, errors.NOT_OWNER, errors.BEHIND])
async def test_one_rule(rule: errors.Rule, http: httpx.AsyncClient) -> None:
    """A screen that shows a finding can ask for its rule, also for one that all services share."""
    shown = (await http.get(f"/rules/{rule.code}")).json()
    assert shown == {
        "code": rule.code,
        "severity": rule.severity,
        "message": rule.message,
        "solution": rule.solution,
        "source": rule.source,
        "fields": list(rule.fields),
    }
    assert shown in (await http.get("/rules")).json()


@pytest.mark.parametrize("code", ["JUR-999", "PRO-003"])
async def test_a_rule_that_is_not_there(code: str, http: httpx.AsyncClient) -> None:
    """A code that this service does not have is answered with where its rules are."""
    answer = await http.get(f"/rules/{code}")
    (finding,) = answer.json()["findings"]
    assert (answer.status_code, finding["code"]) == (404, errors.RULE_UNKNOWN.code)
    assert finding["facts"]["code"] == code


@pytest.mark.parametrize("code", ["jur-004", "no code \u2028" + "x" * 200])
async def test_a_text_that_is_no_code(code: str, http: httpx.AsyncClient) -> None:
    """The answer says how a code is written, and repeats nothing."""
    answer = await http.get(f"/rules/{code}")
    (finding,) = answer.json()["findings"]
    assert (answer.status_code, finding["code"]) == (422, errors.FIELD_INVALID.code)
    assert "JUR-004" in finding["message"]


async def test_the_rules_have_their_order(http: httpx.AsyncClient) -> None:
    """The list of rules is in the order of their codes, each once."""
    codes = [rule["code"] for rule in (await http.get("/rules")).json()]
    assert codes == sorted(set(codes))
