"""The fields of a command, at every depth, in words: from its JSON Schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.codes import COMMENT, CodeList

Node = dict[str, Any]

_FORMATS = {
    "uuid": "an id (UUID)",
    "date": "a day, such as 2018-01-08",
    "date-time": "an instant, such as 2018-01-08T15:30:00Z",
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field: its place (`terms.begin_on`, `forms[PRG].services[].begin_on`), and the values it takes."""

    field: str
    required: bool
    takes: str


def rows_of(schema: Node) -> list[FieldRow]:
    """Every field, followed by the fields within it. A choice lists every kind by its marking value."""
    return list(_within(schema, schema.get("$defs", {}), ""))


def forms_of(schema: Node) -> list[str]:
    """The codes of the forms that a command may have."""
    definitions = schema.get("$defs", {})
    return list(
        dict.fromkeys(
            _mark(definition)[1] for definition in definitions.values() if _mark(definition)[0] == "form"
        )
    )


def _within(node: Node, definitions: dict[str, Node], at: str) -> Iterator[FieldRow]:
    for name, field in node.get("properties", {}).items():
        place = f"{at}.{name}" if at else name
        whole = _resolved(field, definitions)
        yield FieldRow(place, name in node.get("required", ()), _takes(whole, definitions))
        yield from _below(whole, definitions, place)


def _below(node: Node, definitions: dict[str, Node], at: str) -> Iterator[FieldRow]:
    """The fields within a field."""
    match node:
        case {"items": dict(items)}:
            yield from _below(_resolved(items, definitions), definitions, f"{at}[]")
        case {"oneOf": list(choices)}:
            for choice in (_resolved(choice, definitions) for choice in choices):
                yield from _within(choice, definitions, f"{at.removesuffix('[]')}[{_mark(choice)[1]}]")
        case _:
            yield from _within(node, definitions, at)


def _resolved(node: Node, definitions: dict[str, Node]) -> Node:
    """The node with its reference resolved. Of a field that may be blank: the node of its value."""
    if "anyOf" in node:
        choices = [choice for choice in node["anyOf"] if choice.get("type") != "null"]
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        return _resolved(choices[0] | rest, definitions)
    if "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _resolved(definitions[node["$ref"].removeprefix("#/$defs/")], definitions) | rest
    return node


def _mark(node: Node) -> tuple[str, str]:
    """The field whose constant value tells a choice from the others, and that value."""
    fields: dict[str, Node] = node.get("properties", {})
    return next(((name, field["const"]) for name, field in fields.items() if "const" in field), ("", ""))


def _takes(node: Node, definitions: dict[str, Node]) -> str:
    """The values of a field in a few words: its description, then its form."""
    description = " ".join(str(node.get("description", "")).split())
    form = _form(node, definitions)
    return " ".join(filter(None, (description, f"({form})" if description and form else form)))


def _form(node: Node, definitions: dict[str, Node]) -> str:
    match node:
        case {"$comment": str(comment)} if comment.startswith(COMMENT):
            return _codes(comment.removeprefix(COMMENT))
        case {"const": value}:
            return f"always {value}"
        case {"enum": list(values)}:
            return f"one of: {', '.join(map(str, values))}"
        case {"oneOf": list(choices)}:
            kinds = [_mark(_resolved(choice, definitions)) for choice in choices]
            return (
                f"fields, of which `{kinds[0][0]}` names the kind: {', '.join(value for _, value in kinds)}"
            )
        case {"type": "array", "items": dict(items)}:
            return f"a list, each: {_takes(_resolved(items, definitions), definitions)}"
        case {"type": "object"}:
            return "" if "description" in node else "fields, listed below"
        case _:
            return _simple(node)


def _simple(node: Node) -> str:
    """The values of a field that has neither fields nor a list of values."""
    match node:
        case {"format": str(form)}:
            return _FORMATS.get(form, form)
        case {"type": "integer", **limits}:
            return f"a whole number{_limits(limits)}"
        case {"type": "boolean"}:
            return "true or false"
        case {"maxLength": longest}:
            return f"a text of at most {longest} characters"
        case {"type": "string"}:
            return "" if "description" in node else "a text"
        case _:
            return "see its schema"


def _codes(name: str) -> str:
    code, row = next(iter(CodeList(name).items()))
    return f"a code of contracts/codes/{name}.csv, such as {code} ({row.label})"


def _limits(limits: Node) -> str:
    match limits:
        case {"minimum": lowest, "maximum": highest}:
            return f" from {lowest} to {highest}"
        case {"minimum": lowest}:
            return f" from {lowest} on"
        case _:
            return ""
