"""The last day of each of a student's spells, from their first days and the ends that LEAs recorded."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import zip_longest

from contracts.jurisdiction import JurisdictionEnded, JurisdictionResumed, SchoolStay, Spell
from contracts.message import Event


def tiling(spells: Iterable[Spell]) -> Sequence[Spell]:
    """A student's spells, earliest first, each with its last day. At most the last one is open.

    A spell ends the day before the next one begins, or on the day that its LEA recorded if that is earlier.
    Of two spells with one first day, the State ID's own has the day, then the one with the higher id. The
    other one has no day: it ends before it begins. A withdrawn claim has no day and no place here.
    """
    standing = (spell for spell in spells if not spell.withdrawn)
    in_order = sorted(
        standing, key=lambda spell: (spell.begin_on, spell.belongs_to is None, str(spell.spell_id))
    )
    return [
        spell.model_copy(update={"end_on": _last_day(spell, later)})
        for spell, later in zip_longest(in_order, in_order[1:])
    ]


def _last_day(spell: Spell, later: Spell | None) -> date | None:
    if later is None:
        return spell.closed_on
    day_before = later.begin_on - timedelta(days=1)
    return min(spell.closed_on or day_before, day_before)


def tiled(spells: Iterable[Spell]) -> Iterator[Event]:
    """The next state of each spell whose last day is another one among these spells."""
    by_id = {spell.spell_id: spell for spell in spells}
    for tile in tiling(by_id.values()):
        before = by_id[tile.spell_id]
        if tile.end_on == before.end_on:
            continue
        if tile.end_on is None:
            yield JurisdictionResumed.of(before, end_on=None)
        else:
            stays = stays_until(tile.end_on, before.schools)
            yield JurisdictionEnded.of(before, end_on=tile.end_on, schools=stays)


def stays_until(last_day: date, stays: Sequence[SchoolStay]) -> Sequence[SchoolStay]:
    """The stays that began by the spell's last day. A stay that was planned for later never begins.

    The first stay remains, also of a spell without a day.
    """
    return (stays[0], *(stay for stay in stays[1:] if stay.begin_on <= last_day))
