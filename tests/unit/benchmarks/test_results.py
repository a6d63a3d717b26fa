"""The results of benchmarks."""

import pytest

from benchmarks.__main__ import MEASURES
from benchmarks.options import PARTS, options
from benchmarks.results import Must, Section, Table, lines, percentile


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (90, 90), (99, 99), (100, 100), (0.1, 1)], ids=str)
def test_percentile(percent: float, value: int) -> None:
    """So many of a hundred waits are not longer than this one."""
    assert percentile([*range(100, 0, -1)], percent) == value


def test_percentile_of_one() -> None:
    """A single wait is the longest, the shortest and everything between."""
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0


@pytest.mark.parametrize(
    ("reached", "at_most", "kept"),
    [(0.6, False, True), (0.59, False, False), (0.6, True, True), (0.61, True, False)],
)
def test_what_must_be_reached(reached: float, at_most: bool, kept: bool) -> None:
    """The limit itself is reached; a hair on the wrong side of it is not."""
    assert Must("share", 0.6, reached, at_most=at_most).kept is kept


def test_what_is_missed_stands_first() -> None:
    """The results begin with the targets and say which were missed."""
    section = Section(
        "Commands", ("Said.",), (Table(("way", "n"), (("SER", "1"),)),), (Must("rate", 40, 39),)
    )
    written = list(lines([section], ["Measured."], Table(("what", "is"), ())))
    assert written.index("| rate ≥ 40 | 39 | **not reached** |") < written.index("## Commands")


def test_every_part_is_measured() -> None:
    """Each part that can be named is there, and all are measured where none is named."""
    assert tuple(MEASURES) == PARTS == options([]).parts
