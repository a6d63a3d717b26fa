"""Tidies texts: composed letters (NFC), no invisible characters, no blanks around the text.

At most 30 combining marks follow each other, as in Unicode's stream-safe text format (UAX #15). No writing
needs more. Python sorts such a run in quadratic time: a body of 900 kB would keep a service busy for half an
hour.
"""

import re
import unicodedata
from itertools import chain, groupby, islice

# Unicode's format characters (Cf): soft hyphen, zero-width blanks and joiners, marks of direction, tags.
_FORMAT = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_VISIBLE = re.compile(r"[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]*")
_VISIBLE_LINES = re.compile(_VISIBLE.pattern.replace("[", r"[\t\n", 1))
_INVISIBLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_FORMAT}]+")


_MOST_MARKS = 30
_CONTROLS = bytes((*range(0x20), *range(0x7F, 0xA0), 0xAD))
_CONTROLS_IN_LINES = _CONTROLS.translate(None, b"\t\n")


def one_line(text: object) -> object:
    """A text of one line as it is kept: a break in it is a blank. Anything but a text stays as it is."""
    if type(text) is not str:
        return text
    if _is_latin(text, _CONTROLS) or _VISIBLE.fullmatch(text):
        return text.strip()
    return _visible(_BREAKS.sub(" ", text))


def lines(text: object) -> object:
    """A text of several lines as it is kept. Anything but a text stays as it is."""
    if type(text) is not str:
        return text
    if _is_latin(text, _CONTROLS_IN_LINES) or _VISIBLE_LINES.fullmatch(text):
        return text.strip()
    return _visible(_LINE_BREAKS.sub("\n", text))


def is_blank(text: object) -> bool:
    """Whether it is a text with nothing to see in it."""
    return type(text) is str and (not text or not (text[0].isalnum() or lines(text)))


def _is_latin(text: str, controls: bytes) -> bool:
    """Whether the text is of Latin-1, whose letters are composed, and has none of the controls.

    Most texts pass here, which is several times as fast as a regular expression.
    """
    try:
        written = text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return len(written.translate(None, controls)) == len(written)


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", _stream_safe(_INVISIBLE.sub("", text))).strip()


def _stream_safe(text: str) -> str:
    """The text without the marks of a run that exceed the most."""
    runs = groupby(text, _is_mark)
    return "".join(chain.from_iterable(islice(run, _MOST_MARKS) if marks else run for marks, run in runs))


def _is_mark(letter: str) -> bool:
    return unicodedata.combining(letter) > 0
