"""From a cell to a value, as the JSON of a command has it. Nothing is guessed."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from contracts.text import lines, one_line
from contracts.types import FIRST_DAY, LAST_DAY
from intake import rules
from intake.columns import Column, Kind
from intake.reading import damage
from intake.reading.damage import Dates, Problem, damage_of, problem
from intake.reading.lines import LONGEST_CELL

_YES_NO = {
    **dict.fromkeys(("y", "yes", "true", "1"), True),
    **dict.fromkeys(("n", "no", "false", "0"), False),
}
_OWN_KEY = re.compile(r"[0-9A-Za-z._-]{1,40}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_FEW = 12
_OWN_KEYS = UUID("5f3c7bd4-0f0e-4a51-9a52-0d5a6f2f7c11")
SAME_RECORD = {"amends": "iep_id", "copies": "iep_id"}
"""Columns that name a record by the id of another column."""
_OF_NO_STUDENT = frozenset({"reassignment_id"})
"""Ids of something that concerns several students."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says. `problems`: what is wrong with it. Without an error among them there is a value."""

    value: Any = None
    problems: tuple[Problem, ...] = ()


BLANK = Cell()


def read_cell(text: str, column: Column, dates: Dates) -> Cell:
    """The value of a cell. A blank cell is None."""
    if len(text) > LONGEST_CELL:
        return _unreadable(f"it is longer than {LONGEST_CELL:,} characters")
    tidy = str(lines(text) if column.kind is Kind.LINES else one_line(text))
    tidy, marked = damage.without_marks(tidy, column)
    if not tidy:
        return BLANK
    if damage.stands_for_nothing(tidy, column):
        return Cell(problems=(problem(rules.PLACEHOLDER, value=tidy),))
    read = _values(tidy, column, dates) if column.many else _value(tidy, column, dates)
    warnings = _warnings(tidy, column, marked=marked)
    return Cell(read.value, (*read.problems, *warnings)) if warnings else read


def own_id(text: str, column: str, lea: str, student_id: str) -> str:
    """The UUID of an id: itself, or derived from the LEA's own key, always the same."""
    if _UUID.fullmatch(text):
        return text.lower()
    name = SAME_RECORD.get(column, column)
    student = "" if name in _OF_NO_STUDENT else student_id
    return str(uuid5(_OWN_KEYS, "/".join((lea, student, name, text))))


def _warnings(text: str, column: Column, *, marked: bool) -> tuple[Problem, ...]:
    found = [problem(rules.MARKED_AS_TEXT)] if marked else []
    if column.kind in (Kind.LINE, Kind.LINES) and damage.garbled(text):
        found.append(problem(rules.GARBLED))
    return tuple(found)


def _values(text: str, column: Column, dates: Dates) -> Cell:
    parts = [_value(part.strip(), column, dates) for part in text.split(";") if part.strip()]
    problems = tuple(dict.fromkeys(one for part in parts for one in part.problems))
    return Cell(problems=problems) if problems else Cell([part.value for part in parts])


def _value(text: str, column: Column, dates: Dates) -> Cell:
    match column.kind:
        case Kind.DAY:
            return _day(text, column, dates)
        case Kind.NUMBER:
            return _number(text, column, dates)
        case Kind.YES_NO:
            value = _YES_NO.get(text.lower())
            return Cell(value) if value is not None else _unreadable("it is neither Y nor N")
        case Kind.ID:
            return Cell(text) if _OWN_KEY.fullmatch(text) else _damaged(text, column, dates, _form(column))
        case Kind.CODE:
            return Cell(text) if text in column.values else _damaged(text, column, dates, _form(column))
        case Kind.FORMED:
            fits = re.search(column.pattern, text)
            return Cell(text) if fits else _damaged(text, column, dates, _form(column))
        case Kind.LINE | Kind.LINES:
            if damage.digits_lost(text):
                return Cell(problems=(problem(rules.DIGITS_LOST, value=text),))
            return Cell(text)


def _day(text: str, column: Column, dates: Dates) -> Cell:
    try:
        day = dates.read(text)
    except ValueError:
        return _unreadable("there is no such day")
    if day is None:
        return _damaged(text, column, dates, f"a day is written {dates.value}")
    if not FIRST_DAY <= day <= LAST_DAY:
        return _unreadable(f"a day lies between {FIRST_DAY} and {LAST_DAY}")
    return Cell(day.isoformat())


def _number(text: str, column: Column, dates: Dates) -> Cell:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return _damaged(text, column, dates, "it is no whole number")
    value = int(text)
    if column.least is not None and value < column.least:
        return _unreadable(f"the smallest value is {column.least}")
    if column.most is not None and value > column.most:
        return _unreadable(f"the largest value is {column.most}")
    return Cell(value)


def _damaged(text: str, column: Column, dates: Dates, otherwise: str) -> Cell:
    found = tuple(damage_of(text, column, dates))
    return Cell(problems=found) if found else _unreadable(otherwise)


def _form(column: Column) -> str:
    """Which values the column takes, as the reason why this is none."""
    if column.code_list:
        return f"it is no code of the list {column.code_list}"
    if column.values:
        listed = ", ".join(column.values[:_FEW])
        return f"it is none of: {listed}{' …' if len(column.values) > _FEW else ''}"
    if column.kind is Kind.ID:
        return "an id is a UUID, or your own key of 1 to 40 letters, digits, dots, dashes and underlines"
    return FORMS.get(column.pattern, f"it has the form {column.pattern}")


FORMS = {
    "^[0-9]{10}$": "a State ID has ten digits",
    "^[0-9A-Z]{3}$": "an LEA has three characters, such as 017",
    "^[0-9A-Z]{6}$": "a school site has six characters, the first three its LEA's, such as 017001",
    "^(19|20|21)[0-9]{2}$": "a year has four digits",
    "^([01][0-9]|2[0-3]):[0-5][0-9]$": "a time of day is written 09:30",
    "^[0-9A-Za-z-]{1,20}$": "a number of your own has 1 to 20 letters, digits and dashes",
    "^[0-9a-f]{64}$": "a SHA-256 has 64 hexadecimal digits in lower case",
}
"""What the patterns of fields mean."""


def _unreadable(why: str) -> Cell:
    return Cell(problems=(problem(rules.CELL_UNREADABLE, problem=why),))
