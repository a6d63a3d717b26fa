"""Beginning an IEP. A draft may be incomplete: only MakeIEPOfficial validates it."""

from collections.abc import Iterator, Sequence

from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.ieps import IEP, DraftIEP, IEPContents, IEPDrafted, IEPStage
from contracts.message import Record
from contracts.types import IEPId
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.contents import described
from services.ieps.domain.forms import merged, misplaced_amendment, repeated
from services.ieps.domain.standing import Standing, standing


def draft(known: Known, ask: Ask[DraftIEP]) -> Decision:
    """Begin an IEP with the forms that are ready."""
    stands = standing(known, ask, dates=("meeting_on", "begin_on"), also=_unfit(ask.command))
    if not isinstance(stands, Standing):
        return stands
    return verdict((*stands.found, *taken(known, ask.command.iep_id)), _drafted(ask))


def taken(known: Known, iep_id: IEPId) -> Iterator[Finding]:
    """The finding that an IEP or an amendment already has this id."""
    if known.get(IEP, iep_id):
        yield rules.IEP_KNOWN.broken(at="iep_id", iep=iep_id)


def _drafted(ask: Ask[DraftIEP]) -> Sequence[Record]:
    command = ask.command
    contents = IEPContents(
        student_id=command.student_id,
        revision=1,
        iep_id=command.iep_id,
        lea=ask.actor.lea,
        forms=merged((), command.forms),
    )
    header = IEPDrafted(
        student_id=command.student_id,
        revision=1,
        iep_id=command.iep_id,
        lea=ask.actor.lea,
        iep_type=command.iep_type,
        stage=IEPStage.DRAFT,
        meeting_on=command.meeting_on,
        begin_on=command.begin_on,
        **described(contents),
    )
    return [contents, header]


def _unfit(command: DraftIEP) -> Iterator[Finding]:
    yield from repeated(command.forms)
    yield from misplaced_amendment(None, command.forms)
    if command.begin_on < command.meeting_on:
        yield rules.BEGINS_BEFORE_MEETING.broken(
            at="begin_on", day=command.begin_on, meeting_on=command.meeting_on
        )
