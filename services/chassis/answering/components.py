"""The schemas of many messages as the components of one OpenAPI or AsyncAPI document."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from contracts import examples, schemas
from contracts.catalog import Entry, Kind

SCHEMAS = "#/components/schemas/"

_CLOSED = ".closed"


def components(entries: Iterable[Entry]) -> dict[str, Any]:
    """The schemas of messages and of their parts, by name. Parts of commands allow no other fields."""
    found: dict[str, Any] = {}
    for entry in entries:
        suffix = _CLOSED if entry.kind is Kind.COMMAND else ""
        schema = schemas.generated(entry)
        parts = schema.pop("$defs", {})
        del schema["$schema"], schema["$id"]
        found[entry.name] = _referring(schema, suffix)
        found |= {name + suffix: _referring(part, suffix) for name, part in parts.items()}
    return found


def add_components(document: dict[str, Any], entries: Iterable[Entry], *models: type[BaseModel]) -> None:
    """Add to an OpenAPI document the schemas of messages with their examples, and other models."""
    known = document.setdefault("components", {}).setdefault("schemas", {})
    for model in models:
        schema = model.model_json_schema(ref_template=SCHEMAS + "{model}")
        for name, part in (schema.pop("$defs", {}) | {model.__name__: schema}).items():
            known.setdefault(name, part)
    described = {entry.name: entry for entry in entries}
    known.update(components(described.values()))
    for name, entry in described.items():
        if (example := examples.example(entry.schema_id)) is not None:
            known[name]["examples"] = [example]


def _referring(node: Any, suffix: str) -> Any:
    """The schema with its references changed to components."""
    match node:
        case str() if node.startswith("#/$defs/"):
            return SCHEMAS + node.removeprefix("#/$defs/") + suffix
        case dict():
            return {key: _referring(value, suffix) for key, value in node.items()}
        case list():
            return [_referring(item, suffix) for item in node]
        case _:
            return node
