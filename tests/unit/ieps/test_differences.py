"""What changed from one IEP to another."""

from datetime import date

from contracts.forms import Accommodations, InstructionalPlan, Placement, PlannedService, ProgramServices
from services.ieps.domain.differences import Change, differences
from tests.unit.ieps.scenario import complete_forms

FIRST, LATER = date(2017, 5, 22), date(2017, 9, 18)


def services(*of: tuple[str, int, date]) -> ProgramServices:
    """The form Program/Services: code, minutes a week and begin date of each service."""
    planned = (PlannedService(service_code=code, minutes_per_week=m, begin_on=day) for code, m, day in of)
    return ProgramServices(services=tuple(planned))


def found(**changed: object) -> list[Change]:
    """The differences if these forms of a complete IEP change."""
    return list(differences(complete_forms(), complete_forms(**changed)))  # type: ignore[arg-type]


def test_nothing_changed() -> None:
    """Two IEPs with the same forms have no differences."""
    assert found() == []


def test_a_code_is_said_in_words() -> None:
    """A placement that changes is named by its codes and by their labels."""
    placement = Placement(
        environment="RC79TO40", percent_in_regular_class=60, justification="Needs a small group for one hour."
    )
    environment, share = found(LRE=placement)
    assert (environment.form, environment.field) == ("LRE", "environment")
    assert (environment.before, environment.after) == ("RC80", "RC79TO40")
    assert environment.before_words == "Inside regular class 80 % or more of the day (RC80)"
    assert (share.before, share.after, share.after_words) == (85, 60, "60")


def test_a_service_is_compared_with_the_service_of_its_code() -> None:
    """A service that has other minutes, one that is added, and one that is left out are three differences."""
    before = (services(("SPI", 300, FIRST), ("SPE", 60, FIRST)),)
    after = (services(("SPI", 240, FIRST), ("APE", 30, LATER)),)
    changed, gone, added = differences(before, after)
    assert (changed.field, changed.before, changed.after) == ("services[SPI].minutes_per_week", 300, 240)
    assert (gone.field, gone.after) == ("services[SPE]", None)
    assert gone.before_words == "Speech/language pathology (SPE), 60 minutes a week from 2017-05-22"
    assert added.after == {"service_code": "APE", "minutes_per_week": 30, "begin_on": "2017-09-18"}


def test_two_services_of_one_code() -> None:
    """The second service of a code is compared with the second one."""
    before = (services(("SPI", 300, FIRST), ("SPI", 60, FIRST)),)
    (only,) = differences(before, (services(("SPI", 300, FIRST), ("SPI", 60, LATER)),))
    assert (only.field, only.before, only.after) == ("services[SPI 2].begin_on", "2017-05-22", "2017-09-18")


def test_a_form_that_is_added_or_left_out() -> None:
    """A form that one of the two IEPs lacks is one difference, with the area of an instructional plan."""
    plan = InstructionalPlan(area="reading", annual_goal="Reads 90 words a minute.")
    added, gone = differences((Accommodations(none_needed=True),), (plan,))
    assert (gone.form, gone.field, gone.before) == ("ACC", None, {"accommodations": [], "none_needed": True})
    assert (added.form, added.area, added.before, added.field) == ("IPL", "reading", None, None)


def test_lists_and_yes_or_no() -> None:
    """A list is compared as a whole. Yes and no are words."""
    accommodations, none_needed = found(ACC=Accommodations(none_needed=True))
    assert (accommodations.before, accommodations.after) == (["extended time"], [])
    assert (none_needed.before_words, none_needed.after_words) == ("no", "yes")
