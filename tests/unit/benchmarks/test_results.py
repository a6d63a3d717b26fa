"""The results of benchmarks."""

import pytest

from benchmarks.__main__ import MEASURES
from benchmarks.options import PARTS, options
from benchmarks.results import Section, Table, Target, lines, percentile


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (90, 90), (99, 99), (100, 100), (0.1, 1)], ids=str)
def test_percentile(percent: float, value: int) -> None:
    """The p90 of a hundred waits is the ninetieth shortest."""
    assert percentile([*range(100, 0, -1)], percent) == value


def test_percentile_of_one() -> None:
    """Every percentile of a single wait is that wait."""
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0


@pytest.mark.parametrize(
    ("measured", "at_most", "met"),
    [(0.6, False, True), (0.59, False, False), (0.6, True, True), (0.61, True, False)],
)
def test_target_is_met(measured: float, at_most: bool, met: bool) -> None:
    """A measured value at the limit meets the target. A value on the wrong side of the limit misses it."""
    assert Target("share", 0.6, measured, at_most=at_most).met is met


def test_targets_come_first() -> None:
    """The results begin with the targets and say which were missed."""
    section = Section(
        "Commands", ("Said.",), (Table(("way", "n"), (("SER", "1"),)),), (Target("rate", 40, 39),)
    )
    written = list(lines([section], ["Measured."], Table(("what", "is"), ())))
    assert written.index("| rate ≥ 40 | 39 | **missed** |") < written.index("## Commands")


def test_every_part_is_measured() -> None:
    """The command line offers every part, and measures all of them by default."""
    assert tuple(MEASURES) == PARTS == options([]).parts
