"""Extended school year services: the criterion of eligibility has evidence."""

from datetime import date, timedelta

import pytest

from contracts.calendars import CalendarPublished
from contracts.decision import Accepted
from contracts.forms import BreakScores, ExtendedSchoolYear, ProgramServices
from contracts.message import Record
from services.ieps.domain.validation import Light
from tests.unit.ieps import scenario
from tests.unit.ieps.scenario import MET
from tests.unit.ieps.test_validation import found, validated, with_forms
from tests.unit.scenario import codes

SUMMER = date(2017, 6, 5)
WINTER = BreakScores(
    break_began_on=date(2016, 12, 19),
    break_ended_on=date(2016, 12, 30),
    before=(50, 58),
    after=(44, 57),
)
SPRING = BreakScores(
    break_began_on=date(2017, 4, 10), break_ended_on=date(2017, 4, 14), before=(60, 63), after=(51, 55)
)
ELIGIBLE = ExtendedSchoolYear(
    screened_on=MET,
    eligible=True,
    criterion="regression-recoupment",
    breaks=(WINTER, SPRING),
    decided_on=MET,
    parent_notified_on=MET,
)
IN_SUMMER = scenario.planned("SPE", SUMMER, end_on=date(2017, 6, 30), extended_school_year=True)
PLANNED = ProgramServices(services=(scenario.planned(), IN_SUMMER))


def screened(**changed: object) -> list[Record]:
    """A complete draft for an eligible student, with these changes of the form ESY."""
    return with_forms(ESY=ELIGIBLE.model_copy(update=changed), PRG=PLANNED)


def changed(one: BreakScores, **fields: object) -> BreakScores:
    """The break with these changes."""
    return one.model_copy(update=fields)


def test_regression_after_two_breaks_is_green() -> None:
    """The highest score after each of two breaks is lower than the highest one before it."""
    assert validated(screened()).light is Light.GREEN


def until(day: date) -> BreakScores:
    """The spring break with this last day."""
    return changed(SPRING, break_ended_on=day)


@pytest.mark.parametrize("criterion", ["critical point of instruction", "special circumstances"])
def test_other_criteria_need_evidence_in_words(criterion: str) -> None:
    """The other two criteria need no scores, but the evidence in words."""
    form = ELIGIBLE.model_copy(update={"breaks": (), "evidence": None})
    blank = ExtendedSchoolYear.model_validate(form.model_dump() | {"criterion": criterion})
    told = blank.model_copy(update={"evidence": "Begins to read this spring."})

    assert found(validated(with_forms(ESY=blank, PRG=PLANNED))) == [("IEP-102", "forms.ESY.evidence")]
    assert validated(with_forms(ESY=told, PRG=PLANNED)).light is Light.GREEN


RED: list[tuple[str, str, dict[str, object]]] = [
    ("IEP-102", "criterion", {"criterion": None}),
    ("IEP-102", "decided_on", {"decided_on": None}),
    ("IEP-133", "breaks", {"breaks": (WINTER,)}),
    ("IEP-134", "breaks.1.before", {"breaks": (WINTER, changed(SPRING, before=(63,)))}),
    ("IEP-134", "breaks.0.after", {"breaks": (changed(WINTER, after=(57,)), SPRING)}),
    ("IEP-135", "breaks.0.after", {"breaks": (changed(WINTER, after=(44, 58)), SPRING)}),
    (
        "IEP-136",
        "breaks.1.break_ended_on",
        {"breaks": (WINTER, changed(SPRING, break_ended_on=date(2017, 4, 13)))},
    ),
    (
        "IEP-136",
        "breaks.1.break_ended_on",
        {"breaks": (WINTER, changed(SPRING, break_ended_on=date(2017, 4, 3)))},
    ),
    ("IEP-137", "decided_on", {"decided_on": SUMMER}),
    ("IEP-139", "eligible", {"eligible": False}),
]


@pytest.mark.parametrize(("code", "field", "fields"), RED)
def test_eligibility_without_evidence_is_red(code: str, field: str, fields: dict[str, object]) -> None:
    """Eligibility needs a criterion, scores around two breaks of a week, and a decision before summer."""
    history = screened(**fields)

    assert found(validated(history)) == [(code, f"forms.ESY.{field}")]
    assert codes(scenario.decide(history, scenario.make_official())) == {code}


@pytest.mark.parametrize(
    ("code", "field", "history"),
    [
        ("IEP-103", "parent_notified_on", screened(parent_notified_on=None)),
        ("IEP-138", "eligible", with_forms(ESY=ELIGIBLE)),
    ],
)
def test_what_follows_from_eligibility_warns(code: str, field: str, history: list[Record]) -> None:
    """A parent who was not notified and a summer without services are warned of."""
    assert found(validated(history)) == [(code, f"forms.ESY.{field}")]
    assert isinstance(scenario.decide(history, scenario.make_official()), Accepted)


def published(year: int, *terms: tuple[date, date]) -> Record:
    """The state's calendar of a year with these school terms, and no school in the week of 10 April 2017."""
    days = [date(2017, 4, day) for day in range(10, 15)] if year == 2017 else []
    return CalendarPublished.model_validate(
        {
            "year": str(year),
            "revision": 1,
            "published_on": date(2016, 6, 1),
            "source": "project",
            "days": [{"day": day, "reason": "spring break", "business": True} for day in days],
            "terms": [{"begin_on": first, "end_on": last} for first, last in terms],
        }
    )


OF_2016 = published(2016, (date(2016, 8, 11), date(2016, 12, 16)))
OF_2017 = published(2017, (date(2017, 1, 4), date(2017, 5, 26)))


def test_breaks_that_agree_with_the_calendar_pass() -> None:
    """The schools taught on no day of the winter break and of the spring break."""
    assert validated([*screened(), OF_2016, OF_2017]).light is Light.GREEN


def test_a_break_with_school_days_is_warned_of() -> None:
    """The winter break is entered from a Monday on which schools taught. It may still pass: a storm may have
    closed one school."""
    early = changed(WINTER, break_began_on=date(2016, 12, 12))
    history = [*screened(breaks=(early, SPRING)), OF_2016, OF_2017]
    (finding,) = validated(history).findings
    assert (finding.code, finding.field) == ("IEP-164", "forms.ESY.breaks.0.break_began_on")
    assert finding.message == (
        "The state's calendar has 5 school days in the break from 2016-12-12 through 2016-12-30, the first on"
        " 2016-12-12."
    )
    decision = scenario.decide(history, scenario.make_official())
    assert isinstance(decision, Accepted)
    assert codes(decision) == {"IEP-164"}


def test_a_calendar_without_terms_says_nothing_about_a_break() -> None:
    """If a year's school terms are not published, nobody knows its school days."""
    early = changed(WINTER, break_began_on=date(2016, 12, 12))
    for calendars in ([OF_2017], [published(2016), OF_2017]):
        assert validated([*screened(breaks=(early, SPRING)), *calendars]).light is Light.GREEN


def test_a_break_over_a_weekend_has_its_school_days() -> None:
    """From Thursday through Wednesday are five school days; from Friday through Wednesday are four."""
    thursday = date(2017, 4, 6)
    long = changed(SPRING, break_began_on=thursday, break_ended_on=thursday + timedelta(days=6))
    short = changed(long, break_began_on=thursday + timedelta(days=1))

    assert validated(screened(breaks=(WINTER, long))).light is Light.GREEN
    assert found(validated(screened(breaks=(WINTER, short)))) == [
        ("IEP-136", "forms.ESY.breaks.1.break_ended_on")
    ]
