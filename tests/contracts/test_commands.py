"""What a service says to a command with a field it does not know, wherever the field is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts import catalog, examples
from contracts.errors import FIELD_UNKNOWN
from services.chassis.decode import read_command

STRANGE = "favourite_colour"


def strange(body: Any) -> Iterator[Any]:
    """The body with an unknown field, once for each place where it can be."""
    match body:
        case dict():
            yield body | {STRANGE: "green"}
            for field, value in body.items():
                yield from (body | {field: worse} for worse in strange(value))
        case list():
            for place, value in enumerate(body):
                yield from ([*body[:place], worse, *body[place + 1 :]] for worse in strange(value))


@pytest.mark.parametrize("name", catalog.commands())
def test_unknown_fields_at_any_depth(name: str) -> None:
    """What somebody typed is never dropped in silence: an unknown field is refused wherever it stands."""
    entry = catalog.commands()[name]
    for body in strange(examples.example(entry.schema_id)):
        read = read_command({name: entry}, name, json.dumps(body).encode())
        assert isinstance(read, tuple)
        (finding,) = read
        assert finding.code == FIELD_UNKNOWN.code == "MSG-003"
        assert (finding.field or "").endswith(STRANGE)
