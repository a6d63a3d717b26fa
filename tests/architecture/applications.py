"""Each service's HTTP application without servers, and its documented operations."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts.access import Role
from deploy.local.issuer import Issuer
from services.chassis.answering.http import application
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import SERVICES

Operation = tuple[str, str, dict[str, Any]]

OPEN = {
    *("/health/live", "/health/ready", "/metrics", "/rules", "/rules/{code}"),
    *("/", "/openapi.json", "/docs", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"),
}
PUBLIC = {"/duties.ics"}
"""The queries that need no token: they have nothing of a student, a person or an LEA."""
FILLED_IN = {"student_id": "1000000001", "lea": "017"}
SOME_ID = "8bca4144-71fa-5edb-a764-f2bc755c9e32"

APPLICATIONS: dict[str, FastAPI] = {name: application(service) for name, service in SERVICES.items()}


def operations(service: ServiceDefinition) -> Iterator[Operation]:
    """Every documented operation: method, path and description."""
    for path, methods in APPLICATIONS[service.name].openapi()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def guarded(service: ServiceDefinition) -> Iterator[Operation]:
    """The operations that need a token."""
    return (operation for operation in operations(service) if operation[1] not in OPEN | PUBLIC)


ALL_GUARDED = [
    pytest.param(service, method, path, operation, id=f"{service.name} {method} {path}")
    for service in SERVICES.values()
    for method, path, operation in guarded(service)
]


class Clients(dict[str, httpx.AsyncClient]):
    """A client of each service's application, by name, and the issuer of their tokens."""

    issuer: Issuer

    def signed(self, *roles: Role) -> dict[str, str]:
        """The authorization header of a user of an LEA."""
        return {"Authorization": f"Bearer {self.issuer.token('017', roles, 'a.coordinator')}"}


def address_of(path: str) -> str:
    """A documented path with values for its parameters."""
    return re.sub(r"\{(\w+)\}", lambda found: FILLED_IN.get(found[1], SOME_ID), path)
