"""How wide the columns of a table are, and which stand beside each other on paper."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

GAP = 2.0
"""Millimeters between columns."""

INDENT = 5.0
"""Millimeters by which the further lines of columns begin later."""

_LEAST, _MOST = 8.0, 48.0


class Place(NamedTuple):
    """Where a column stands: its line within the row, from 0, and its left edge and width in millimeters."""

    line: int
    left: float
    width: float


def natural(
    labels: Sequence[str], rows: Sequence[Sequence[str]], width_of: Callable[[str], float]
) -> list[float]:
    """The width of each column: that of its longest text, within limits. A label may wrap at its spaces."""
    found = [max(map(width_of, label.split() or [""])) for label in labels]
    for row in rows:
        for place, text in enumerate(row):
            found[place] = max(found[place], width_of(text))
    return [min(max(width, _LEAST), _MOST) for width in found]


def places(widths: Sequence[float], room: float) -> list[Place]:
    """The place of each column. Columns that find no room on the first line stand on further lines."""
    found: list[Place] = []
    line, left = 0, 0.0
    for width in widths:
        if found and left + width > room:
            line, left = line + 1, INDENT
        found.append(Place(line, left, min(width, room - left)))
        left += width + GAP
    return found


def wrapped(text: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    """A text in lines that are no wider than `width`. A longer word is broken."""
    if width_of(text) <= width:
        return [text]
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_of(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *broken, line = _pieces(word, width, width_of)
        lines.extend(broken)
    return [*lines, line]


def _pieces(word: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
