"""Indicator 12: each child on its way from Part C has one letter."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reporting.domain.indicators.part_c import (
    Child,
    Determination,
    Facts,
    Plan,
    considered,
    judge,
)
from services.reporting.domain.indicators.year import read_year

YEAR, RUN = read_year("2024-25"), date(2025, 10, 1)
BORN, BIRTHDAY = date(2022, 2, 10), date(2025, 2, 10)
BEFORE, AFTER = date(2025, 1, 20), date(2025, 2, 11)
FACTS = Facts(served=True, referred_on=date(2024, 9, 1), eligible_for_part_c_on=date(2023, 5, 1))
ELIGIBLE, NOT_ELIGIBLE = Determination(BEFORE, True), Determination(BEFORE, False)
PLAN = Plan(BEFORE, BIRTHDAY, [(BIRTHDAY, BIRTHDAY)])
CHILD = Child(BORN, FACTS, [ELIGIBLE], [PLAN])


def letter(as_of: date = RUN, facts: dict[str, Any] | None = None, **changes: Any) -> str:
    """The letter of a child, or the code of the rule that leaves it out."""
    child = replace(CHILD, **changes)
    if facts is not None and child.facts is not None:
        child = replace(child, facts=replace(child.facts, **facts))
    found = judge(child, YEAR, as_of)
    return found.rule.code if found.rule else str(found.letter)


def test_an_iep_in_use_on_the_birthday_is_in_time() -> None:
    """The first service on the third birthday is in time, and on the next day it is late."""
    assert letter() == "c"
    assert letter(plans=[Plan(BEFORE, BIRTHDAY, [(BIRTHDAY, AFTER)])]) == "late"
    assert letter(plans=[Plan(BEFORE, BIRTHDAY, [(BIRTHDAY, None)])]) == "c"
    assert letter(plans=[Plan(BEFORE, BIRTHDAY)]) == "late"
    assert letter(plans=[Plan(BEFORE, AFTER, [(AFTER, AFTER)])]) == "late"
    assert letter(determinations=[Determination(AFTER, True)]) == "late"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"determinations": [NOT_ELIGIBLE], "plans": []}, "b"),
        ({"determinations": [Determination(AFTER, False)], "plans": []}, "late"),
        ({"plans": [], "facts": {"continues_in_part_c": True}}, "f"),
        ({"plans": [], "facts": {"parent_refusal_on": BEFORE}}, "d"),
        ({"plans": [], "excused": True}, "d"),
        ({"plans": [], "facts": {"eligible_for_part_c_on": date(2024, 11, 12)}}, "late"),
        ({"plans": [], "facts": {"eligible_for_part_c_on": date(2024, 11, 13)}}, "e"),
        ({"plans": [], "facts": {"continues_in_part_c": True, "parent_refusal_on": BEFORE}}, "f"),
        ({"plans": []}, "late"),
        ({"plans": [], "as_of": date(2025, 2, 9)}, "open"),
        ({"facts": {"parent_refusal_on": BEFORE}}, "c"),
        ({"facts": {"served": False}}, "RPT-311"),
        ({"facts": {"referred_on": None}}, "RPT-311"),
        ({"birth_on": None}, "RPT-313"),
        ({"birth_on": date(2021, 6, 30)}, "RPT-312"),
        ({"birth_on": date(2022, 7, 1)}, "RPT-312"),
    ],
)
def test_each_child_has_the_first_letter_that_applies(changes: dict[str, Any], expected: str) -> None:
    """The letters b, c, f, d, e are tried in this order. Found not eligible after the birthday is late."""
    assert letter(**changes) == expected


def test_a_birthday_in_summer_waits_for_the_day_of_the_iep() -> None:
    """After a birthday in July the first service may begin on the day that the IEP names."""
    born, met = date(2021, 7, 20), date(2024, 6, 10)
    school_begins = date(2024, 8, 12)
    summer: dict[str, Any] = {"birth_on": born, "determinations": [Determination(met, True)]}
    assert letter(**summer, plans=[Plan(met, school_begins, [(school_begins, school_begins)])]) == "c"
    assert letter(**summer, plans=[Plan(met, school_begins, [(school_begins, date(2024, 8, 13))])]) == "late"


def test_a_child_of_29_february_turns_three_on_1_march() -> None:
    """In a common year the third birthday is 1 March."""
    assert Child(date(2020, 2, 29), FACTS).third_birthday == date(2023, 3, 1)


def test_who_is_considered() -> None:
    """The indicator looks at children with Part C facts, and at all others who turn three in the year."""
    assert considered(replace(CHILD, facts=None), YEAR)
    assert considered(replace(CHILD, birth_on=None), YEAR)
    assert not considered(Child(date(2010, 1, 1), None), YEAR)
    assert letter(facts=None, birth_on=BORN) == "c"
    assert judge(Child(BORN, None), YEAR, RUN).rule is not None
