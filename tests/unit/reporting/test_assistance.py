"""Technical assistance: sizes, limits, and when a number is a need."""

from fractions import Fraction

import pytest

from services.reporting.domain.assistance import InTime, Lea, Limits, State, needs, size_of, tenths

MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]
LIMITS = Limits(10, 90)


def lea(code: str, inside: int = 20, due: int = 20, students: int = 100, coordinators: int = 4) -> Lea:
    """An LEA with cases of one kind in June."""
    one = Lea(code, students, 0, {f"C-{number}" for number in range(coordinators)})
    one.add("IEP review", MONTHS[5], InTime(inside, due))
    return one


def found(*leas: Lea) -> list[tuple[str, str]]:
    """The LEA and the analysis of each need."""
    state = State({one.lea: one for one in leas})
    return [(one.lea, one.analysis) for one in needs(state, MONTHS, LIMITS)]


@pytest.mark.parametrize(
    ("students", "size"),
    [
        (0, "under 250 students"),
        (249, "under 250 students"),
        (250, "250 to 999 students"),
        (2999, "1,000 to 2,999 students"),
        (3000, "3,000 students or more"),
    ],
)
def test_an_lea_has_the_size_of_its_students(students: int, size: str) -> None:
    """Each limit begins a size."""
    assert size_of(students) == size


def test_numbers_are_rounded_half_up_and_only_when_shown() -> None:
    """89.96 percent is shown as 90.0 and is still below the limit of 90."""
    assert tenths(Fraction(1, 3), 100) == "33.3"
    assert tenths(Fraction(5, 100)) == "0.1"
    assert tenths(None) == "-"
    assert tenths(Fraction(8996, 10000), 100) == "90.0"
    assert found(lea("017", 8996, 10000)) == [("017", "timeliness")]
    assert found(lea("017", 9000, 10000)) == []


def test_few_cases_are_no_finding() -> None:
    """A need rests on at least as many due cases as the limit says."""
    assert found(lea("017", 0, 9)) == []
    assert found(lea("017", 0, 10)) == [("017", "timeliness")]


def test_two_other_leas_are_too_few_to_compare_with() -> None:
    """With three others of its size, an LEA with half as many coordinators again has a need."""
    large = lea("017", coordinators=2)
    others = [lea("026"), lea("036"), lea("009")]
    assert found(large, *others[:2]) == []
    assert found(large, *others) == [("017", "caseload")]
    assert found(large, *others[:2], lea("040", students=2500)) == [], "another size"


def test_a_rule_is_a_finding_if_it_refuses_twice_as_often() -> None:
    """19 refusals beside 10 in each other LEA of as many students are none; 20 are one."""
    for commands, expected in ((19, []), (20, [("017", "refusals")])):
        one, *others = (lea(code) for code in ("017", "026", "036", "009"))
        one.refused["IEP-112"] = commands
        for other in others:
            other.refused["IEP-112"] = 10
        assert found(one, *others) == expected


def test_an_lea_alone_compares_with_the_year_before() -> None:
    """Without other LEAs, twice the refusals or half as many students again of a year before are a need."""
    one, before = lea("017", coordinators=2), lea("017", inside=19)
    one.refused["IEP-112"], before.refused["IEP-112"] = 10, 5
    assert {
        each.analysis: each.sentence for each in needs(State({"017": one}, {"017": before}), MONTHS, LIMITS)
    } == {
        "refusals": "The rule IEP-112 refused 10 commands: 10.0 for each 100 students."
        " A year before it was 5.0.",
        "caseload": "A coordinator has 50.0 students on average. A year before it was 25.0.",
    }
    late = State({"017": lea("017", inside=10)}, {"017": before})
    [found_late] = needs(late, MONTHS, LIMITS)
    assert found_late.sentence.endswith("were in time: 50.0 percent. A year before it was 95.0.")


def test_the_trend_compares_three_months_with_those_before() -> None:
    """A fall by ten points is a need."""
    for inside, expected in ((19, []), (18, [("017", "trend")])):
        one = lea("017", 20, 20)
        one.add("re-evaluation", MONTHS[10], InTime(inside, 20))
        assert found(one) == expected
