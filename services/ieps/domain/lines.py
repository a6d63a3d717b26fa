"""The line of an IEP: the IEP itself, then its amendments, each of the one before."""

from datetime import date, timedelta

from contracts.decision import Known
from contracts.errors import Finding
from contracts.ieps import IEP, IEPStage
from contracts.types import IEPId
from services.ieps.domain import rules


def first_of(known: Known, iep: IEP) -> IEP:
    """The IEP that stands at the head of the line of `iep`. Its anniversary holds for the whole line."""
    while iep.amends and (amended := known.get(IEP, iep.amends)):
        iep = amended
    return iep


def amendment_of(known: Known, iep_id: IEPId) -> IEP | None:
    """The amendment of this very IEP, of which there is one at most: the next one amends the amendment."""
    return next((found for found in known.all(IEP) if found.amends == iep_id), None)


def newest_of(known: Known, iep: IEP) -> IEP:
    """The end of the line of `iep`."""
    while following := amendment_of(known, iep.iep_id):
        iep = following
    return iep


def last_day(first: IEP) -> date:
    """The last day an IEP is in effect: it is reviewed within a year (LAC 28:XCVII.111.B)."""
    return anniversary(first.begin_on, 1) - timedelta(days=1)


def anniversary(day: date, years: int) -> date:
    """The same day some years later; of 29 February, 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def out_of_turn(found: IEP | None, needed: IEPStage, *, at: str = "iep_id") -> Finding:
    """Every step that an IEP's stage does not allow ends here."""
    if found is None:
        return rules.IEP_UNKNOWN.broken(at=at)
    return rules.IEP_OUT_OF_TURN.broken(at=at, stage=found.stage, needed=needed)
