"""Every route checks the size, the parameters and the body of a request."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from contracts import catalog
from contracts.access import Role
from services.chassis.hosting.settings import LARGEST_BODY
from tests.architecture.applications import ALL_GUARDED, Clients, address_of, operations
from tests.architecture.system import SERVICES

ANY_OPERATION = pytest.mark.parametrize(
    ("service", "method", "path"),
    [
        pytest.param(name, method, path, id=f"{name} {method} {path}")
        for name, service in SERVICES.items()
        for method, path, _ in operations(service)
    ],
)
GUARDED: list[Any] = [case.values for case in ALL_GUARDED]
IN_EARNEST = [
    pytest.param(service.name, method, path, id=f"{service.name} {method} {path}")
    for service, method, path, _ in GUARDED
    if method != "get" and not path.startswith("/commands/")
]
WITH_BODY = [
    pytest.param(service.name, path, id=f"{service.name} {path}")
    for service, method, path, operation in GUARDED
    if "application/json" in operation.get("requestBody", {}).get("content", ())
]
PARAMETERS = [
    pytest.param(service.name, method, path, one, id=f"{service.name} {method} {path} {one['name']}")
    for service, method, path, operation in GUARDED
    for one in operation.get("parameters", ())
    if one["in"] == "query"
]
PIECE = 64 * 1024


class Flood:
    """A body without end and without a length. It counts the bytes that the service takes."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < 100 * LARGEST_BODY:
            self.taken += PIECE
            yield b" " * PIECE


def codes(answer: httpx.Response) -> list[str]:
    """The codes of the findings of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    return [finding["code"] for finding in answer.json()["findings"]]


@ANY_OPERATION
async def test_a_body_that_says_it_is_too_large(
    service: str, method: str, path: str, clients: Clients
) -> None:
    """The service refuses a request with a too large `Content-Length` before it reads the body."""
    body = Flood()
    longer = SERVICES[service].longer_bodies
    limit = next((longer[one] for one in longer if re.fullmatch(one, address_of(path))), LARGEST_BODY)
    headers = {"Content-Length": str(limit + 1)}
    answer = await clients[service].request(method, address_of(path), content=body, headers=headers)
    assert (answer.status_code, codes(answer), body.taken) == (413, ["MSG-012"], 0)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(("service", "method", "path", "operation"), ALL_GUARDED)
async def test_a_body_without_an_end(
    service: Any, method: str, path: str, operation: dict[str, Any], clients: Clients
) -> None:
    """Without a token the service reads nothing of an endless body."""
    body = Flood()
    answer = await clients[service.name].request(method, address_of(path), content=body)
    assert (answer.status_code, body.taken) == (401, 0)


@pytest.mark.parametrize(("service", "method", "path", "said"), ALL_GUARDED)
async def test_no_answer_is_kept_on_the_way(
    service: Any, method: str, path: str, said: dict[str, Any], clients: Clients
) -> None:
    """An answer may be about a student, so no browser and no proxy keeps it."""
    answer = await clients[service.name].request(method, address_of(path))
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("service", "path"), WITH_BODY)
async def test_a_body_without_an_end_and_with_a_token(service: str, path: str, clients: Clients) -> None:
    """With a token the service reads an endless body up to the limit."""
    body = Flood()
    answer = await clients[service].post(address_of(path), content=body, headers=clients.signed(Role.WRITER))
    assert (answer.status_code, codes(answer)) == (413, ["MSG-012"])
    assert body.taken <= LARGEST_BODY + PIECE


@pytest.mark.parametrize(("service", "path"), WITH_BODY)
@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Content-Encoding", "gzip", "MSG-026"),
        ("Content-Encoding", "br", "MSG-026"),
        ("Content-Type", "text/plain", "MSG-027"),
        ("Content-Type", "application/x-www-form-urlencoded", "MSG-027"),
    ],
)
async def test_a_body_in_another_form(
    service: str, path: str, header: str, value: str, code: str, clients: Clients
) -> None:
    """The service refuses a compressed body, a form and plain text, and names the type."""
    headers = clients.signed(Role.WRITER) | {header: value}
    answer = await clients[service].post(address_of(path), content=b"{}", headers=headers)
    assert (answer.status_code, codes(answer)) == (415, [code])
    assert value in answer.json()["detail"]


@pytest.mark.parametrize(("service", "path"), WITH_BODY)
@pytest.mark.parametrize(
    "value", [None, "application/json", "application/json; charset=utf-8", "Application/JSON"]
)
async def test_a_body_that_is_read(service: str, path: str, value: str | None, clients: Clients) -> None:
    """The service reads a JSON body with or without a content type."""
    headers = clients.signed(Role.WRITER) | ({"Content-Type": value} if value else {})
    answer = await clients[service].post(address_of(path), content=b"{}", headers=headers)
    assert (answer.status_code, set(codes(answer))) == (422, {"MSG-004"})


@pytest.mark.parametrize(("service", "method", "path", "operation"), ALL_GUARDED)
async def test_unknown_parameters(
    service: Any, method: str, path: str, operation: dict[str, Any], clients: Clients
) -> None:
    """The service refuses and names a mistyped parameter; it never ignores one."""
    answer = await clients[service.name].request(method, address_of(path), params={"favourite": "green"})
    assert (answer.status_code, codes(answer)) == (422, ["MSG-030"])
    (finding,) = answer.json()["findings"]
    assert finding["field"] == "favourite"
    known = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    assert all(name in finding["solution"] for name in known)


@pytest.mark.parametrize(("service", "method", "path", "parameter"), PARAMETERS)
async def test_parameters_given_twice(
    service: str, method: str, path: str, parameter: dict[str, Any], clients: Clients
) -> None:
    """The service refuses a parameter that is given twice."""
    name = parameter["name"]
    twice = f"{address_of(path)}?{name}=2017-10-01&{name}=2017-10-01"
    answer = await clients[service].request(method, twice)
    assert answer.status_code == 422
    assert "MSG-025" in codes(answer)
    assert {finding["field"] for finding in answer.json()["findings"]} == {name}


DAYS = [case for case in PARAMETERS if "'date'" in str(case.values[3])]


@pytest.mark.parametrize(("service", "method", "path", "parameter"), DAYS)
@pytest.mark.parametrize("value", ["2017-10-01T00:00:00", "1506816000", "1.10.2017", ""])
async def test_days_in_addresses(
    service: str, method: str, path: str, parameter: dict[str, Any], value: str, clients: Clients
) -> None:
    """The service refuses an instant in place of a day, and shows how to write a day."""
    answer = await clients[service].request(method, address_of(path), params={parameter["name"]: value})
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])
    assert "write the day as 2018-01-08" in answer.json()["detail"]


@pytest.mark.parametrize("name", catalog.commands())
async def test_another_services_command(name: str, clients: Clients) -> None:
    """A command posted to the wrong service is refused, and the refusal names the right service."""
    owner = catalog.commands()[name].owner
    for service in SERVICES.keys() - {owner}:
        answer = await clients[service].post(f"/commands/{name}", content=b"{}")
        assert (answer.status_code, codes(answer)) == (404, ["MSG-029"])
        assert owner in answer.json()["detail"]


@pytest.mark.parametrize("service", SERVICES)
async def test_a_command_that_nobody_knows(service: str, clients: Clients) -> None:
    """The refusal of an unknown command lists the known ones."""
    answer = await clients[service].post("/commands/ClaimEverything", content=b"{}")
    assert (answer.status_code, codes(answer)) == (404, ["MSG-006"])
    assert "ClaimJurisdiction" in answer.json()["findings"][0]["solution"]


@ANY_OPERATION
async def test_another_method(service: str, method: str, path: str, clients: Clients) -> None:
    """The refusal of a wrong method names the allowed ones."""
    answer = await clients[service].request("PATCH", address_of(path))
    assert (answer.status_code, codes(answer)) == (405, ["MSG-014"])
    assert answer.headers["allow"]


@pytest.mark.parametrize(("service", "method", "path"), IN_EARNEST)
async def test_a_dry_run_of_no_command(service: str, method: str, path: str, clients: Clients) -> None:
    """A request that changes something, and is no command, is refused as a dry run."""
    headers = clients.signed(Role.WRITER, Role.STATE) | {"Prefer": "wait=3, Dry-Run"}
    answer = await clients[service].request(method, address_of(path), headers=headers)
    assert (answer.status_code, codes(answer)) == (422, ["MSG-052"])


@pytest.mark.parametrize("wish", ["dryrun", "dry_run", "wait=5, dry-run=no"])
async def test_a_dry_run_in_other_words(wish: str, clients: Clients) -> None:
    """A command with a misspelled dry run is not taken in earnest."""
    headers = clients.signed(Role.WRITER) | {"Prefer": wish}
    answer = await clients["jurisdiction"].post("/commands/ClaimJurisdiction", headers=headers, json={})
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])
    assert answer.json()["findings"][0]["field"] == "prefer"
