"""Which LEA a case belongs to: the one that had jurisdiction on its key date."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from contracts.types import LeaCode


class Spell(NamedTuple):
    """A time in the jurisdiction of an LEA, both days included."""

    lea: LeaCode
    begin_on: date
    end_on: date | None


def owner_on(spells: Sequence[Spell], day: date) -> LeaCode | None:
    """The LEA that had jurisdiction on the day. Of two spells on one day, the one that began last counts."""
    covering = [one for one in spells if one.begin_on <= day and (one.end_on is None or one.end_on >= day)]
    return max(covering, key=lambda one: one.begin_on).lea if covering else None
