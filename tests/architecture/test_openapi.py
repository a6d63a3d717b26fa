"""Every HTTP operation is documented, and only probes and documents are open without a token."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import catalog, errors, examples, schemas
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.applications import (
    ALL_GUARDED,
    APPLICATIONS,
    OPEN,
    Clients,
    address_of,
    guarded,
    operations,
)
from tests.architecture.system import EACH_SERVICE
from tests.architecture.test_asyncapi import leads, references


@pytest.mark.parametrize(("service", "method", "path", "operation"), ALL_GUARDED)
@pytest.mark.parametrize(("token", "code"), [(None, "ACC-001"), ("e30.e30.c2ln", "ACC-002")])
async def test_no_route_without_a_token(
    service: ServiceDefinition,
    method: str,
    path: str,
    operation: dict[str, Any],
    token: str | None,
    code: str,
    clients: Clients,
) -> None:
    """Every guarded operation refuses a request without a valid token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await clients[service.name].request(method, address_of(path), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert [finding["code"] for finding in answer.json()["findings"]] == [code]


@EACH_SERVICE
def test_what_is_open_is_listed(service: ServiceDefinition) -> None:
    """Only the probes, the metrics, the rules and the documents are open; all other operations are
    documented."""
    routed = {getattr(route, "path", "") for route in every_route(APPLICATIONS[service.name].routes)}
    documented = {path for _, path, _ in operations(service)}
    assert routed == documented | OPEN


def every_route(routes: list[Any]) -> Iterator[Any]:
    """The routes of an application and of the routers within it."""
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None) or getattr(
            route, "routes", None
        )
        yield from every_route(inner) if inner else (route,)


@EACH_SERVICE
def test_every_answer_about_a_student_says_how_far_it_has_come(service: ServiceDefinition) -> None:
    """Every answer about a student has the header `Ser-Sequence`."""
    about = [operation for _, path, operation in operations(service) if "{student_id}" in path]
    assert about
    for operation in about:
        assert "Ser-Sequence" in operation["responses"]["200"]["headers"], operation["operationId"]


@EACH_SERVICE
async def test_open_documents(service: ServiceDefinition, clients: Clients) -> None:
    """A service's document and rules need no token."""
    for address in ("/docs", "/openapi.json", "/health/live", "/metrics"):
        assert (await clients[service.name].get(address)).status_code == 200
    rules = (await clients[service.name].get("/rules")).json()
    assert {rule["code"] for rule in rules} == service.rules.keys() | errors.RULES.keys()


@EACH_SERVICE
async def test_the_page_needs_no_other_host(service: ServiceDefinition, clients: Clients) -> None:
    """A service's page loads no file from another host."""
    page = await clients[service.name].get("/", follow_redirects=True)
    assert page.status_code == 200
    assert page.url.path == "/docs"
    assert "//" not in re.sub(r"(?m)^\s*//.*$", "", page.text)
    assert '"validatorUrl": null' in page.text
    made_of = re.findall(r"(?:src|href|url): ?[\"']([^\"']+)|(?:src|href)=[\"']([^\"']+)", page.text)
    places = [place for found in made_of for place in found if place and not place.startswith("data:")]
    assert len(places) == 3
    for place in places:
        answer = await clients[service.name].get(str(page.url.join(place)))
        assert (answer.status_code, len(answer.content) > 1000) == (200, True)


@EACH_SERVICE
def test_every_operation_is_explained(service: ServiceDefinition) -> None:
    """Each operation has a summary, a tag and a unique id."""
    ids = [operation["operationId"] for _, _, operation in operations(service)]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations(service):
        assert operation["summary"].strip(), f"{method} {path}"
        assert operation["tags"], f"{method} {path}"


@EACH_SERVICE
def test_every_refusal_is_documented(service: ServiceDefinition) -> None:
    """Every refusal has the same form everywhere: problem details with the broken rules."""
    for method, path, operation in guarded(service):
        is_command = path.removeprefix("/commands/") in service.commands
        expected = {"401", "422", "503"} | ({"409"} if is_command else set())
        expected |= {"413", "415"} if "requestBody" in operation else set()
        assert expected <= operation["responses"].keys(), f"{method} {path}"
        for status in expected:
            assert "application/problem+json" in operation["responses"][status]["content"], f"{method} {path}"
        assert operation["security"], f"{method} {path}"


@EACH_SERVICE
def test_every_command_has_its_door(service: ServiceDefinition) -> None:
    """Each command of a service has a POST, and the document describes its body."""
    paths = APPLICATIONS[service.name].openapi()["paths"]
    posts = {
        path.rsplit("/", 1)[1] for path in paths if path.startswith("/commands/") and "post" in paths[path]
    }
    assert posts - {"outcomes", "dry-run"} == catalog.commands(service.name).keys()
    for name in posts - {"outcomes", "dry-run"}:
        body = paths[f"/commands/{name}"]["post"]["requestBody"]["content"]["application/json"]
        assert body["schema"] == {"$ref": f"#/components/schemas/{name}"}


@EACH_SERVICE
def test_openapi_holds_together(service: ServiceDefinition) -> None:
    """A service's document is OpenAPI 3.1: its references resolve, and its examples fit their schemas."""
    document = APPLICATIONS[service.name].openapi()
    assert document["openapi"].startswith("3.1")
    assert not [reference for reference in references(document) if not leads(document, reference)]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for name, command in service.commands.items():
        shown = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        described = document["components"]["schemas"][name]
        assert described["examples"] == [examples.example(command.schema_id)]
        Draft202012Validator(shown).validate(described["examples"][0])
        assert described["required"] == schemas.generated(command)["required"]


@EACH_SERVICE
def test_path_parameters_are_declared(service: ServiceDefinition) -> None:
    """Every path parameter is declared."""
    for _, path, operation in operations(service):
        declared = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path))
