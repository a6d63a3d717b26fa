"""Making a draft official: it passed validation and was signed. Afterwards only amendments change it.

The team has met by then: its meeting is not in the future.
"""

from collections.abc import Iterator, Sequence

from contracts.dates import in_the_future
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.ieps import IEP, IEPContentsMadeOfficial, IEPMadeOfficial, IEPStage, MakeIEPOfficial
from contracts.message import Event
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.calendars import calendars_around
from services.ieps.domain.contents import contents_of, described
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.standing import Standing, standing
from services.ieps.domain.unfinished import of_another
from services.ieps.domain.validation import validate


def make_official(known: Known, ask: Ask[MakeIEPOfficial]) -> Decision:
    """Refuse a draft with red findings. Accept a draft with yellow ones, and return them as warnings."""
    stands = standing(known, ask, done=("signed_on",))
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, ask.command.iep_id):
        case IEP(stage=IEPStage.DRAFT) as draft:
            return verdict((*stands.found, *_broken(known, draft, ask)), _official(known, draft, ask))
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.DRAFT)))


def _official(known: Known, draft: IEP, ask: Ask[MakeIEPOfficial]) -> Sequence[Event]:
    lea, command = ask.actor.lea, ask.command
    contents = IEPContentsMadeOfficial.of(contents_of(known, draft), lea=lea, official=True)
    header = IEPMadeOfficial.of(
        draft,
        lea=lea,
        stage=IEPStage.OFFICIAL,
        signed_on=command.signed_on,
        late_reason=command.late_reason,
        **described(contents),
    )
    return [contents, header]


def _broken(known: Known, draft: IEP, ask: Ask[MakeIEPOfficial]) -> Iterator[Finding]:
    yield from of_another(draft, ask.actor)
    yield from in_the_future(draft.meeting_on, ask.on, at="meeting_on")
    yield from _signed_early(draft, ask.command)
    explained = draft.model_copy(update={"late_reason": ask.command.late_reason})
    calendars = calendars_around(known, ask.command.signed_on)
    yield from validate(known, explained, ask.on, calendars).findings


def _signed_early(draft: IEP, command: MakeIEPOfficial) -> Iterator[Finding]:
    if command.signed_on < draft.meeting_on:
        yield rules.SIGNED_BEFORE_MEETING.broken(
            at="signed_on", day=command.signed_on, meeting_on=draft.meeting_on
        )
