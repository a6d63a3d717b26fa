"""Made-up messages of every shape a schema permits, for hypothesis."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

Node = Mapping[str, Any]
Instances = st.SearchStrategy[Any]

_PRINTED = st.characters(exclude_categories=("C", "Z"))
_MOST_ITEMS = 3


def instances(schema: Node) -> Instances:
    """Bodies that the schema permits; optional fields are there or not."""
    return _of(schema, schema.get("$defs", {}))


def _of(node: Node, defs: Node) -> Instances:
    if "$ref" in node:
        return _of(defs[node["$ref"].removeprefix("#/$defs/")], defs)
    for choices in ("anyOf", "oneOf"):
        if choices in node:
            return st.one_of([_of(choice, defs) for choice in node[choices]])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if "const" in node:
        return st.just(node["const"])
    return _BY_TYPE[node["type"]](node, defs)


def _object(node: Node, defs: Node) -> Instances:
    if "properties" not in node:
        return st.dictionaries(_of({"type": "string"}, defs), _of(node["additionalProperties"], defs))
    fields = {name: _of(field, defs) for name, field in node["properties"].items()}
    needed = set(node.get("required", ()))
    made = st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in needed},
        optional={name: field for name, field in fields.items() if name not in needed},
    )
    return made.map(_with_a_name) if {"first_name", "last_name"} <= fields.keys() else made


def _with_a_name(made: dict[str, Any]) -> dict[str, Any]:
    """A person with at least one name, which a schema cannot require."""
    if made.get("first_name") or made.get("last_name"):
        return made
    return {**made, "last_name": "Student"}


def _array(node: Node, defs: Node) -> Instances:
    if "prefixItems" in node:
        return st.tuples(*(_of(item, defs) for item in node["prefixItems"])).map(list)
    return st.lists(_of(node["items"], defs), min_size=node.get("minItems", 0), max_size=_MOST_ITEMS)


def _string(node: Node, defs: Node) -> Instances:
    match node:
        case {"format": "date"}:
            return st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(date.isoformat)
        case {"format": "date-time"}:
            return st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
        case {"format": "uuid"}:
            return st.uuids().map(str)
        case {"pattern": pattern}:
            return st.from_regex(pattern, fullmatch=True)
        case _:
            longest = min(node.get("maxLength", 20), 20)
            return st.text(_PRINTED, min_size=node.get("minLength", 0), max_size=longest)


def _integer(node: Node, defs: Node) -> Instances:
    return st.integers(node.get("minimum", 0), node.get("maximum", 10**6))


_BY_TYPE: dict[str, Callable[[Node, Node], Instances]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": lambda node, defs: st.booleans(),
    "null": lambda node, defs: st.none(),
}
