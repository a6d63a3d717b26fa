"""Assigning evaluations and IEPs to the person to whom they belong, after a split or a wrong merge."""

from collections.abc import Iterator, Sequence

from contracts.activities import SpedActivity, SpedActivityCorrected, SpedActivityMoved
from contracts.assigning import assigned, not_assignable
from contracts.decision import Accepted, Ask, Decision, Known, Refused
from contracts.errors import Finding
from contracts.evaluations import AssignEvaluation, Evaluation, EvaluationMoved
from contracts.ieps import IEP, AssignIEP, IEPDeletion, IEPDeletionMoved, IEPMoved, IEPStage
from contracts.message import Record
from contracts.moving import after, known_beside
from contracts.types import StudentId
from services.ieps.domain import evaluation_rules, iep_rules
from services.ieps.domain.activities import entry, entry_without
from services.ieps.domain.lines import first_of
from services.ieps.domain.stages import next_determination

OTHER_PERSON = "The IEP with which it began is another person's."
"""Why a sped activity begins on another day, or is voided, once its IEP was assigned."""


def assign_evaluation(known: Known, ask: Ask[AssignEvaluation]) -> Decision:
    """A secure ID manager says that an evaluation is the other person's. Nobody gets two open ones."""
    evaluation = known.get(Evaluation, ask.command.evaluation_id)
    broken = tuple(not_assignable(known, ask))
    if evaluation is None:
        return Refused((*broken, evaluation_rules.EVALUATION_UNKNOWN.broken(at="evaluation_id")))
    there = known_beside(known, ask.command.student_id)(ask.command.to)
    if broken := (*broken, *_two_open(there, evaluation, ask.command.to)):
        return Refused(broken)
    counted = {"determination": next_determination(there)} if evaluation.determination else {}
    return Accepted([*assigned(evaluation, ask.command.to, EvaluationMoved, **counted)])


def assign_iep(known: Known, ask: Ask[AssignIEP]) -> Decision:
    """A secure ID manager says that an IEP, with all of its line, is the other person's.

    The sped activities that began with it go along. Then each of the two has an own entry, if an IEP of
    theirs is submitted.
    """
    iep = known.get(IEP, ask.command.iep_id)
    broken = tuple(not_assignable(known, ask))
    if iep is None:
        return Refused((*broken, iep_rules.IEP_UNKNOWN.broken(at="iep_id")))
    if broken:
        return Refused(broken)
    records = [*_line(known, iep, ask.command.to), *_begun(known, iep, ask.command)]
    return Accepted([*records, *_entries(known, iep, ask.command, records)])


def _two_open(there: Known, evaluation: Evaluation, to: StudentId) -> Iterator[Finding]:
    opened = (one for one in there.all(Evaluation) if one.open and one.owned_by == to)
    if evaluation.open and (other := next(opened, None)):
        yield evaluation_rules.EVALUATION_OPEN.broken(since=other.opened_on)


def _line(known: Known, iep: IEP, to: StudentId) -> Iterator[Record]:
    """The IEPs of the line, drafts too, and the requests to delete them."""
    first = first_of(known, iep)
    for one in known.all(IEP):
        if first_of(known, one).iep_id == first.iep_id:
            yield from assigned(one, to, IEPMoved)
            if request := known.get(IEPDeletion, one.iep_id):
                yield from assigned(request, to, IEPDeletionMoved)


def _begun(known: Known, iep: IEP, command: AssignIEP) -> Iterator[Record]:
    """The sped activities that began with the IEP go along.

    If the other person has an open one, this one does not: that one begins on the earlier day of the two.
    """
    first, there = first_of(known, iep), known_beside(known, command.student_id)(command.to)
    own = next((one for one in there.all(SpedActivity) if one.open and one.owned_by == command.to), None)
    for activity in known.all(SpedActivity):
        if activity.iep_id != first.iep_id:
            continue
        if not activity.open or own is None:
            yield from assigned(activity, command.to, SpedActivityMoved)
            continue
        yield from entry_without(known, first, OTHER_PERSON)
        if activity.entered_on < own.entered_on:
            begins = {"iep_id": first.iep_id, "entered_on": activity.entered_on}
            yield SpedActivityCorrected.of(own, explanation=OTHER_PERSON, **begins)


def _entries(known: Known, iep: IEP, command: AssignIEP, records: Sequence[Record]) -> Iterator[Record]:
    """An entry for whoever has submitted IEPs and no sped activity: each State ID has its own."""
    owners = {command.student_id: iep.owned_by, command.to: command.to}
    for place, now in after(known_beside(known, command.student_id), owners, records):
        entered = any(one.owned_by == owners[place] for one in now.all(SpedActivity))
        submitted = [one for one in now.all(IEP) if _enters(one) and one.owned_by == owners[place]]
        if submitted and not entered:
            yield entry(min(submitted, key=lambda one: (one.begin_on, one.meeting_on)))


def _enters(iep: IEP) -> bool:
    return iep.stage is IEPStage.SUBMITTED and iep.amends is None
