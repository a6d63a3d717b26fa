"""The columns that a model has, from its JSON Schema. Fields within fields become columns of their own.

A list of simple values is one column, with `;` between the values. A form of an IEP gives the columns
`LRE_environment`, `LRE_justification` and so on. A list of records with several fields has no column: it is a
file of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Any

from contracts.codes import COMMENT
from contracts.message import Value

Node = dict[str, Any]
Path = tuple[str, ...]

_NO_COLUMNS = frozenset({"IPL", "AMD"})
"""Forms without columns in a list of forms: an IEP has several IPL, which are a file. AMD is a field."""

_NO_COLUMN = frozenset({"on_revision", "lea"})
"""Fields that no row fills: no file is written from a screen, and the LEA is the token's."""


class Kind(Enum):
    """How the cells of a column are read."""

    DAY = "a day"
    NUMBER = "a whole number"
    YES_NO = "Y or N"
    ID = "an id: a UUID, or your own key of 1 to 40 letters, digits, dots, dashes and underlines"
    CODE = "a code"
    FORMED = "letters and digits of a fixed form"
    LINE = "a text of one line"
    LINES = "a text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, and which values it takes.

    `path`: the field of the model. `many`: several values, with `;` between them.
    """

    name: str
    path: Path
    kind: Kind
    required: bool = False
    many: bool = False
    description: str = ""
    values: tuple[str, ...] = ()
    code_list: str = ""
    pattern: str = ""
    least: int | None = None
    most: int | None = None


@cache
def columns_of(model: type[Value]) -> Mapping[Path, Column]:
    """The columns of a model, by the path of the field."""
    schema = model.model_json_schema()
    return {column.path: column for column in _within(schema, schema.get("$defs", {}), (), required=True)}


def _within(node: Node, definitions: Mapping[str, Node], at: Path, *, required: bool) -> Iterator[Column]:
    for name, field in node.get("properties", {}).items():
        if name not in _NO_COLUMN and "const" not in field:
            needed = required and name in node.get("required", ())
            yield from _columns(_resolved(field, definitions), definitions, (*at, name), required=needed)


def _columns(node: Node, definitions: Mapping[str, Node], path: Path, *, required: bool) -> Iterator[Column]:
    """The columns of one field: itself, those within it, or those of the forms it may have."""
    match node:
        case {"type": "array", "items": dict(items)}:
            item = _resolved(items, definitions)
            if "oneOf" in item:
                for form in (_resolved(one, definitions) for one in item["oneOf"]):
                    yield from _of_form(form, definitions, path)
            elif "properties" not in item:
                yield _column(node | item, path, required=required, many=True)
        case {"properties": dict(fields)} if "form" in fields:
            code = fields["form"]["const"]
            for column in _within(node, definitions, path, required=required):
                yield replace(column, name=f"{code}_{column.name}")
        case {"properties": dict()}:
            yield from _within(node, definitions, path, required=required)
        case _:
            yield _column(node, path, required=required, many=False)


def _of_form(form: Node, definitions: Mapping[str, Node], at: Path) -> Iterator[Column]:
    code = form["properties"]["form"]["const"]
    if code not in _NO_COLUMNS:
        for column in _within(form, definitions, (*at, code), required=False):
            yield replace(column, name=f"{code}_{column.name}")


def _column(node: Node, path: Path, *, required: bool, many: bool) -> Column:
    comment = str(node.get("$comment", ""))
    return Column(
        name=path[-1],
        path=path,
        kind=_kind(node),
        required=required,
        many=many,
        description=" ".join(str(node.get("description", "")).split()),
        values=tuple(map(str, node.get("enum", ()))),
        code_list=comment.removeprefix(COMMENT) if comment.startswith(COMMENT) else "",
        pattern=str(node.get("pattern", "")),
        least=node.get("minimum"),
        most=node.get("maximum", node.get("maxLength")),
    )


def _kind(node: Node) -> Kind:
    match node:
        case {"format": "date"}:
            return Kind.DAY
        case {"format": "uuid"}:
            return Kind.ID
        case {"enum": list()}:
            return Kind.CODE
        case {"type": "integer"}:
            return Kind.NUMBER
        case {"type": "boolean"}:
            return Kind.YES_NO
        case {"pattern": str()}:
            return Kind.FORMED
        case {"maxLength": int(longest)} if longest > 200:
            return Kind.LINES
        case _:
            return Kind.LINE


def _resolved(node: Node, definitions: Mapping[str, Node]) -> Node:
    """The node with its reference resolved. Of a field that may be blank: the node of its value."""
    if "anyOf" in node:
        (choice, *_) = [choice for choice in node["anyOf"] if choice.get("type") != "null"]
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        return _resolved(choice | rest, definitions)
    if "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _resolved(definitions[node["$ref"].removeprefix("#/$defs/")], definitions) | rest
    return node
