"""The days of an IEP's line, and the IEP before another."""

from datetime import date

from contracts.decision import Known
from contracts.ieps import IEP, IEPType
from services.ieps.domain.lines import earlier, last_day
from tests.unit.ieps import scenario
from tests.unit.scenario import id_named

NEXT_YEAR = date(2018, 5, 14)


def the(history: list[IEP], under: str) -> IEP:
    """One of the IEPs."""
    return next(iep for iep in history if iep.iep_id == id_named(under))


def test_a_line_is_in_effect_for_a_year() -> None:
    """The last day of an IEP is the day before its anniversary."""
    (iep,) = Known(scenario.drafted()).all(IEP)
    assert last_day(iep) == date(2018, 5, 21)


def test_the_iep_before_another() -> None:
    """An amendment comes after the IEP that it amends, a review after the newest IEP of an earlier meeting.

    An initial IEP has none before it. A draft comes before nothing.
    """
    amended = scenario.after(scenario.submitted(), scenario.amend())
    finished = scenario.after(amended, scenario.make_official("amendment"), scenario.submit("amendment"))
    review = scenario.draft("review", IEPType.REVIEW, NEXT_YEAR, NEXT_YEAR)
    for history, before in ((amended, "IEP"), (finished, "amendment")):
        ieps = list(Known(scenario.after(history, review)).all(IEP))
        assert earlier(ieps, the(ieps, "review")) == the(ieps, before)
        assert earlier(ieps, the(ieps, "amendment")) == the(ieps, "IEP")
        assert earlier(ieps, the(ieps, "IEP")) is None
