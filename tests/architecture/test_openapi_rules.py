"""Redocly and Spectral find no errors in our OpenAPI documents."""

from typing import Any

import pytest

from tests.architecture.applications import APPLICATIONS
from tests.architecture.openapi import Objection, judge
from tests.toolchains import NODE, need

TOLERATED = {
    "operation-description": "the summary says it; a second sentence is there where there is more to say",
    "info-contact": "whoever runs a system is the contact, and is not known here",
    "no-illogical-composition-keywords": "the discriminator says which schema it is",
}


@pytest.fixture(scope="module")
def objections() -> dict[str, list[Objection]]:
    """The errors of both tools in each service's document, and in a broken one."""
    need(*NODE)
    documents: dict[str, dict[str, Any]] = {name: app.openapi() for name, app in APPLICATIONS.items()}
    documents["broken"] = {key: value for key, value in documents["students"].items() if key != "servers"}
    return dict(zip(documents, judge(documents.values()), strict=True))


@pytest.mark.parametrize("service", APPLICATIONS)
def test_nothing_is_wrong(service: str, objections: dict[str, list[Objection]]) -> None:
    """Each service's OpenAPI document keeps the recommended rules of both tools."""
    found = [one for one in objections[service] if one["rule"] not in TOLERATED]
    assert not found, found[:5]


def test_they_do_look(objections: dict[str, list[Objection]]) -> None:
    """Both tools object to a document without servers."""
    rules = {one["rule"] for one in objections["broken"]}
    assert {"no-empty-servers", "oas3-api-servers"} <= rules
