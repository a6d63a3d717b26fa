"""From bytes to rows of cells: RFC 4180, in UTF-8, or in UTF-16 with a byte order mark."""

import codecs
import csv
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO

from contracts.errors import Finding
from intake import rules

Opened = Callable[[], BinaryIO]
"""Opens the file at its beginning."""

SEPARATORS = (",", ";", "\t")
LONGEST_CELL = 8_000
_LONGEST_FIELD = 1_000_000
_PIECE = 65_536
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file: its first line, counted from 1, and its cells. `problem`: why there are no cells."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return not self.problem and not any(cell.strip() for cell in self.cells)


class NotText(Exception):
    """The file is in another encoding. `finding` names the first place."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def lines_of(opened: Opened, separator: str) -> Iterator[Line]:
    """The rows of a file. A row whose quotation marks are wrong has a problem in place of cells.

    NotText: the file is in another encoding.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    encoding = _encoding(opened)
    with closing(opened()) as file, TextIOWrapper(file, encoding, newline="") as text:
        reader = csv.reader(text, delimiter=separator, strict=True)
        while True:
            number = reader.line_num + 1
            try:
                yield Line(number, tuple(next(reader)))
            except StopIteration:
                return
            except csv.Error as wrong:
                yield Line(number, (), _problem(wrong, number, reader.line_num))
            except UnicodeError as wrong:
                raise NotText(_first_unreadable(opened, encoding)) from wrong


def _problem(wrong: csv.Error, first: int, last: int) -> str:
    if "unexpected end" in str(wrong) or "field larger" in str(wrong):
        return f"the quotation mark that opens in lines {first} to {last} does not close"
    return "a quotation mark within a value is written twice, and the whole value stands between two"


def _encoding(opened: Opened) -> str:
    with closing(opened()) as file:
        begin = file.read(4)
    return next((name for mark, name in _MARKS if begin.startswith(mark)), "utf-8")


def _first_unreadable(opened: Opened, encoding: str) -> Finding:
    """The finding that names the first place that is not in the encoding."""
    line, place = 1, 0
    for character in _characters(opened, encoding):
        if character == "\n":
            line, place = line + 1, 0
        else:
            place += 1
    return rules.NOT_UTF8.broken(line=line, place=place + 1)


def _characters(opened: Opened, encoding: str) -> Iterator[str]:
    """The characters up to the first one that cannot be read."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with closing(opened()) as file:
        while piece := file.read(_PIECE):
            try:
                yield from decoder.decode(piece)
            except UnicodeDecodeError as wrong:
                read = bytes(wrong.object[: wrong.start])
                yield from codecs.getincrementaldecoder(encoding.removesuffix("-sig"))().decode(read)
                return
