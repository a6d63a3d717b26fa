"""The line of an IEP: the IEP, then its amendments. Each amendment amends the one before."""

from collections.abc import Iterable
from datetime import date

from contracts.deadlines import last_day_of_iep
from contracts.decision import Known
from contracts.errors import Finding
from contracts.ieps import IEP, IEPStage
from contracts.types import IEPId
from services.ieps.domain import iep_rules as rules


def first_of(known: Known, iep: IEP) -> IEP:
    """The first IEP in the line of `iep`. Its anniversary holds for the whole line."""
    while iep.amends and (amended := known.get(IEP, iep.amends)):
        iep = amended
    return iep


def amendment_of(known: Known, iep_id: IEPId) -> IEP | None:
    """The amendment of this IEP. There is at most one: a later amendment amends the amendment. A discarded or
    deleted one is none."""
    return next((found for found in known.all(IEP) if found.amends == iep_id and not found.over), None)


def newest_of(known: Known, iep: IEP) -> IEP:
    """The last amendment in the line of `iep`, or the IEP itself."""
    while following := amendment_of(known, iep.iep_id):
        iep = following
    return iep


def last_day(first: IEP) -> date:
    """The last day on which the IEPs of a line are in effect: amendments begin no other year."""
    return last_day_of_iep(first.begin_on)


def earlier(ieps: Iterable[IEP], iep: IEP) -> IEP | None:
    """The IEP that `iep` amends. For the first in a line: the newest official or submitted IEP of an earlier
    team meeting. None: there is none among `ieps`."""
    if iep.amends:
        return next((found for found in ieps if found.iep_id == iep.amends), None)
    official = (found for found in ieps if found.stage in (IEPStage.OFFICIAL, IEPStage.SUBMITTED))
    before = (found for found in official if found.meeting_on < iep.meeting_on)
    return max(before, key=lambda found: (found.begin_on, found.amendment, found.record_id), default=None)


def out_of_turn(found: IEP | None, needed: IEPStage, *, at: str = "iep_id") -> Finding:
    """The finding that the IEP does not exist, or that its stage does not allow the step."""
    if found is None:
        return rules.IEP_UNKNOWN.broken(at=at)
    return rules.IEP_OUT_OF_TURN.broken(at=at, stage=found.stage, needed=needed)
