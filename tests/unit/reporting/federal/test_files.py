"""The federal files: which rows each has, and their text."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.domain.federal.declarations import Declarations, combinations
from services.reporting.domain.federal.rows import DataRow, Tallies, Unit, Values, data_rows
from services.reporting.domain.federal.specification import (
    Category,
    Level,
    Specification,
    YearUnknown,
    files,
    known_years,
    specification,
)
from services.reporting.domain.federal.text import Format, SubmissionFile, records_in, submission_file
from services.reporting.domain.race import MISSING

DECLARED = Declarations()
MADE_AT = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)
EVERY_FILE = [(file, year) for file in files() for year in known_years(file)]


def made(of: Specification, level: Level, rows: list[DataRow], form: Format = Format.CSV) -> SubmissionFile:
    """The file of some rows."""
    return submission_file(of, level, rows, DECLARED, version=1, made_at=MADE_AT, form=form)


def values(of: Specification, **given: str) -> Values:
    """A student's values: these, and else the first that is permitted."""
    return tuple(
        given.get(category, of.counted_as[category, of.values[category][0]]) for category in of.values
    )


@pytest.mark.parametrize(("file", "year"), EVERY_FILE)
def test_columns_follow_each_other(file: str, year: int) -> None:
    """Each column of a line of fixed width begins after the one before."""
    position = 1
    for number, column in enumerate(specification(file, year).columns, 1):
        assert (column.number, column.position) == (number, position)
        position += column.width
    assert position - 1 == {"002": 504, "089": 489, "009": 519}[file]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("089", {"CSA": 351, "CSB": 819, "CSC": 18, "CSD": 18, "ST1": 2, "ST2": 3, "ST3": 13, "ST6": 9}),
        ("002", {"CSA": 182, "CSB": 1664, "CSC": 56, "CSE": 416, "ST7": 136, "TOT": 1}),
        ("009", {"CSA": 684, "CSB": 56, "ST1": 8}),
    ],
)
def test_possible_combinations(file: str, expected: dict[str, int]) -> None:
    """The number of combinations that a student can have, for each set of a file."""
    of = specification(file, 2022)
    found = {one.name: len(list(combinations(of, one, DECLARED))) for one in of.sets if one.name in expected}
    assert found == expected


def test_what_the_state_does_not_offer() -> None:
    """Nobody leaves with a certificate that the state does not offer, or too young for a diploma."""
    of = specification("009", 2022)
    [by_age] = [one for one in of.sets if one.name == "CSA"]
    none = set(combinations(of, by_age, Declarations(offers_certificate=False, minimum_age=16)))
    assert {exit_basis for exit_basis, _, _ in none} == set(of.values[Category.EXIT]) - {"RC"}
    assert {age for exit_basis, _, age in none if exit_basis == "GHS"} == {str(n) for n in range(16, 22)}


def test_the_state_has_zero_rows() -> None:
    """The file of the state has a row for each possible combination, and 0 if it has nobody."""
    of = specification("089", 2022)
    rows = list(data_rows(of, Level.STATE, {(Unit("017", "017003"), values(of)): 4}, DECLARED))
    assert len(rows) == 1243
    assert Counter(row.amount for row in rows) == {0: 1243 - len(of.sets), 4: len(of.sets)}


def test_an_lea_has_rows_where_somebody_is() -> None:
    """The files of LEAs and schools have no zero rows but the total of a unit."""
    of = specification("002", 2022)
    tallies: Tallies = {(Unit("017", "017003"), values(of)): 2, (Unit("026"), values(of, race=MISSING)): 1}
    rows = list(data_rows(of, Level.LEA, tallies, DECLARED, [Unit("001"), Unit("017"), Unit("026")]))
    assert [(row.unit.lea, row.amount) for row in rows if row.category_set.name == "TOT"] == [
        ("001", 0),
        ("017", 2),
        ("026", 1),
    ]
    assert all(row.amount for row in rows if row.unit.lea != "001")
    assert {row.combination for row in rows if row.category_set.name == "ST4"} == {("AM7",), (MISSING,)}


@st.composite
def tallied(draw: st.DrawFn) -> tuple[Specification, Tallies]:
    """A file of any year, and students with any possible values in some schools."""
    of = specification(*draw(st.sampled_from(EVERY_FILE)))
    sides = [
        st.sampled_from([of.counted_as[category, value] for value in of.values[category]] + [MISSING])
        for category in of.categories
    ]
    units = st.builds(Unit, st.sampled_from(["001", "017"]), st.sampled_from(["", "1", "2"]))
    return of, draw(st.dictionaries(st.tuples(units, st.tuples(*sides)), st.integers(1, 9), max_size=20))


@settings(max_examples=60, deadline=None)
@given(tallied(), st.sampled_from(Level))
def test_every_set_adds_up(drawn: tuple[Specification, Tallies], level: Level) -> None:
    """Each set of a unit adds up to the unit's total, and no row is there twice."""
    of, tallies = drawn
    rows = list(data_rows(of, level, tallies, DECLARED))
    sums = Counter[tuple[Unit, str]]()
    for row in rows:
        sums[row.unit, row.category_set.name] += row.amount
    for unit in {row.unit for row in rows}:
        students = sum(number for (of_unit, _), number in tallies.items() if of_unit.at(level) == unit)
        assert {sums[unit, one.name] for one in of.sets} == {students}
    assert len({(row.unit, row.category_set.name, row.combination) for row in rows}) == len(rows)


@settings(max_examples=60, deadline=None)
@given(tallied(), st.sampled_from(Format))
def test_a_file_reads_back(drawn: tuple[Specification, Tallies], form: Format) -> None:
    """Every format holds the same records, and its header says how many."""
    of, tallies = drawn
    whole = made(of, Level.LEA, list(data_rows(of, Level.LEA, tallies, DECLARED)), form)
    text = whole.text(form)
    names = [column.name for column in of.columns]
    assert records_in(of, text, form) == [dict(zip(names, fields, strict=True)) for fields in whole.records()]
    assert text.count("\r\n") == len(whole.rows) + 1
    assert whole.header[1] == str(len(whole.rows))
    assert len(whole.name) <= 25


def test_the_text_of_a_row() -> None:
    """A value stands in its own column; the header has five fields."""
    of = specification("009", 2024)
    basis = [
        DataRow(Unit(), of.sets[0], ("GHS", "SLD", "17"), 41),
        DataRow(Unit(), next(one for one in of.sets if one.name == "ST2"), ("18",), 52),
    ]
    assert made(of, Level.STATE, basis).text(Format.CSV).split("\r\n") == [
        "SEA CHILDREN WITH DISAB (IDEA) EXITING SPEC ED,2,LASEAIDEAEXITv000001.csv,"
        "009-11032025-0900,2024-2025",
        "1,22,01,,,IDEAEXITSPED,,,,,,,,,,SLD,17,,,,,GHS,N,,41",
        "2,22,01,,,IDEAEXITSPED,,,,,,,,,,,18,,,,,,Y,,52",
        "",
    ]


def test_a_value_that_was_written_differently() -> None:
    """In 2019-20 the early childhood file wrote MR for intellectual disability."""
    for year, written in ((2019, "MR"), (2020, "ID")):
        of = specification("089", year)
        rows = list(data_rows(of, Level.LEA, {(Unit("017"), values(of, disability="ID")): 1}, DECLARED))
        assert [row.combination for row in rows if row.category_set.name == "ST3"] == [(written,)]


def test_a_year_without_data_is_refused_by_name() -> None:
    """The data say which years they have."""
    with pytest.raises(YearUnknown) as refused:
        specification("002", 2025)
    assert refused.value.known == (2019, 2020, 2021, 2022, 2023, 2024)
