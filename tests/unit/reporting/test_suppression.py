"""A published table gives no small number away."""

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.domain.suppression import LEAST_SHOWN, Line, Release, hidden, shares_shown
from services.reporting.domain.suppression_count import count_release
from services.reporting.queries.audit import narrow_cells
from tests.unit.reporting.test_layout import published_numbers

Rows = Sequence[Sequence[int]]


def table(rows: Rows) -> Release:
    """A table with its totals: a total at the end of each row, the row of totals last."""
    whole = [[*row, sum(row)] for row in rows]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    width = len(whole[0])
    places = [[width * row + column for column in range(width)] for row in range(len(whole))]
    lines = [Line(row[-1], tuple(row[:-1])) for row in places]
    lines += [Line(column[-1], tuple(column[:-1])) for column in zip(*places, strict=True)]
    return Release([number for row in whole for number in row], lines)


def printed(rows: Rows) -> list[str]:
    """The published rows."""
    release = table(rows)
    found = hidden(release, narrow_cells)
    width = len(rows[0]) + 1
    cells = ["NR" if place in found else str(number) for place, number in enumerate(release.numbers)]
    return [" ".join(cells[start : start + width]) for start in range(0, len(cells), width)]


def narrow(release: Release, found: Set[int]) -> list[int]:
    """The small numbers that a reader of the published table can bound below ten."""
    return narrow_cells(release, found, sorted(release.primary()))


def test_a_table_of_disability_by_environment() -> None:
    """Three small numbers hide eight others: whatever is shown, nobody can subtract."""
    assert printed([[14, 11, 23, 2], [120, 44, 12, 0], [61, 4, 0, 0]]) == [
        "NR NR 23 NR 50",
        "120 NR NR 0 176",
        "NR NR 0 0 65",
        "195 59 NR NR 291",
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[0, 0], [0, 0]], ["0 0 0", "0 0 0", "0 0 0"]),
        ([[10, 20], [30, 40]], ["10 20 30", "30 40 70", "40 60 100"]),
        ([[0, 12], [0, 3]], ["0 NR NR", "0 NR NR", "0 15 15"]),
        ([[4]], ["NR NR", "NR NR"]),
    ],
    ids=["zeros are shown", "ten and more are shown", "a total is hidden last", "one child's table"],
)
def test_small_tables(rows: Rows, expected: list[str]) -> None:
    """Zeros and numbers from ten on are shown unless they give a hidden number away."""
    assert printed(rows) == expected


def test_the_audit_hides_more_than_the_lines_do() -> None:
    """Each line is safe, yet several lines together bound a small number. The audit finds it."""
    rows = [[6, 0, 4, 0], [15, 5, 0, 0], [0, 7, 0, 4]]
    release = table(rows)
    lines_only = hidden(release, lambda *_: [])
    assert narrow(release, lines_only) == [2, 6, 17]
    assert lines_only < hidden(release, narrow_cells)
    assert printed(rows) == ["NR 0 NR 0 NR", "NR NR 0 0 20", "0 NR 0 NR NR", "21 NR NR NR 41"]


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(0, 0, True), (0, 9, False), (0, 10, True), (10, 20, True), (9, 30, False), (21, 30, False)],
)
def test_a_percent_shows_no_small_number(numerator: int, denominator: int, shown: bool) -> None:
    """A percent is published only if its numerator and its rest are each 0 or at least ten."""
    assert shares_shown(numerator, denominator) is shown


@st.composite
def tables(draw: st.DrawFn) -> Release:
    """A table with many small numbers."""
    width = draw(st.integers(1, 5))
    number = st.one_of(st.just(0), st.integers(1, 9), st.integers(1, 40))
    return table(draw(st.lists(st.lists(number, min_size=width, max_size=width), min_size=1, max_size=5)))


@st.composite
def cubes(draw: st.DrawFn) -> Release:
    """Three fields and all their margins, as the tables of a child count share them."""
    sizes = draw(st.tuples(*[st.integers(1, 3)] * 3))
    number = st.one_of(st.just(0), st.integers(1, 9), st.integers(5, 30))
    return cube(sizes, lambda: draw(number))


def cube(sizes: tuple[int, ...], number: Callable[[], int]) -> Release:
    """All sums of the numbers: `None` in a key is the total of its field."""
    keys = list(product(*((*range(size), None) for size in sizes)))
    numbers = {key: number() for key in keys if None not in key}
    whole = [sum(n for leaf, n in numbers.items() if _within(leaf, key)) for key in keys]
    return Release(whole, list(_sums(keys, sizes)))


def _within(leaf: tuple[int | None, ...], key: tuple[int | None, ...]) -> bool:
    return all(wanted is None or wanted == value for value, wanted in zip(leaf, key, strict=True))


def _sums(keys: Sequence[tuple[int | None, ...]], sizes: Sequence[int]) -> Iterator[Line]:
    place = {key: number for number, key in enumerate(keys)}
    for key in keys:
        for field in (field for field, value in enumerate(key) if value is None):
            parts = (place[(*key[:field], value, *key[field + 1 :])] for value in range(sizes[field]))
            yield Line(place[key], tuple(parts))


@settings(max_examples=150, deadline=None)
@given(st.one_of(tables(), cubes()))
def test_nobody_can_bound_a_small_number(release: Release) -> None:
    """Small numbers are hidden, zeros are shown, and what is shown allows ten for each small number."""
    found = hidden(release, narrow_cells)
    assert release.primary() <= found
    assert all(release.numbers[place] > 0 for place in found)
    assert narrow(release, found) == []
    for line in release.lines:
        among = [place for place in line.elements if place in found]
        assert len(among) != 1, "a single hidden element is the difference of the others"
        if among and line.total not in found:
            assert sum(release.numbers[place] for place in among) >= LEAST_SHOWN


@settings(max_examples=150, deadline=None)
@given(tables(), st.integers(0, 2**32))
def test_the_audit_agrees_with_a_count_by_hand(release: Release, choice: int) -> None:
    """In one line with a shown total a hidden part can be as large as the sum of all hidden parts."""
    line = release.lines[choice % len(release.lines)]
    alone = Release(release.numbers, [line])
    found = frozenset(place for place in line.parts if release.numbers[place] > 0) | alone.primary()
    among = [place for place in line.parts if place in found]
    bounded = line.total not in found and sum(release.numbers[place] for place in among) < LEAST_SHOWN
    tight = set(narrow(alone, found)) & set(line.parts)
    assert tight == (set(among) & alone.primary() if bounded else set())


def test_the_published_count_of_2017() -> None:
    """The published tables of Louisiana's count share their totals, so they are hidden as one release."""
    counts = published_numbers()
    release = count_release(counts)
    for line in release.lines:
        assert sum(release.numbers[place] for place in line.parts) == release.numbers[line.total]
    found = hidden(release, narrow_cells)
    assert release.primary() < found
    assert narrow(release, found) == []
    shown = [cell for place, cell in enumerate(counts) if place not in found]
    assert len(shown) > len(counts) / 2
