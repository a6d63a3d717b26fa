"""The last day of each of a student's spells, from their first days and the ends that LEAs recorded."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import zip_longest

from contracts.jurisdiction import Spell


def tiling(spells: Iterable[Spell]) -> Sequence[Spell]:
    """A student's spells, earliest first, each with its last day. At most the last one is open.

    A spell ends the day before the next one begins, or on the day that its LEA recorded if that is earlier.
    Of two spells with one first day the one with the higher id has the day. The other one has no day: it
    ends before it begins.
    """
    in_order = sorted(spells, key=lambda spell: (spell.begin_on, str(spell.spell_id)))
    return [
        spell.model_copy(update={"end_on": _last_day(spell, later)})
        for spell, later in zip_longest(in_order, in_order[1:])
    ]


def _last_day(spell: Spell, later: Spell | None) -> date | None:
    if later is None:
        return spell.closed_on
    day_before = later.begin_on - timedelta(days=1)
    return min(spell.closed_on or day_before, day_before)
