"""The checks of a federal file find what is wrong, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.jurisdiction import SchoolDirectory, SchoolSite
from services.chassis.answering.http import Problem
from services.reporting.domain.federal.checks import CHECKS, Draft
from services.reporting.domain.federal.comparison import LastYear, subtotals
from services.reporting.domain.federal.declarations import Declarations
from services.reporting.domain.federal.directory import Directory, directory, read
from services.reporting.domain.federal.levels import at_level, units_with_totals
from services.reporting.domain.federal.population import Population
from services.reporting.domain.federal.rows import DataRow, Tallies, Unit, data_rows
from services.reporting.domain.federal.specification import Level, specification
from services.reporting.domain.federal.text import Format, submission_file, subtotals_in
from services.reporting.domain.race import MISSING
from services.reporting.queries.federal import without_errors

DAY = date(2024, 10, 1)
OF = specification("002", 2024)
DECLARED = Declarations()
SCHOOL = Unit("017", "017003")


def values(**given: str) -> tuple[str, ...]:
    """The values of a student of eight with a learning disability, or these."""
    usual = {"race": "BL7", "sex": "M", "el": "NLEP", "disability": "SLD", "age": "8", "environment": "RC80"}
    return tuple((usual | given)[category] for category in OF.categories)


USUAL: Tallies = {(SCHOOL, values()): 40, (Unit("026", "026001"), values(sex="F")): 2}


def draft(
    tallies: Tallies = USUAL,
    level: Level = Level.STATE,
    units: Directory | None = None,
    before: Tallies | None = None,
) -> Draft:
    """The file of some students. `before`: those of the year before."""
    there = at_level(OF, level, tallies, units or Directory(), DAY)
    rows = list(data_rows(OF, level, there.tallies, DECLARED))
    old = specification("002", 2023)
    rows_before = list(data_rows(old, level, before or tallies, DECLARED))
    whole = sum(tallies.values())
    population = Population(DAY, tallies, {}, files=whole, counted=whole)
    return Draft(
        specification=OF,
        level=level,
        declared=DECLARED,
        file=submission_file(
            OF, level, rows, DECLARED, version=1, made_at=datetime(2025, 1, 2, tzinfo=UTC), form=Format.CSV
        ),
        population=population,
        left_out=there.left_out,
        last_year=LastYear("2023-24", False, len(rows_before), subtotals(old, rows_before)),
        complete=True,
    )


def with_rows(of: Draft, rows: Sequence[DataRow]) -> Draft:
    """The same file with other rows and a header that says their number."""
    header = (of.file.header[0], str(len(rows)), *of.file.header[2:])
    return replace(of, file=replace(of.file, rows=rows, header=header))


def with_population(of: Draft, **changes: Any) -> Draft:
    """The same file, of another population."""
    return replace(of, population=replace(of.population, **changes))


def found(of: Draft) -> Mapping[str, int]:
    """The number of findings of each check that found something."""
    numbers = {check.number: len(list(check.look(of))) for check in CHECKS}
    return {number: findings for number, findings in numbers.items() if findings}


@pytest.mark.parametrize("level", Level)
def test_a_right_file_has_no_finding(level: Level) -> None:
    """A file of every level passes every check."""
    assert found(draft(level=level)) == {}


def test_a_set_that_does_not_add_up() -> None:
    """C1 finds a row with another number; C7 and C8 compare only with last year."""
    of = draft()
    place = next(place for place, row in enumerate(of.file.rows) if row.combination == ("SLD",))
    changed = [*of.file.rows[:place], of.file.rows[place]._replace(amount=41), *of.file.rows[place + 1 :]]
    assert found(with_rows(of, changed)) == {"C1": 1}


def test_a_row_that_is_there_twice_or_not_permitted() -> None:
    """C2 finds both; the first breaks the sum, too."""
    of = draft(level=Level.LEA)
    rows = list(of.file.rows)
    assert found(with_rows(of, [*rows, rows[0]])) == {"C1": 1, "C2": 1}
    foreign = [row._replace(combination=("X",)) if row.category_set.name == "ST4" else row for row in rows]
    assert found(with_rows(of, foreign))["C2"] == 2


def test_a_file_without_its_form() -> None:
    """C3 finds another number of records in the header, a long name, and a separator."""
    of = draft(level=Level.LEA)
    long = replace(of.file, name="x" * 26, header=("", "1", *of.file.header[2:]))
    commas = [row._replace(unit=Unit("0,7")) for row in of.file.rows]
    assert found(replace(of, file=long)) == {"C3": 2}
    assert found(with_rows(of, commas))["C3"] == 1


def test_a_combination_that_cannot_be() -> None:
    """C4 finds developmental delay at ten."""
    of = draft({(SCHOOL, values(disability="DD", age="10")): 1}, Level.LEA)
    assert found(of) == {"C4": 1}


def test_the_state_without_a_row() -> None:
    """C5 finds a possible combination that the state's file lacks."""
    of = draft()
    assert found(with_rows(of, [row for row in of.file.rows if row.combination != ("HI7",)])) == {
        "C5": 1,
        "C8": 1,
    }


def test_levels_that_disagree() -> None:
    """C6 finds children without a reason to be left out."""
    assert found(
        with_population(draft(level=Level.LEA), tallies={**USUAL, (SCHOOL, values(age="9")): 1})
    ) == {"C6": 1}


def test_a_change_since_last_year() -> None:
    """C7 finds a change of more than 20 % and more than 20 children; C8 what is empty now."""
    fewer = draft({(SCHOOL, values()): 40}, before={(SCHOOL, values()): 18, (SCHOOL, values(sex="F")): 1})
    assert found(fewer) == {"C7": 8, "C8": 1}
    assert "C7" not in found(draft({(SCHOOL, values()): 40}, before={(SCHOOL, values()): 20}))
    assert "C7" not in found(draft({(SCHOOL, values()): 140}, before={(SCHOOL, values()): 118}))


def test_a_file_without_the_year_before() -> None:
    """Without last year's layout nothing is compared."""
    assert found(replace(draft(), last_year=None)) == {}


def test_units_that_the_directory_does_not_have() -> None:
    """C9 names the LEA that is not reported, the closed school, and an LEA's children without a school."""
    units = read(
        "lea,school,reported,open_from,open_through,grades\n"
        "026,,no,,,\n"
        "017,017003,yes,2010-07-01,2024-06-30,\n"
        "017,017009,yes,,,PK\n"
        "017,017010,yes,,,KG 01\n"
    )
    tallies = {**USUAL, (Unit("017"), values()): 1, (SCHOOL, values(environment="HH")): 5}
    lea, school = (draft(tallies, level, units) for level in (Level.LEA, Level.SCHOOL))
    assert (found(lea)["C9"], lea.children) == (1, 46)
    reasons = {(one.rule.code, str(one.unit)): one.children for one in school.left_out}
    assert reasons == {
        ("RPT-430", "026"): 2,
        ("RPT-431", "017"): 5,
        ("RPT-433", "017003"): 40,
        ("RPT-434", "017"): 1,
    }
    assert found(school)["C9"] == 3
    assert [one.school for one in units_with_totals(OF, Level.SCHOOL, units, DAY)] == ["017010"]
    assert Unit("026") not in list(units_with_totals(OF, Level.LEA, units, DAY))


def test_registered_schools_are_units_of_their_time() -> None:
    """A school that the state has registered has a total while it is open. The file of the directory goes
    before: it may say that a school is not reported."""
    opened = SchoolSite(school="017003", label="Third", open_on=date(2000, 7, 1))
    closed = SchoolSite(
        school="017004", label="Fourth", open_on=date(2000, 7, 1), closed_on=date(2020, 6, 30)
    )
    sites = SchoolDirectory(revision=1, lea="017", sites=(opened, closed))
    units = list(units_with_totals(OF, Level.SCHOOL, directory((sites,)), DAY))
    assert units == [Unit("017", "017003")]
    text = "lea,school,reported,open_from,open_through,grades\n017,017003,no,,,\n"
    assert not list(read(text, directory((sites,)).schools(DAY)).schools(DAY))


def test_a_directory_that_cannot_be_read() -> None:
    """A line of the directory says yes or no, and its days are days."""
    with pytest.raises(ValueError, match="must be yes or no"):
        read("lea,school,reported,open_from,open_through,grades\n017,,maybe,,,\n")


def test_missing_values_and_grades() -> None:
    """C10 says how many have no race; C11 how many have no grade."""
    of = draft({(SCHOOL, values(race=MISSING)): 3, (SCHOOL, values()): 1})
    assert found(with_population(of, ungraded=2)) == {"C10": 1, "C11": 1}


def test_files_that_disagree_with_the_count() -> None:
    """C12 finds a child that a file has and the count has not."""
    assert found(with_population(draft(), counted=41)) == {"C12": 1}


def test_missing_events() -> None:
    """C14 warns of missing events."""
    assert found(replace(draft(), complete=False)) == {"C14": 1}


def test_an_error_stops_the_file() -> None:
    """Every check that stops a file gives its finding to the user."""
    of = draft(level=Level.LEA)
    rows = list(of.file.rows)
    foreign = {"C1": with_rows(of, [*rows, rows[0]]), "C2": with_rows(of, [*rows, rows[0]])}
    wrong = foreign | {
        "C3": replace(of, file=replace(of.file, name="x" * 26)),
        "C4": draft({(SCHOOL, values(disability="DD", age="10")): 1}, Level.LEA),
        "C5": with_rows(draft(), draft().file.rows[1:]),
        "C6": with_population(of, tallies={}),
        "C12": with_population(of, counted=1),
    }
    for number, bad in wrong.items():
        check = next(one for one in CHECKS if one.number == number)
        with pytest.raises(Problem) as refused:
            without_errors(list(check.look(bad)))
        assert [one.code for one in refused.value.findings] == [check.rule.code]
    without_errors([])


def test_the_subtotals_of_a_kept_file() -> None:
    """The subtotals read back from the text of a file are those of its rows."""
    of = draft(level=Level.LEA)
    for form in Format:
        again = list(subtotals_in(OF, of.file.text(form), form))
        assert subtotals(OF, again) == subtotals(OF, of.file.rows)
