"""The numbers that a published table hides, so that nobody can work out a small number of children.

Numbers from 1 through 9 are hidden (primary cells). Other numbers are hidden too, because a sum would give a
primary cell away (complementary cells). Both print `NR`. A 0 is shown.

Louisiana publishes `NR` under ten. The rule for complementary cells is this project's own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

LEAST_SHOWN = 10
"""The smallest number of children that is published, except for 0."""

NOT_REPORTED = "NR"
"""What is printed for a hidden number."""


class Line(NamedTuple):
    """A published sum: the place of the total, and the places of its parts."""

    total: int
    parts: tuple[int, ...]

    @property
    def elements(self) -> tuple[int, ...]:
        """All places of the line. The total is the last."""
        return (*self.parts, self.total)


@dataclass(frozen=True)
class Release:
    """All numbers of one publication, in the order of their codes, and the sums among them.

    A table gives its rows from top to bottom, then its columns from left to right. Tables that share a number
    are one release.
    """

    numbers: Sequence[int]
    lines: Sequence[Line]

    def primary(self) -> frozenset[int]:
        """The places of the numbers that are too small to be shown."""
        return frozenset(place for place, number in enumerate(self.numbers) if 0 < number < LEAST_SHOWN)


Audit = Callable[[Release, AbstractSet[int], Sequence[int]], list[int]]
"""Of some primary places, those whose largest possible number is below ten for a reader who sees only what is
shown. It gets the release, the hidden places, and the primary places."""


def hidden(release: Release, audit: Audit) -> frozenset[int]:
    """The places to hide: the primary cells, and as many others as the lines and the audit ask for.

    To hide more never bounds a cell more tightly, so a cell that passed the audit is not audited again.
    """
    found = set(release.primary())
    _repair(release, found)
    narrow = audit(release, found, sorted(release.primary()))
    while narrow:
        found.add(_next_to_hide(release, found, narrow[0]))
        _repair(release, found)
        narrow = audit(release, found, narrow)
    return frozenset(found)


def shares_shown(numerator: int, denominator: int) -> bool:
    """Whether a percent may be published: the numerator and its rest are each 0 or at least ten."""
    return all(part == 0 or part >= LEAST_SHOWN for part in (numerator, denominator - numerator))


def _repair(release: Release, found: set[int]) -> None:
    """Hide one more element of each unsafe line, in the order of the lines, until all lines are safe."""
    changed = True
    while changed:
        changed = False
        for line in release.lines:
            while _unsafe(release, found, line):
                found.add(_smallest_shown(release, found, line))
                changed = True


def _unsafe(release: Release, found: AbstractSet[int], line: Line) -> bool:
    """Whether the line has exactly one hidden element, or shows a total whose hidden parts add up to less
    than ten."""
    among = [place for place in line.elements if place in found]
    if len(among) == 1:
        return True
    return bool(among) and line.total not in found and _sum(release, among) < LEAST_SHOWN


def _sum(release: Release, places: Iterable[int]) -> int:
    return sum(release.numbers[place] for place in places)


def _smallest_shown(release: Release, found: AbstractSet[int], line: Line) -> int:
    """The smallest shown part that is not 0, the first of equal ones; the total if there is none."""
    return min(_shown(release, found, line.parts), key=release.numbers.__getitem__, default=line.total)


def _shown(release: Release, found: AbstractSet[int], places: Iterable[int]) -> list[int]:
    return [place for place in places if place not in found and release.numbers[place] > 0]


def _next_to_hide(release: Release, found: AbstractSet[int], narrow: int) -> int:
    """The next number to hide for a primary cell that the shown numbers bound too tightly.

    It is the smallest one of the first line through the cell that has one, or of the nearest line that hidden
    numbers connect with it. If no connected line showed a number, the cell would have no bound.
    """
    for line in _connected(release, found, narrow):
        if _shown(release, found, line.elements):
            return _smallest_shown(release, found, line)
    raise AssertionError("a cell whose lines show nothing has no bound")


def _connected(release: Release, found: AbstractSet[int], place: int) -> Iterator[Line]:
    """The lines through a place, then the lines through their other hidden places, nearest first."""
    seen_lines, reached = set[Line](), [place]
    for one in reached:
        for line in release.lines:
            if one in line.elements and line not in seen_lines:
                seen_lines.add(line)
                yield line
                reached.extend(other for other in line.elements if other in found and other not in reached)
