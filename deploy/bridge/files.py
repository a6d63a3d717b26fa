"""Reads a file of identity changes: CSV, or one JSON object a line."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.catalog import BRIDGE, events
from contracts.errors import Finding
from contracts.identity import Person
from deploy.local.failure import Failure
from services.chassis.decoding.bodies import not_json

NAME = "message"
"""The column, or the field, that names the message."""

_PERSON = tuple(Person.model_fields)
_LISTS = ("races", "aliases", "corrected_fields")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_ENDINGS = {".csv": "csv", ".jsonl": "json", ".ndjson": "json"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its line, the message's name, and the body as JSON. `wrong`: it cannot be read."""

    line: int
    name: str
    body: bytes = b""
    wrong: Finding | None = None


def read(path: Path) -> Iterator[Row]:
    """The rows of the file. Failure: the file is not one of identity changes."""
    form = _ENDINGS.get(path.suffix.lower())
    if form is None:
        raise Failure(f"{path} is of no kind that ser bridge reads.", f"It reads {', '.join(_ENDINGS)}.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _csv_rows(lines, path) if form == "csv" else _json_rows(lines)
    except UnicodeDecodeError as error:
        raise Failure(
            f"{path} is not UTF-8: {error.reason} at byte {error.start}.", "Save it as UTF-8."
        ) from error
    except csv.Error as error:
        raise Failure(
            f"{path} is not CSV: {error}.", "Put a text with a comma into quotation marks."
        ) from error


def columns() -> Sequence[str]:
    """The columns that a CSV file may have."""
    named = {name for entry in events(BRIDGE).values() for name in entry.model.model_fields}
    return (NAME, *sorted(named - {"person"}), *_PERSON)


def _csv_rows(lines: Iterator[str], path: Path) -> Iterator[Row]:
    table = csv.DictReader(lines, strict=True)
    unknown = sorted(set(table.fieldnames or ()) - set(columns()))
    if NAME not in (table.fieldnames or ()) or unknown:
        what = f"has the columns {', '.join(unknown)}" if unknown else f"has no column {NAME}"
        raise Failure(f"{path} {what}.", f"The columns are: {', '.join(columns())}.")
    for cells in table:
        body = json.dumps(_body(cells), ensure_ascii=False).encode()
        yield Row(table.line_num, (cells[NAME] or "").strip(), body)


def _body(cells: Mapping[str | None, Any]) -> dict[str, Any]:
    """The body of a message. A blank cell is a field left out; a cell too many is an unknown field."""
    body: dict[str, Any] = {}
    person: dict[str, Any] = {}
    for name, cell in cells.items():
        if name is None:
            body["more cells than columns"] = cell
        elif name != NAME and cell is not None and cell.strip():
            (person if name in _PERSON else body)[name] = _value(name, cell.strip())
    return body | ({"person": person} if person else {})


def _value(name: str, cell: str) -> object:
    """What a cell means. A cell that means nothing is sent on as it is: the check says what is wrong."""
    if name == "revision":
        return int(cell) if cell.isascii() and cell.isdigit() else cell
    if name == "hispanic":
        return _YES_NO.get(cell.lower(), cell)
    if name == "aliases":
        parts = (alias.partition(":") for alias in cell.split())
        return [{"lea": lea, "local_student_id": number} for lea, _, number in parts]
    return cell.split() if name in _LISTS else cell


def _json_rows(lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: str) -> Row:
    if wrong := not_json(line.encode()):
        return Row(number, "", wrong=wrong)
    body = json.loads(line)
    name = str(body.pop(NAME, "")) if isinstance(body, dict) else ""
    return Row(number, name, json.dumps(body, ensure_ascii=False).encode())
