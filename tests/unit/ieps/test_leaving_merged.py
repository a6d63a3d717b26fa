"""What an LEA keeps of a student whose State ID is merged: its own record, in whichever order ieps hears."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations

from contracts.evaluations import Evaluation
from contracts.jurisdiction import EndReason, Spell, SpellMoved
from contracts.message import Event
from contracts.state_ids import StateIdMerged
from services.chassis.deciding.batch import RecordRow
from services.ieps.app import SERVICE
from services.ieps.domain.leaving import IEPsAsLeft
from tests.unit.chassis.memory_service import MemoryService
from tests.unit.events import AUGUST, JEFFERSON, SEPTEMBER, claimed, ended
from tests.unit.reporting.events import Child
from tests.unit.students.links import A, B

GONE = StateIdMerged(student_id=A, revision=1, current_id=B, formerly=(A,))
LAST_DAY = date(2017, 8, 31)
FIRST = claimed()
SECOND = claimed(JEFFERSON, SEPTEMBER, "the other claim").model_copy(update={"student_id": B})
EVALUATED: Sequence[Evaluation] = (Child(A).determined(), Child(B, lea=JEFFERSON).determined())


def moves(spell: Spell, end_on: date | None) -> Sequence[Event]:
    """The spell goes along. Under the other State ID it has this last day."""
    left = SpellMoved.of(spell, moved_to=B)
    return left, SpellMoved.of(left, student_id=B, belongs_to=A, moved_to=None, end_on=end_on)


def kept_after(*events: Event) -> Sequence[str]:
    """The State IDs of the evaluations that the LEA of the first claim sees after these events."""
    ieps = MemoryService(SERVICE)
    ieps.store.records |= {row.key: row for row in map(RecordRow.of, EVALUATED)}
    past: Sequence[Event] = (FIRST, SECOND, *events)
    for event in past:
        ieps.process(ieps.received_event(event))
    rows = [ieps.store.records.get((state_id, IEPsAsLeft.kind, str(FIRST.spell_id))) for state_id in (B, A)]
    left = next(IEPsAsLeft.model_validate_json(row.body) for row in rows if row)
    return [one.owned_by for one in left.evaluations]


def test_a_merge_shows_no_lea_another_ones_records() -> None:
    """The other LEA's claim begins later, so the merge ends the first spell. Its LEA keeps its own record."""
    for order in permutations((*moves(FIRST, LAST_DAY), GONE)):
        assert kept_after(*order) == [A], order


def test_a_spell_that_was_over_keeps_its_copy() -> None:
    """The LEA had closed its jurisdiction before: it sees what it left, also if its end arrives last."""
    closed = ended(FIRST, AUGUST, EndReason.LEFT_STATE)
    for order in permutations((closed, *moves(closed, AUGUST), GONE)):
        assert kept_after(*order) == [A], order
