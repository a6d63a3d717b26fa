"""SER keeps no Social Security number: it refuses a command with a text that looks like one."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from contracts.errors import SSN_SHAPED, Finding
from contracts.message import Value
from contracts.types import Digits

_DIGITS = 9
_NINE = b"9" * _DIGITS
_AS_NINES = bytes.maketrans(b"0123456789", b"9999999999")
_SEPARATORS = b" \t\n\r\xa0-_./?"
_DASHES = dict.fromkeys(map(ord, "\u02d7\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b_"), "-")
_SPACED = re.compile(r"\s*([-./])\s*|\s+")

_GROUPED = re.compile(r"(?<!\d)\d{3}[-./ ]\d{2}[-./ ]\d{4}(?!\d)")
_IN_A_ROW = re.compile(r"(?<!\d)\d{9}(?!\d)")
_WHOLE = re.compile(r"\d(?:[-./ ]?\d){8}")
_POSTAL_CODE = re.compile(r"\d{5}[- ]\d{4}")
_ID = re.compile(r"(?i:SSN?)?-*\d(?:-*\d){8}-*")


def numbers_in(value: Value, at: str = "") -> Iterator[Finding]:
    """A finding for each text in `value` and its parts that looks like a Social Security number.

    `at`: the path of `value`. A finding never repeats the number.
    """
    digits = _digits(type(value))
    for name, content in value.__dict__.items():
        yield from _found(content, f"{at}{name}", digits.get(name))


def _found(content: object, at: str, digits: Digits | None) -> Iterator[Finding]:
    if type(content) is str:
        if looks_like_one(content, digits):
            yield SSN_SHAPED.broken(at=at)
    elif isinstance(content, Value):
        yield from numbers_in(content, f"{at}.")
    elif isinstance(content, tuple):
        for place, part in enumerate(content):
            yield from _found(part, f"{at}.{place}", digits)


def looks_like_one(text: str, digits: Digits | None = None) -> bool:
    """Whether the text looks like a Social Security number, or contains one."""
    if len(text) < _DIGITS or not _may(text):
        return False
    read = _folded(text)
    if _GROUPED.search(read):
        return True
    match digits:
        case Digits.PHONE | Digits.HASH:
            return False
        case Digits.ID:
            return _ID.fullmatch(read) is not None
        case None:
            whole = _WHOLE.fullmatch(read) and not _POSTAL_CODE.fullmatch(read)
            return bool(whole or _IN_A_ROW.search(read))


def _may(text: str) -> bool:
    """Whether the text has nine digits with only separators between them.

    A quick check: if it says no, the text has no Social Security number.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _NINE in plain.encode("latin-1", "replace").translate(_AS_NINES, _SEPARATORS)


def _folded(text: str) -> str:
    """The text with all dashes as `-`, all blanks as one space, and all digits as ASCII."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return _SPACED.sub(lambda between: between[1] or " ", plain).strip()


@cache
def _digits(model: type[Value]) -> Mapping[str, Digits]:
    marked = (
        (name, _mark([*field.metadata, field.annotation])) for name, field in model.model_fields.items()
    )
    return {name: mark for name, mark in marked if mark}


def _mark(parts: Any) -> Digits | None:
    for part in parts:
        if mark := part if isinstance(part, Digits) else _mark(get_args(part)):
            return mark
    return None
