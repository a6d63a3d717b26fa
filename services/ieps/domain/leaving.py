"""A student leaves an LEA: the service keeps a copy of the record, which that LEA may still read."""

from collections.abc import Iterator
from itertools import chain

from contracts.activities import Consent, SpedActivity
from contracts.decision import Known, Reaction
from contracts.evaluations import Evaluation, PartCTransition
from contracts.facts import note_spell
from contracts.ieps import IEP, IEPDeletion
from contracts.jurisdiction import Spell
from contracts.leaving import AsLeft, kept_of, left_by, number_of_copy
from contracts.message import Record


class IEPsAsLeft(AsLeft):
    """A student's records as they were when a spell ended; of IEPs the headers."""

    evaluations: tuple[Evaluation, ...]
    part_c: tuple[PartCTransition, ...]
    ieps: tuple[IEP, ...]
    deletions: tuple[IEPDeletion, ...]
    activities: tuple[SpedActivity, ...]
    consents: tuple[Consent, ...]


def note_owner(known: Known, event: Spell) -> Reaction:
    """Keep who owns the student. If a spell has ended, keep a copy of the record as it is now."""
    left = (
        IEPsAsLeft(
            student_id=event.student_id,
            revision=number_of_copy(known, event),
            spell_id=spell.spell_id,
            evaluations=tuple(kept_of(known, event, Evaluation)),
            part_c=tuple(kept_of(known, event, PartCTransition)),
            ieps=tuple(kept_of(known, event, IEP)),
            deletions=tuple(kept_of(known, event, IEPDeletion)),
            activities=tuple(kept_of(known, event, SpedActivity)),
            consents=tuple(kept_of(known, event, Consent)),
        )
        for spell in left_by(known, event)
    )
    return [*note_spell(known, event), *left]


def as_it_was(known: Known, left: IEPsAsLeft | None) -> Known:
    """The student's records, but those that the copy keeps come from the copy `left` (None: empty)."""
    return Known(chain(_without(known), _kept(left) if left else ()))


def _kept(left: IEPsAsLeft) -> Iterator[Record]:
    return chain(left.evaluations, left.part_c, left.ieps, left.deletions, left.activities, left.consents)


def _without(known: Known) -> Iterator[Record]:
    kept = Evaluation | PartCTransition | IEP | IEPDeletion | SpedActivity | Consent
    return (record for record in known if not isinstance(record, kept))
