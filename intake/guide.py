"""The guide for data managers: every file with its columns, from the record types and the models."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts import examples
from intake import rules
from intake.columns import Column, Kind
from intake.reading.cells import FORMS
from intake.reading.damage import Dates
from intake.reading.manifest import FORMAT
from intake.record_types import NOT_IN_FILES, RECORD_TYPES, RecordType
from intake.steps import Filling, Piece, Step

_LONGEST_LIST = 24
_FORMS = "SaveIEPForms.v1"
_INTRODUCTION = Path(__file__).parent / "introduction.md"


def guide() -> str:
    """The guide as Markdown."""
    introduction = _INTRODUCTION.read_text(encoding="utf-8")
    days = ", ".join(f"`{one.value}`" for one in Dates)
    parts = (
        introduction.format(form=FORMAT, days=days, day=Dates.ISO.value).rstrip(),
        "## The files, in the order in which they are taken\n\n" + "\n".join(_contents()),
        *map(_of_type, RECORD_TYPES.values()),
        "## Not in files\n\n" + "\n".join(f"- `{name}`: {why}" for name, why in NOT_IN_FILES.items()),
        "## Rules\n\n" + "\n".join(_rules()),
    )
    return "\n\n".join(parts) + "\n"


def _contents() -> Iterator[str]:
    yield from ("| file | a row is | key |", "|---|---|---|")
    for one in RECORD_TYPES.values():
        yield f"| `{one.name}.csv` | {one.about} | {', '.join(one.key)} |"


def _of_type(one: RecordType) -> str:
    lines = [f"## {one.name}.csv", "", one.about, "", f"Commands: {_commands(one)}", ""]
    lines += ["| column | required | takes | meaning |", "|---|---|---|---|"]
    for name, column in one.columns.items():
        required = "yes" if name in one.required else ""
        lines.append(f"| `{name}` | {required} | {takes(column)} | {column.description} |")
    removal = "`remove` is possible." if one.removal else f"`remove` is not possible. {one.instead}"
    return "\n".join((*lines, "", removal, "", "```", example(one), "```"))


def _commands(one: RecordType) -> str:
    if one.piece:
        return f"the rows belong to `{one.piece.command}` of {one.piece.of}."
    told = (
        f"`{step.command}`"
        + (f" if {' and '.join(f'`{name}`' for name in step.when)} is filled" if step.when else "")
        + (f" unless `{step.unless}` is filled" if step.unless else "")
        for step in one.steps
    )
    return "; ".join(told) + "."


def takes(column: Column) -> str:
    """Which values a column takes, in words."""
    listed = ", ".join(f"`{value}`" for value in column.values[:_LONGEST_LIST])
    more = " …" if len(column.values) > _LONGEST_LIST else ""
    match column.kind:
        case Kind.CODE:
            found = f"a code: {listed}{more}" if column.code_list else f"one of: {listed}{more}"
        case Kind.FORMED:
            found = FORMS.get(column.pattern, f"a text of the form {column.pattern}")
        case Kind.NUMBER:
            found = f"a whole number from {column.least} to {column.most}"
        case Kind.LINE | Kind.LINES:
            found = f"{column.kind.value}, at most {column.most} characters"
        case _:
            found = column.kind.value
    return f"{found}; several with `;` between them" if column.many else found


def example(one: RecordType) -> str:
    """The row of names and one row, from the examples of the commands."""
    values = dict(_example_values(one))
    names = [name for name in one.columns if name in values or name in one.required]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((names, [values.get(name, "") for name in names]))
    return text.getvalue().rstrip("\n")


def _example_values(one: RecordType) -> Iterator[tuple[str, str]]:
    for filling in one.fillings:
        if isinstance(filling, Step) and filling.when and filling.when[0] == one.choice:
            continue
        body = _example_of(filling)
        yield from ((name, _cell(body[name])) for name in one.key if name in body)
        for name, column in filling.columns.items():
            if (value := _found(body, column.path)) not in (None, [], ""):
                yield name, _cell(value)


def _example_of(filling: Filling) -> dict[str, Any]:
    """The example of a command, or of an item of its list, with what names the subject."""
    if isinstance(filling, Step):
        body: dict[str, Any] = examples.example(filling.entry.schema_id)
        return body
    assert isinstance(filling, Piece)
    whole: dict[str, Any] = examples.example(f"{filling.command}.v1")
    shown = (whole, *(examples.every(_FORMS).values() if filling.at[0] == "forms" else ()))
    found = next(items for body in shown if (items := _found(body, filling.at)))
    item: dict[str, Any] = found[0] if isinstance(found, list) else found
    return whole | item


def _found(body: Any, path: tuple[str, ...]) -> Any:
    """The value at a path. In a list of forms, a step names the form."""
    for step in path:
        if isinstance(body, list):
            body = next((form for form in body if form.get("form") == step), None)
        elif isinstance(body, dict):
            body = body.get(step)
    return body


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "Y" if value else "N"
        case list():
            return "; ".join(map(_cell, value))
        case _:
            return str(value)


def _rules() -> Iterator[str]:
    yield from ("| code | what is wrong | what to do |", "|---|---|---|")
    for rule in rules.RULES.values():
        yield f"| {rule.code} | {rule.message} | {rule.solution} |"
