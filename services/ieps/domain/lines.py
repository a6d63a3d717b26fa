"""The line of an IEP: the IEP, then its amendments. Each amendment amends the one before."""

from datetime import date, timedelta

from contracts.decision import Known
from contracts.errors import Finding
from contracts.ieps import IEP, IEPStage
from contracts.types import IEPId
from services.ieps.domain import rules


def first_of(known: Known, iep: IEP) -> IEP:
    """The first IEP in the line of `iep`. Its anniversary holds for the whole line."""
    while iep.amends and (amended := known.get(IEP, iep.amends)):
        iep = amended
    return iep


def amendment_of(known: Known, iep_id: IEPId) -> IEP | None:
    """The amendment of this IEP. There is at most one: a later amendment amends the amendment."""
    return next((found for found in known.all(IEP) if found.amends == iep_id), None)


def newest_of(known: Known, iep: IEP) -> IEP:
    """The last amendment in the line of `iep`, or the IEP itself."""
    while following := amendment_of(known, iep.iep_id):
        iep = following
    return iep


def last_day(first: IEP) -> date:
    """The last day on which an IEP is in effect. The team reviews it within a year (LAC 28:XCVII.111.B)."""
    return anniversary(first.begin_on, 1) - timedelta(days=1)


def anniversary(day: date, years: int) -> date:
    """The same day some years later. For 29 February it is 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def out_of_turn(found: IEP | None, needed: IEPStage, *, at: str = "iep_id") -> Finding:
    """The finding that the IEP does not exist, or that its stage does not allow the step."""
    if found is None:
        return rules.IEP_UNKNOWN.broken(at=at)
    return rules.IEP_OUT_OF_TURN.broken(at=at, stage=found.stage, needed=needed)
