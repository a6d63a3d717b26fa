"""A template for each record type: a spreadsheet whose columns are text, with lists of codes and notes.

A text column keeps leading zeros and days as they are typed. People save the filled sheet as CSV UTF-8.
"""

from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from intake.columns import Column, Kind
from intake.guide import takes
from intake.record_types import RECORD_TYPES, RecordType

_ROWS = 10_000
_TEXT = 49
"""Excel's number of the format *text*."""
_WIDEST = 40
_SHORT_LIST = 255
"""Excel takes a list of at most 255 characters within a cell's rule; a longer one has a sheet of its own."""
_LISTS = "codes"


def write_templates(folder: Path) -> list[Path]:
    """Write a template for each record type into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(one, folder / f"{one.name}.xlsx") for one in RECORD_TYPES.values()]


def _write(one: RecordType, path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet(one.name[:31])
        text = book.add_format({"num_format": _TEXT})
        plain = book.add_format({"num_format": _TEXT, "italic": True})
        bold = book.add_format({"num_format": _TEXT, "bold": True})
        lists = book.add_worksheet(_LISTS)
        lists.hide()
        for place, (name, column) in enumerate(one.columns.items()):
            needed = name in one.required
            sheet.set_column(place, place, min(_WIDEST, len(name) + 4), text)
            sheet.write_string(0, place, name, bold if needed else plain)
            sheet.write_comment(0, place, _note(column, needed=needed))
            _allow(sheet, lists, place, column, text)
        sheet.freeze_panes(1, 0)
    return path


def _note(column: Column, *, needed: bool) -> str:
    words = (takes(column).replace("`", ""), column.description)
    return "\n".join(filter(None, ("Required." if needed else "May be blank.", *words)))


def _allow(sheet: Worksheet, lists: Worksheet, place: int, column: Column, text: Format) -> None:
    """Offer the values of a column as a list. A cell with several values may have others."""
    values = ("Y", "N") if column.kind is Kind.YES_NO else column.values
    if not values or column.many:
        return
    source: list[str] | str = list(values)
    if len(",".join(values)) > _SHORT_LIST:
        lists.write_column(0, place, values, text)
        source = f"={_LISTS}!{xlsxwriter.utility.xl_range_abs(0, place, len(values) - 1, place)}"
    rule = {"validate": "list", "source": source, "error_message": "Take a value from the list."}
    sheet.data_validation(1, place, _ROWS, place, rule)
