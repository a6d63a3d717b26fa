"""The evaluations and IEPs that may be another person's, for secure ID managers after a split."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.assigning import ToAssign, beside, not_shown
from contracts.decision import Known
from contracts.evaluations import AssignEvaluation, Evaluation
from contracts.ieps import IEP, AssignIEP
from contracts.types import StudentId
from services.chassis.answering.queries import known_together
from services.chassis.answering.viewing import admit
from services.ieps.domain import STORED


async def to_assign(
    viewer: Actor, database: AsyncConnection, student_id: StudentId, other: StudentId
) -> Sequence[ToAssign]:
    """The evaluations and IEPs that may be the other person's. An IEP stands for its line."""
    facts = await known_together(database, student_id, beside(student_id, other), STORED)
    refusal = next(not_shown(facts, viewer, student_id, other), None)
    await admit(database, viewer, subject=student_id, what="records to assign", refusal=refusal)
    return [*_evaluations(facts), *_ieps(facts)]


def _evaluations(facts: Known) -> Iterator[ToAssign]:
    for one in sorted(facts.all(Evaluation), key=lambda one: one.opened_on):
        yield ToAssign(
            command=AssignEvaluation.__name__,
            record_id=one.evaluation_id,
            what=f"{one.evaluation_type}, {one.stage}",
            lea=one.lea,
            begin_on=one.opened_on,
            end_on=one.determined_on or one.closed_on,
        )


def _ieps(facts: Known) -> Iterator[ToAssign]:
    """Each IEP that amends none. Its amendments go along."""
    for one in sorted(facts.all(IEP), key=lambda one: one.meeting_on):
        if one.amends is None:
            yield ToAssign(
                command=AssignIEP.__name__,
                record_id=one.iep_id,
                what=f"{one.iep_type}, {one.stage}",
                lea=one.lea,
                begin_on=one.begin_on,
            )
