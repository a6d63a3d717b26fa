"""The last day of each spell, from the first days and the recorded ends of all spells of a student."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contracts.jurisdiction import Spell
from services.jurisdiction.domain.tiling import tiling
from tests.unit.events import AUGUST, CADDO, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed
from tests.unit.scenario import id_named

ONE_DAY = timedelta(days=1)
_DAYS = st.dates(date(2017, 8, 1), date(2017, 8, 20))


@st.composite
def spells(draw: st.DrawFn) -> Sequence[Spell]:
    """Up to eight spells in any order, with first days and recorded ends within three weeks."""
    drawn = draw(st.lists(st.tuples(_DAYS, st.none() | _DAYS), max_size=8))
    return [
        spell(str(number), begin_on, closed_on and max(begin_on, closed_on))
        for number, (begin_on, closed_on) in enumerate(drawn)
    ]


def spell(name: str, begin_on: date, closed_on: date | None = None, lea: str = ORLEANS) -> Spell:
    """A spell with a first day and perhaps a recorded end."""
    return claimed(lea, begin_on=begin_on).model_copy(
        update={"spell_id": id_named(name), "closed_on": closed_on}
    )


def held(tiles: Sequence[Spell], day: date) -> list[Spell]:
    """The spells that have the day."""
    return [one for one in tiles if one.begin_on <= day and (one.end_on is None or day <= one.end_on)]


@given(spells())
def test_each_day_has_one_owner(given_spells: Sequence[Spell]) -> None:
    """No day has two owners. From the first day on, a day has none only after a recorded end."""
    tiles = tiling(given_spells)
    for number in range(25):
        day = date(2017, 8, 1) + number * ONE_DAY
        begun = [one for one in tiles if one.begin_on <= day]
        owners = held(tiles, day)
        assert len(owners) <= 1
        if begun and not owners:
            assert begun[-1].closed_on is not None
            assert begun[-1].closed_on < day


@given(spells())
def test_at_most_the_last_spell_is_open(given_spells: Sequence[Spell]) -> None:
    """A spell with a later one ends before it. Only the last one can be open, unless an LEA closed it."""
    tiles = tiling(given_spells)
    for earlier, later in pairwise(tiles):
        assert earlier.end_on is not None
        assert earlier.end_on < later.begin_on
    if tiles:
        assert tiles[-1].end_on == tiles[-1].closed_on


@given(spells())
def test_the_order_of_arrival_does_not_matter(given_spells: Sequence[Spell]) -> None:
    """The same spells in another order, or with last days from before, get the same last days."""
    tiles = tiling(given_spells)
    assert tiling(tiles) == tiles
    assert tiling(reversed(given_spells)) == tiles


def test_the_next_begin_ends_a_spell() -> None:
    """Each spell ends the day before the next LEA's begins; a recorded end counts if it is earlier."""
    tiles = tiling(
        [
            spell("third", OCTOBER, lea=CADDO),
            spell("first", AUGUST, closed_on=SEPTEMBER + ONE_DAY),
            spell("second", SEPTEMBER, closed_on=SEPTEMBER + 5 * ONE_DAY, lea=JEFFERSON),
        ]
    )
    assert [(one.lea, one.end_on) for one in tiles] == [
        (ORLEANS, SEPTEMBER - ONE_DAY),
        (JEFFERSON, SEPTEMBER + 5 * ONE_DAY),
        (CADDO, None),
    ]


def test_two_spells_with_one_first_day() -> None:
    """Of two spells with one first day one has no day: it ends before it begins."""
    tiles = tiling([spell("one", AUGUST), spell("two", AUGUST)])
    assert [one.end_on for one in tiles] == [AUGUST - ONE_DAY, None]
