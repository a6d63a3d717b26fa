"""An answer as CSV and as a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import xlsxwriter

from services.reporting.domain.tables import Column, Kind, Value

_EARLY = datetime(2000, 1, 1, tzinfo=UTC)
_WIDTHS = {Kind.TEXT: 24, Kind.CODE: 12, Kind.DAY: 12, Kind.PLACE: 16}
_NARROW = 10
_NUMBERS = (Kind.NUMBER, Kind.COUNT)


class Sheet(NamedTuple):
    """A table of a document."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def as_csv(sheet: Sheet) -> bytes:
    """A table as CSV. A text that a spreadsheet would read as a formula gets an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.label for column in sheet.columns)
    writer.writerows(map(_written, row) for row in sheet.rows)
    return text.getvalue().encode()


def _written(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() if value[:1] in ("=", "+", "@", "\t", "\r") or (value[:1] == "-" and len(value) > 1):
            return f"'{value}"
        case _:
            return str(value)


def as_xlsx(about: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> bytes:
    """Tables as a spreadsheet: typed cells, frozen heads, codes as text. `about`: the stamps of the run, on
    the last sheet. Equal tables give equal bytes."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _EARLY})
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True}),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    stamps = Sheet("About", (Column("what", "What"), Column("value", "Value")), about)
    for number, sheet in enumerate((*sheets, stamps), 1):
        page = book.add_worksheet(_name(sheet.title, number))
        page.freeze_panes(1, 0)
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, _WIDTHS.get(column.kind, _NARROW))
            page.write_string(0, place, column.label, formats["head"])
        for line, row in enumerate(sheet.rows, 1):
            for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                _write(page, line, place, column.kind, value, formats)
    book.close()
    return written.getvalue()


def _write(page: Any, line: int, place: int, kind: Kind, value: Value, formats: dict[str, Any]) -> None:
    if value is None:
        return
    if kind in _NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        page.write_number(line, place, value)
    elif isinstance(value, date):
        page.write_datetime(line, place, datetime(value.year, value.month, value.day), formats["day"])  # noqa: DTZ001 (a spreadsheet has no time zone)
    else:
        words = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        page.write_string(line, place, words, formats["text"])


def _name(title: str, number: int) -> str:
    """The name of a sheet: at most 31 characters, none of them forbidden, and each name once."""
    plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in title)
    return f"{number} {plain}"[:31].strip()
