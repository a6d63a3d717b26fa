"""A student leaves an LEA: the service keeps a copy of the record, which that LEA may still read."""

from collections.abc import Iterator
from itertools import chain

from contracts.activities import SpedActivity
from contracts.decision import Known, Reaction
from contracts.evaluations import Evaluation
from contracts.facts import note_spell
from contracts.ieps import IEP
from contracts.jurisdiction import Spell
from contracts.leaving import AsLeft, left_by
from contracts.message import Record


class IEPsAsLeft(AsLeft):
    """Evaluations, headers of IEPs and sped activities as they were when a spell ended."""

    evaluations: tuple[Evaluation, ...]
    ieps: tuple[IEP, ...]
    activities: tuple[SpedActivity, ...]


def note_owner(known: Known, event: Spell) -> Reaction:
    """Keep who owns the student. If a spell has ended, keep a copy of the record as it is now."""
    left = (
        IEPsAsLeft(
            student_id=event.student_id,
            revision=1,
            spell_id=spell.spell_id,
            evaluations=tuple(known.all(Evaluation)),
            ieps=tuple(known.all(IEP)),
            activities=tuple(known.all(SpedActivity)),
        )
        for spell in left_by(known, event)
    )
    return [*note_spell(known, event), *left]


def as_it_was(known: Known, left: IEPsAsLeft | None) -> Known:
    """The student's records, but evaluations, IEPs and activities from the copy `left` (None: empty)."""
    then: list[Record] = [*left.evaluations, *left.ieps, *left.activities] if left else []
    return Known(chain(_without(known), then))


def _without(known: Known) -> Iterator[Record]:
    return (record for record in known if not isinstance(record, Evaluation | IEP | SpedActivity))
