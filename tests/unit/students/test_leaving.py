"""A former LEA keeps its view of a student once, in any order of events."""

from datetime import timedelta
from itertools import permutations

import pytest

from contracts.message import Event
from services.students.domain.leaving import StudentAsLeft
from tests.unit.events import ended, resumed, withdrawn
from tests.unit.students.events import EBR, JEFFERSON, OCTOBER, added, claimed, records_after

FIRST = claimed()
SECOND = claimed(JEFFERSON, OCTOBER, "the second claim")
THIRD = claimed(EBR, OCTOBER + timedelta(days=30), "claimed back")
BEGINNINGS: tuple[Event, ...] = (FIRST, SECOND, THIRD)
ENDS: tuple[Event, ...] = (
    ended(FIRST, OCTOBER - timedelta(days=1)),
    ended(SECOND, THIRD.begin_on - timedelta(days=1)),
)
EVENTS: tuple[Event, ...] = (*BEGINNINGS, *ENDS)


def in_order(events: tuple[Event, ...]) -> bool:
    """Whether the beginnings are in order, and the ends are in order. Each topic guarantees that."""
    return all(tuple(one for one in events if one in kind) == kind for kind in (BEGINNINGS, ENDS))


@pytest.mark.parametrize("events", [one for one in permutations(EVENTS) if in_order(one)])
def test_each_spell_that_is_over_is_kept_once(events: tuple[Event, ...]) -> None:
    """Each former owner gets its copy of the record once, in any order of the two topics."""
    kept = [fact for fact in records_after(*events, after=[added()]) if isinstance(fact, StudentAsLeft)]
    assert sorted(one.spell_id for one in kept) == sorted((FIRST.spell_id, SECOND.spell_id))


def test_a_spell_that_ends_again_is_kept_again() -> None:
    """The claim after a spell was withdrawn. When the spell ends again, the copy is a newer one."""
    over, end = SECOND, ended(FIRST, OCTOBER - timedelta(days=1))
    back = (withdrawn(over), resumed(end))
    again = claimed(JEFFERSON, OCTOBER, "the right claim")
    kept = [
        fact
        for fact in records_after(FIRST, over, end, *back, again, after=[added()])
        if isinstance(fact, StudentAsLeft)
    ]
    assert [one.spell_id for one in kept] == [FIRST.spell_id, FIRST.spell_id]
    assert kept[0].revision < kept[1].revision


def test_the_open_spell_keeps_nothing() -> None:
    """While an LEA owns the student, the service keeps no copy for it."""
    assert not any(isinstance(fact, StudentAsLeft) for fact in records_after(FIRST, after=[added()]))
