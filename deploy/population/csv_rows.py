"""Reads a CSV file of figures as rows of text, or lists every reason why it cannot."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.population.findings import (
    NO_ROWS,
    NOT_UTF8,
    TOO_LARGE,
    UNOPENED,
    WRONG_HEADER,
    WRONG_ROW,
    Finding,
)

LARGEST_FILE: Final = 1_000_000
"""Bytes. A state's file of one year has about 30,000."""


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row without surrounding blanks, and the line where the row ends, from 1."""

    line: int
    values: tuple[str, ...]


def read_rows(path: Path, header: tuple[str, ...]) -> tuple[list[Row], list[Finding]]:
    """The rows with as many values as the header, and the findings about the file and the other rows."""
    text = _read_text(path)
    if isinstance(text, Finding):
        return [], [text]
    rows, findings = _parse(text)
    if not rows:
        return [], findings or [Finding(NO_ROWS, f"{path} is empty.")]
    if rows[0].values != header:
        facts = f"Expected {','.join(header)} but read {','.join(rows[0].values)[:200]}."
        facts += _separator_hint(rows[0], header)
        return [], [Finding(WRONG_HEADER, facts, (rows[0].line,))]
    return _of_width(len(header), rows[1:], findings)


def _separator_hint(first: Row, header: tuple[str, ...]) -> str:
    """What to do about a spreadsheet that separated the columns by another character than a comma."""
    separators = {";": "semicolons", "\t": "tabs"}
    for separator, name in separators.items():
        if tuple(value.strip() for value in ",".join(first.values).split(separator)) == header:
            return f" A spreadsheet separated the columns by {name}; save the file as CSV (comma delimited)."
    return ""


def _read_text(path: Path) -> str | Finding:
    """The text of the file. Only a regular file is opened, since a pipe or a device may never end."""
    if not path.is_file():
        return Finding(UNOPENED, f"{path} is {_what_is(path)}.")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            return Finding(TOO_LARGE, f"{path} has more than {LARGEST_FILE:,} bytes.")
        return content.decode("utf-8-sig")
    except OSError as error:
        return Finding(UNOPENED, f"{path}: {error.strerror}.")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Finding(NOT_UTF8, f"Byte {content[error.start]:#04x} at position {error.start}.", (line,))


def _what_is(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    return "no regular file" if path.exists() else "not there"


def _parse(text: str) -> tuple[list[Row], list[Finding]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        for values in reader:
            stripped = tuple(value.strip() for value in values)
            if any(stripped):
                rows.append(Row(reader.line_num, stripped))
    except csv.Error as error:
        return rows, [Finding(WRONG_ROW, f"{error}; nothing below was read.", (reader.line_num,))]
    return rows, []


def _of_width(width: int, rows: list[Row], findings: list[Finding]) -> tuple[list[Row], list[Finding]]:
    wrong = [row for row in rows if len(row.values) != width]
    findings += [
        Finding(WRONG_ROW, f"It has {len(row.values)} values instead of {width}.", (row.line,))
        for row in wrong
    ]
    if not rows and not findings:
        findings = [Finding(NO_ROWS, "There is nothing below the column names.")]
    return [row for row in rows if len(row.values) == width], findings
