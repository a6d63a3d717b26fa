"""Amending a submitted IEP, which never changes itself. The amendment is a draft at the end of the line."""

from collections.abc import Iterator, Sequence

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.forms import AmendmentForm
from contracts.ieps import IEP, AmendIEP, IEPAmendmentBegun, IEPContents, IEPStage
from contracts.message import Record
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.contents import contents_of, described
from services.ieps.domain.drafts import taken
from services.ieps.domain.forms import merged, repeated
from services.ieps.domain.lines import first_of, last_day, newest_of, out_of_turn
from services.ieps.domain.standing import Standing, standing


def amend(known: Known, ask: Ask[AmendIEP]) -> Decision:
    """Begin an amendment with the unchanged and the changed forms. Type and meeting date stay the same."""
    command = ask.command
    stands = standing(known, ask, dates=("begin_on",), also=repeated((command.amendment, *command.forms)))
    if not isinstance(stands, Standing):
        return stands
    broken = (*stands.found, *taken(known, command.iep_id))
    match known.get(IEP, command.amends):
        case IEP(stage=IEPStage.SUBMITTED) as earlier:
            begun = _begun(earlier, contents_of(known, earlier), ask)
            return verdict((*broken, *_not_next(known, earlier, command)), begun)
        case other:
            return Refused((*broken, out_of_turn(other, IEPStage.SUBMITTED, at="amends")))


def _begun(earlier: IEP, amended: IEPContents, ask: Ask[AmendIEP]) -> Sequence[Record]:
    command = ask.command
    kept = (form for form in amended.forms if not isinstance(form, AmendmentForm))
    contents = IEPContents(
        student_id=earlier.student_id,
        revision=1,
        iep_id=command.iep_id,
        lea=ask.actor.lea,
        forms=merged(kept, (command.amendment, *command.forms)),
    )
    header = IEPAmendmentBegun(
        student_id=earlier.student_id,
        belongs_to=earlier.belongs_to,
        revision=1,
        iep_id=command.iep_id,
        lea=ask.actor.lea,
        iep_type=earlier.iep_type,
        plan_kind=earlier.plan_kind,
        stage=IEPStage.DRAFT,
        meeting_on=earlier.meeting_on,
        begin_on=command.begin_on,
        amends=earlier.iep_id,
        amendment=earlier.amendment + 1,
        **described(contents),
    )
    return [contents, header]


def _not_next(known: Known, earlier: IEP, command: AmendIEP) -> Iterator[Finding]:
    newest = newest_of(known, earlier)
    if newest.stage is not IEPStage.SUBMITTED:
        yield rules.AMENDMENT_OPEN.broken(at="amends", amendment=newest.iep_id)
    elif newest is not earlier:
        yield rules.NOT_THE_NEWEST.broken(at="amends", newest=newest.iep_id)
    if command.begin_on < earlier.begin_on:
        yield rules.AMENDS_BACKWARDS.broken(at="begin_on", day=command.begin_on, earlier=earlier.begin_on)
    ended_on = last_day(first_of(known, earlier))
    if command.begin_on > ended_on:
        yield rules.PAST_ITS_YEAR.broken(at="begin_on", day=command.begin_on, last_day=ended_on)
