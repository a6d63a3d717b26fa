"""What spreadsheets do to cells. It is found and named, and never repaired by guessing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from contracts.codes import LEAS
from contracts.errors import Rule
from intake import rules
from intake.columns import Column, Kind

_POWER = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,2}", re.IGNORECASE)
_POWER_IN_TEXT = re.compile(r"[0-9][.,][0-9]+E\+[0-9]{2}", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_MONTH_DAY = re.compile(rf"[0-9]{{1,2}}[- ]{_MONTH}|{_MONTH}[- ][0-9]{{1,2}}", re.IGNORECASE)
_DATE_LIKE = re.compile(
    rf"[0-9]{{1,4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,4}}(?:[T ][0-9:.]+Z?)?|[0-9]{{5}}|[0-9]{{8}}"
    rf"|[0-9]{{1,2}}[- ]?{_MONTH}(?:[- ,]*[0-9]{{2,4}})?|{_MONTH}[- ][0-9]{{1,2}}(?:[, -]+[0-9]{{2,4}})?",
    re.IGNORECASE,
)
_NUMBER_LIKE = re.compile(r"[$]?[0-9][0-9., ]*%?")
_GARBLED = re.compile("\ufffd|Ã[\u0080-\u00bf\u0152-\u2122]|â€[\u0080-\u2122]")
_AS_TEXT = re.compile(r'=\s*"(.*)"|[\'’](.*)', re.DOTALL)
_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"))
_IN_TEXT = _ERRORS | {"N/A", "NULL", "-", "--"}
_PLACEHOLDERS = _IN_TEXT | {"NAN", "NONE"}
_MOST_ZEROS = 3


class Dates(Enum):
    """How a submission writes its days."""

    ISO = "YYYY-MM-DD"
    AMERICAN = "MM/DD/YYYY"
    DIGITS = "YYYYMMDD"

    def read(self, text: str) -> date | None:
        """The day; None: it is written in another form. ValueError: there is no such day."""
        found = _FORMS[self].fullmatch(text)
        if found is None:
            return None
        return date(int(found["year"]), int(found["month"]), int(found["day"]))


_FORMS = {
    Dates.ISO: re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
    Dates.AMERICAN: re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"),
    Dates.DIGITS: re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell: the rule, and the facts in its sentences besides column and place."""

    rule: Rule
    facts: tuple[tuple[str, str], ...] = ()


def problem(rule: Rule, **facts: str) -> Problem:
    """The problem that a cell breaks a rule."""
    return Problem(rule, tuple(facts.items()))


def without_marks(text: str, column: Column) -> tuple[str, bool]:
    """The text without the marks by which somebody kept it a text, and whether it had any.

    In free text an apostrophe may begin a name.
    """
    found = _AS_TEXT.fullmatch(text)
    if found is None or (found[1] is None and column.kind in (Kind.LINE, Kind.LINES)):
        return text, False
    return (found[1] if found[1] is not None else found[2]).strip(), True


def stands_for_nothing(text: str, column: Column) -> bool:
    """Whether the text is what programs write for an error or for no value.

    People are called Null and Nan. So in free text only `NULL` in capitals stands for nothing.
    """
    if column.kind in (Kind.LINE, Kind.LINES):
        return text in _IN_TEXT
    return text.upper() in _PLACEHOLDERS and text not in column.values


def garbled(text: str) -> bool:
    """Whether letters were read in another encoding than they were written in."""
    return not text.isascii() and _GARBLED.search(text) is not None


def damage_of(text: str, column: Column, dates: Dates) -> Iterator[Problem]:
    """What a spreadsheet has done to a value that the column does not take; nothing if that is not known."""
    if column.kind is Kind.DAY:
        if _DATE_LIKE.fullmatch(text):
            yield problem(rules.OTHER_DATE, form=dates.value, value=text)
    elif _POWER.fullmatch(text):
        yield problem(rules.DIGITS_LOST, value=text)
    elif column.kind is Kind.NUMBER:
        if _NUMBER_LIKE.fullmatch(text):
            yield problem(rules.NUMBER_FORMATTED, value=text)
    elif column.kind in (Kind.CODE, Kind.FORMED):
        yield from _of_a_code(text, column)


def digits_lost(text: str) -> bool:
    """Whether a text, such as a telephone number, is a number that a spreadsheet has cut."""
    return _POWER_IN_TEXT.fullmatch(text) is not None


def _of_a_code(text: str, column: Column) -> Iterator[Problem]:
    if probably := _with_zeros(text, column):
        yield problem(rules.ZEROS_LOST, value=text, probably=probably)
    elif _MONTH_DAY.fullmatch(text) or text.upper() in ("TRUE", "FALSE"):
        yield problem(rules.CODE_CHANGED, value=text)


def _with_zeros(text: str, column: Column) -> str | None:
    """The code with leading zeros of which this is what a spreadsheet has left."""
    if not (text.isascii() and text.isdigit()):
        return None
    longer = (text.zfill(len(text) + zeros) for zeros in range(1, _MOST_ZEROS + 1))
    return next((code for code in longer if _is_code(code, column)), None)


def _is_code(text: str, column: Column) -> bool:
    if column.kind is Kind.CODE:
        return text in column.values
    fixed = "{1," not in column.pattern
    school = column.pattern == "^[0-9A-Z]{6}$"
    return fixed and re.search(column.pattern, text) is not None and (not school or text[:3] in LEAS)
