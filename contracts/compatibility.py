"""Checks whether a new schema may replace an old one under the same version."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.catalog import Kind
from contracts.codes import COMMENT

Node = Mapping[str, Any]

_LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_EXACT = ("pattern", "format")
_COMPARED = {
    *(*_LOWEST, *_HIGHEST, *_EXACT, "type", "enum", "const", "default", "properties", "required", "items"),
    *("prefixItems", "uniqueItems", "additionalProperties", "anyOf", "oneOf"),
}
_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "$comment"}


def breaks(old: Node, new: Node, kind: Kind) -> list[str]:
    """The problems between a program that knows `new` and one that knows only `old`; empty: none.

    New code must be able to read every old message, and must know all its fields. Old code must be able to
    read every new event, outcome and dead letter, because readers are not upgraded all at once. It need not
    be able to read a new command, because operators upgrade a service before its senders.
    """
    before, after = _inlined(old, old), _inlined(new, new)
    found = [f"new code and an old message: {why}" for why in _refused(before, after, "", strict=True)]
    if kind is not Kind.COMMAND:
        found += [f"old code and a new message: {why}" for why in _refused(after, before, "", strict=False)]
    return found


def _refused(written: Node, read: Node, at: str, *, strict: bool) -> Iterator[str]:
    """Why the schema `read` may reject a message of the schema `written`. `strict`: it ignores no field."""
    writers, choices = _choices(written), _choices(read)
    if len(writers) == len(choices) == 1:
        yield from _differing(writers[0], choices[0], at, strict=strict)
        return
    readers = {_key(choice): choice for choice in choices}
    for choice in writers:
        reader = readers.get(_key(choice))
        if reader is None:
            yield f"{at} may be {_named(choice)}"
        else:
            yield from _differing(choice, reader, at, strict=strict)


def _differing(written: Node, read: Node, at: str, *, strict: bool) -> Iterator[str]:
    if written.get("type") != read.get("type"):
        yield f"{at} is of type {written.get('type')}, not {read.get('type')}"
        return
    yield from _values(written, read, at, strict=strict)
    yield from _limits(written, read, at)
    yield from _fields(written, read, at, strict=strict)
    yield from _items(written, read, at, strict=strict)


def _values(written: Node, read: Node, at: str, *, strict: bool) -> Iterator[str]:
    """A code list may grow: a sender uses a new code only after the readers know it."""
    known, sent = _permitted(read), _permitted(written)
    of_one_list = _code_list(written) is not None and _code_list(written) == _code_list(read)
    if known is not None and (strict or not of_one_list):
        for value in sorted(sent - known) if sent is not None else ["anything"]:
            yield f"{at} may be {value!r}"


def _code_list(node: Node) -> str | None:
    """The code list of a field's values; None if the field has none."""
    comment: str = node.get("$comment", "")
    return comment if comment.startswith(COMMENT) else None


def _limits(written: Node, read: Node, at: str) -> Iterator[str]:
    for limit in _LOWEST:
        if read.get(limit, -math.inf) > written.get(limit, -math.inf):
            yield f"{at} has a {limit} of {read[limit]}"
    for limit in _HIGHEST:
        if read.get(limit, math.inf) < written.get(limit, math.inf):
            yield f"{at} has a {limit} of {read[limit]}"
    for form in _EXACT:
        if form in read and read[form] != written.get(form):
            yield f"{at} has the {form} {read[form]}"
    if read.get("uniqueItems") and not written.get("uniqueItems"):
        yield f"{at} has no item twice"


def _fields(written: Node, read: Node, at: str, *, strict: bool) -> Iterator[str]:
    fields: Node = read.get("properties", {})
    always = written.get("required", ())
    for name in read.get("required", ()):
        if name not in always:
            yield f"{_below(at, name)} is required"
    for name, field in written.get("properties", {}).items():
        if name in fields:
            yield from _refused(field, fields[name], _below(at, name), strict=strict)
            if strict and name not in always and field.get("default") != fields[name].get("default"):
                yield f"{_below(at, name)} has another default"
        elif strict or read.get("additionalProperties") is False:
            yield f"{_below(at, name)} is unknown"


def _items(written: Node, read: Node, at: str, *, strict: bool) -> Iterator[str]:
    if "items" in read:
        yield from _refused(written.get("items", {}), read["items"], f"{at}[]", strict=strict)
    places = (written.get("prefixItems", ()), read.get("prefixItems", ()))
    if len(places[0]) != len(places[1]):
        yield f"{at} has {len(places[1])} items"
    for number, (sent, known) in enumerate(zip(*places, strict=False)):
        yield from _refused(sent, known, f"{at}[{number}]", strict=strict)


def _inlined(node: Any, root: Node) -> Any:
    """The schema with every reference replaced by its target."""
    if isinstance(node, list):
        return [_inlined(item, root) for item in node]
    if not isinstance(node, Mapping):
        return node
    if "$ref" in node:
        named = root["$defs"][node["$ref"].removeprefix("#/$defs/")]
        return _inlined({**named, **{key: value for key, value in node.items() if key != "$ref"}}, root)
    if isinstance(node.get("type"), str):
        _check(node)
    return {key: _inlined(value, root) for key, value in node.items() if key != "$defs"}


def _check(node: Node) -> None:
    strange = node.keys() - _COMPARED - _ANNOTATIONS
    if strange:
        raise NotImplementedError(f"this check does not know the schema keywords {sorted(strange)}")


def _choices(node: Node) -> list[Node]:
    return node.get("anyOf") or node.get("oneOf") or [node]


def _key(choice: Node) -> tuple[str, str]:
    """Identifies one choice among several: by its constant field, else by its type."""
    return choice.get("type", ""), next(_constants(choice), "")


def _constants(choice: Node) -> Iterator[str]:
    return (field["const"] for field in choice.get("properties", {}).values() if "const" in field)


def _named(choice: Node) -> str:
    return next(_constants(choice), choice.get("type", "anything"))


def _permitted(node: Node) -> set[str] | None:
    if "const" in node:
        return {node["const"]}
    return set(node["enum"]) if "enum" in node else None


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
