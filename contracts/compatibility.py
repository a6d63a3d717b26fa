"""Whether one schema may take the place of another under the same version, and if not, why."""

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
_SAYING_NOTHING = {"$schema", "$id", "$defs", "title", "description", "$comment"}


def breaks(old: Node, new: Node, kind: Kind) -> list[str]:
    """What would go wrong between programs of which one knows only `old`; empty if `new` may take its place.

    New code must be able to read every old message, and must know all its fields. Old code must be able to
    read every new event, outcome and dead letter, because readers are not upgraded all at once. It need not
    be able to read a new command: a service is upgraded before those who send to it.
    """
    before, after = _inlined(old, old), _inlined(new, new)
    found = [f"new code and an old message: {why}" for why in _refused(before, after, "", strict=True)]
    if kind is not Kind.COMMAND:
        found += [f"old code and a new message: {why}" for why in _refused(after, before, "", strict=False)]
    return found


def _refused(written: Node, read: Node, at: str, *, strict: bool) -> Iterator[str]:
    """Why a message written by one schema may be unreadable by another. Strictly: nothing may be ignored."""
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
    """Code lists may grow, for that is their nature: a code is used once those who read it know it."""
    known, said = _permitted(read), _permitted(written)
    of_one_list = _code_list(written) is not None and _code_list(written) == _code_list(read)
    if known is not None and (strict or not of_one_list):
        for value in sorted(said - known) if said is not None else ["anything"]:
            yield f"{at} may be {value!r}"


def _code_list(node: Node) -> str | None:
    """The code list that a field takes its values from, if it does."""
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
    for number, (said, known) in enumerate(zip(*places, strict=False)):
        yield from _refused(said, known, f"{at}[{number}]", strict=strict)


def _inlined(node: Any, root: Node) -> Any:
    """The schema with every reference replaced by what it refers to."""
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
    strange = node.keys() - _COMPARED - _SAYING_NOTHING
    if strange:
        raise NotImplementedError(f"nobody has said what a change of {sorted(strange)} breaks")


def _choices(node: Node) -> list[Node]:
    return node.get("anyOf") or node.get("oneOf") or [node]


def _key(choice: Node) -> tuple[str, str]:
    """What tells one choice from another: a constant field, else the type."""
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
