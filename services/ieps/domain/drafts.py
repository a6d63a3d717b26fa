"""Beginning an IEP. A draft may be incomplete: only MakeIEPOfficial validates it."""

from collections.abc import Iterator, Sequence

from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.forms import FormCode
from contracts.ieps import IEP, DraftIEP, IEPContents, IEPDrafted, IEPStage
from contracts.message import Record
from contracts.types import IEPId
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.contents import Forms, contents_of, described
from services.ieps.domain.forms import merged, misplaced_amendment, repeated
from services.ieps.domain.standing import Standing, standing

_OF_ONE_MEETING = (FormCode.SIG, FormCode.AMD)


def draft(known: Known, ask: Ask[DraftIEP]) -> Decision:
    """Begin an IEP with the forms that are ready, and with those of the copied IEP."""
    command = ask.command
    stands = standing(known, ask, dates=("meeting_on", "begin_on"), also=_unfit(command))
    if not isinstance(stands, Standing):
        return stands
    copied = known.get(IEP, command.copies) if command.copies else None
    broken = (
        *stands.found,
        *taken(known, command.iep_id),
        *_not_copied(copied, command),
        *_twins(known, command),
    )
    return verdict(broken, _drafted(ask, _copied_forms(known, copied)))


def taken(known: Known, iep_id: IEPId) -> Iterator[Finding]:
    """The finding that an IEP or an amendment already has this id."""
    if known.get(IEP, iep_id):
        yield rules.IEP_KNOWN.broken(at="iep_id", iep=iep_id)


def _drafted(ask: Ask[DraftIEP], copied: Forms) -> Sequence[Record]:
    command = ask.command
    contents = IEPContents(
        student_id=command.student_id,
        revision=1,
        iep_id=command.iep_id,
        lea=ask.actor.lea,
        forms=merged(copied, command.forms),
    )
    header = IEPDrafted(
        student_id=command.student_id,
        revision=1,
        iep_id=command.iep_id,
        lea=ask.actor.lea,
        iep_type=command.iep_type,
        plan_kind=command.plan_kind,
        stage=IEPStage.DRAFT,
        meeting_on=command.meeting_on,
        begin_on=command.begin_on,
        copied_from=command.copies,
        **described(contents),
    )
    return [contents, header]


def _copied_forms(known: Known, copied: IEP | None) -> Forms:
    """The forms of the copied IEP, without those that belong to one team meeting."""
    if copied is None:
        return ()
    return tuple(form for form in contents_of(known, copied).forms if form.form not in _OF_ONE_MEETING)


def _not_copied(copied: IEP | None, command: DraftIEP) -> Iterator[Finding]:
    if command.copies and copied is None:
        yield rules.IEP_UNKNOWN.broken(at="copies")
    if copied and copied.stage is IEPStage.DELETED:
        yield rules.COPIES_DELETED.broken(at="copies", copied=copied.iep_id)


def _twins(known: Known, command: DraftIEP) -> Iterator[Finding]:
    """The warning that the student has another IEP of the same team meeting."""
    first = (iep for iep in known.all(IEP) if iep.amends is None and not iep.over)
    twin = next((iep for iep in first if iep.meeting_on == command.meeting_on), None)
    if twin and known.get(IEP, command.iep_id) is None:
        yield rules.TWIN.broken(at="meeting_on", meeting_on=command.meeting_on, twin=twin.iep_id)


def _unfit(command: DraftIEP) -> Iterator[Finding]:
    yield from repeated(command.forms)
    yield from misplaced_amendment(None, command.forms)
    if command.begin_on < command.meeting_on:
        yield rules.BEGINS_BEFORE_MEETING.broken(
            at="begin_on", day=command.begin_on, meeting_on=command.meeting_on
        )
