"""What changed from one IEP to another."""

from datetime import date

from contracts.forms import (
    Accommodations,
    BreakScores,
    ExtendedSchoolYear,
    GeneralInformation,
    InstructionalPlan,
    Placement,
    ProgramServices,
    SpecialFactor,
    Transition,
    TransitionAssessment,
)
from services.ieps.domain.differences import Change, differences
from tests.unit.ieps.scenario import TRANSITION, complete_forms, planned

FIRST, LATER = date(2017, 5, 22), date(2017, 9, 18)


def services(*of: tuple[str, int, date]) -> ProgramServices:
    """The form Program/Services: code, minutes a session and begin date of each service."""
    return ProgramServices(
        services=tuple(planned(code, day, sessions=1, minutes_per_session=m) for code, m, day in of)
    )


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


def test_an_empty_list_is_no_value() -> None:
    """A list that was empty has no earlier value, and one that is emptied has no later value."""
    [emptied, filled] = found(ACC=Accommodations(assessment=("extended time",)))
    assert (emptied.field, emptied.after, emptied.after_words) == ("instruction", None, None)
    assert (emptied.before, emptied.before_words) == (["extended time"], "extended time")
    assert (filled.field, filled.before, filled.before_words) == ("assessment", None, None)


def test_a_service_is_compared_with_the_service_of_its_code() -> None:
    """A service that has other minutes, one that is added, and one that is left out are three differences."""
    before = (services(("SPI", 300, FIRST), ("SPE", 60, FIRST)),)
    after = (services(("SPI", 240, FIRST), ("APE", 30, LATER)),)
    changed, gone, added = differences(before, after)
    assert (changed.field, changed.before, changed.after) == ("services[SPI].minutes_per_session", 300, 240)
    assert (gone.field, gone.after) == ("services[SPE]", None)
    assert gone.before_words == (
        "Speech/language pathology (SPE), 1 session of 60 minutes per week from 2017-05-22,"
        " setting general, direct"
    )
    assert isinstance(added.after, dict)
    assert (added.after["service_code"], added.after["begin_on"]) == ("APE", "2017-09-18")


def test_a_service_of_the_summer_in_words() -> None:
    """The words of a service say when it ends, and that it is of the extended school year."""
    summer = planned("SPE", LATER, end_on=date(2017, 10, 2), sessions=2, extended_school_year=True)
    (added,) = differences((services(),), (ProgramServices(services=(summer,)),))
    assert added.after_words == (
        "Speech/language pathology (SPE), 2 sessions of 60 minutes per week from 2017-09-18 through"
        " 2017-10-02, setting general, direct, extended school year"
    )


def test_two_services_of_one_code() -> None:
    """The second service of a code is compared with the second one."""
    before = (services(("SPI", 300, FIRST), ("SPI", 60, FIRST)),)
    (only,) = differences(before, (services(("SPI", 300, FIRST), ("SPI", 60, LATER)),))
    assert (only.field, only.before, only.after) == ("services[SPI 2].begin_on", "2017-05-22", "2017-09-18")


def test_rows_of_one_name_beside_a_row_that_is_named_like_the_second() -> None:
    """Three rows are three differences, also if somebody named one as SER names the second of a name."""
    names = ("interest inventory", "interest inventory", "interest inventory 2")
    rows = tuple(TransitionAssessment(assessment=name, on=FIRST) for name in names)
    found = differences((Transition(),), (Transition(assessments=rows),))

    assert len([one for one in found if (one.field or "").startswith("assessments[")]) == 3


def test_a_form_that_is_added_or_left_out() -> None:
    """A form that one of the two IEPs lacks is one difference, with the area of an instructional plan."""
    plan = InstructionalPlan(area="reading", annual_goal="Reads 90 words a minute.")
    added, gone = differences((Accommodations(none_needed=True),), (plan,))
    assert (gone.form, gone.field) == ("ACC", None)
    assert isinstance(gone.before, dict)
    assert gone.before["none_needed"] is True
    assert (added.form, added.area, added.before, added.field) == ("IPL", "reading", None, None)


def test_lists_and_yes_or_no() -> None:
    """A list is compared as a whole. Yes and no are words."""
    instruction, none_needed = found(ACC=Accommodations(none_needed=True))
    assert (instruction.before, instruction.after) == (["extended time"], None)
    assert (none_needed.before_words, none_needed.after_words) == ("no", "yes")


def test_a_row_is_compared_with_the_row_of_its_name() -> None:
    """A changed goal, a new special factor and the scores of a break are said in words."""
    text = "Works in a bakery for 20 hours a week."
    goals = (TRANSITION.goals[0], TRANSITION.goals[1].model_copy(update={"text": text}))
    (changed,) = differences((TRANSITION,), (TRANSITION.model_copy(update={"goals": goals}),))
    assert (changed.field, changed.after_words) == ("goals[employment].text", text)

    factor = SpecialFactor(factor="braille", plan="All materials in braille.")
    (added,) = differences((GeneralInformation(),), (GeneralInformation(special_factors=(factor,)),))
    assert (added.field, added.before_words) == ("special_factors[braille]", None)
    assert added.after_words == "braille; All materials in braille."

    pause = BreakScores(break_began_on=FIRST, break_ended_on=LATER, before=(50, 52), after=(40, 41))
    (scores,) = differences((ExtendedSchoolYear(),), (ExtendedSchoolYear(breaks=(pause,)),))
    assert scores.after_words == "2017-05-22; 2017-09-18; 50, 52; 40, 41"
