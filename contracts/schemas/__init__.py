"""The JSON Schema of every message: generated from the models, committed, and what other languages go by."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from contracts.catalog import CATALOG, Entry, Kind
from contracts.envelope import SCHEMA_URN

FOLDER = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = Mapping[str, Any]

ENTRIES: dict[str, Entry] = {entry.schema_id: entry for entry in CATALOG}
"""One catalog entry for each schema; the outcomes of all services share one, and so do the dead letters."""


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # a title would only say the field's name again


def generated(entry: Entry) -> dict[str, Any]:
    """The schema of a message as today's model has it.

    A command refuses unknown fields at every depth; readers of all else ignore what they do not know.
    Every keyword is a standard one of JSON Schema 2020-12, so that strict validators take the schema.
    """
    schema: dict[str, Any] = _reflowed(entry.model.model_json_schema(schema_generator=_Generator))
    for union in list(_unions(schema)):
        discriminator = union.pop("discriminator")
        _tag(schema["$defs"], discriminator["propertyName"], discriminator["mapping"].values())
    if entry.kind is Kind.COMMAND:
        for part in (schema, *schema.get("$defs", {}).values()):
            _close(part)
    return {"$schema": DIALECT, "$id": SCHEMA_URN + entry.schema_id, **schema}


def committed(schema_id: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """The schema as it was last accepted; None if the message is new."""
    path = folder / f"{schema_id}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def strays(folder: Path = FOLDER) -> list[str]:
    """Names of committed schemas of which the catalog has no message."""
    return sorted(path.name for path in folder.glob("*.json") if path.stem not in ENTRIES)


def text(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _reflowed(node: Any) -> Any:
    """The schema with descriptions that do not depend on where a docstring breaks its lines."""
    match node:
        case dict():
            return {
                key: " ".join(value.split())
                if key == "description" and isinstance(value, str)
                else _reflowed(value)
                for key, value in node.items()
            }
        case list():
            return [_reflowed(item) for item in node]
        case _:
            return node


def _unions(node: Any) -> Iterator[dict[str, Any]]:
    """The choices in a schema that pydantic gives a `discriminator`, which is a keyword of OpenAPI only."""
    if isinstance(node, dict):
        if "discriminator" in node:
            yield node
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from _unions(item)


def _tag(parts: dict[str, Any], field: str, references: Iterable[str]) -> None:
    """The field that tells choices apart has to be there, though each choice has it by default."""
    for reference in references:
        part = parts[reference.removeprefix("#/$defs/")]
        part["required"] = sorted({*part.get("required", ()), field}, key=list(part["properties"]).index)


def _close(part: dict[str, Any]) -> None:
    if part.get("type") == "object":
        part["additionalProperties"] = False
