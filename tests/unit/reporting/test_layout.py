"""The cells of a child count are the published ones."""

import csv
from datetime import date

import pytest

from deploy.population.population import LOUISIANA_2017
from services.chassis.answering.http import Problem
from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.layout import Breakdown, Cell, Table, cells, disagreements, tables
from services.reporting.queries.child_count import checked

EARLY, SCHOOL = age_groups(date(2017, 10, 1))
ALL = disabilities()


def published() -> set[Cell]:
    """The cells of the published file."""
    return set(published_numbers())


def published_numbers() -> dict[Cell, int]:
    """The published file, in the order of the count's cells."""
    with LOUISIANA_2017.open(encoding="utf-8") as file:
        found = {
            Cell(
                row["age_group"],
                row["disability"] or None,
                row["environment"] or None,
                Breakdown(row["breakdown"]),
                row["value"] or None,
            ): int(row["children"])
            for row in csv.DictReader(file)
        }
    ours = (cell for group in (EARLY, SCHOOL) for cell in cells(group, ALL, {}))
    return {cell: found[cell] for cell in ours if cell in found}


def test_every_published_cell_is_among_them() -> None:
    """The count has every cell that is published for Louisiana."""
    ours = {cell for group in (EARLY, SCHOOL) for cell in cells(group, ALL, {})}
    assert len(published()) == 1076
    assert published() <= ours


def test_no_table_is_invented() -> None:
    """The count has only the published tables of each age group."""
    for group in (EARLY, SCHOOL):
        theirs = {cell.table for cell in published() if cell.age_group == group.name}
        assert set(tables(group)) == theirs


def test_school_age_is_published_whole() -> None:
    """At school age every cell that can hold children is published, with its zero if there are none."""
    ours = set(cells(SCHOOL, ALL, {}))
    assert ours == {cell for cell in published() if cell.age_group == SCHOOL.name}


def test_developmental_delay_has_no_older_band() -> None:
    """A band in which nobody can have a disability has no cell for it."""
    bands = {cell.value for cell in cells(SCHOOL, ("DD",), {}) if cell.breakdown is Breakdown.AGEBAND}
    values = {
        cell.value
        for cell in cells(SCHOOL, ("DD",), {})
        if cell.breakdown is Breakdown.AGEBAND and cell.disability == "DD"
    }
    assert (bands, values) == ({"6-11", "12-17", "18-21"}, {"6-11"})


def test_a_missing_race_has_a_cell_when_there_is_somebody() -> None:
    """Children without a recorded race have a cell, so that the races add up to all children."""
    missing = Cell("6-21", None, None, Breakdown.RACE, "MISSING")
    assert missing not in set(cells(SCHOOL, ALL, {}))
    assert missing in set(cells(SCHOOL, ALL, {missing: 1}))


def test_parts_that_disagree_are_found() -> None:
    """If a table's cells do not add up to the total, a finding names both sums."""
    total = Cell("6-21", None, None, Breakdown.TOTAL, None)
    girls = Cell("6-21", None, None, Breakdown.SEX, "F")
    boys = Cell("6-21", None, None, Breakdown.SEX, "M")
    assert not list(disagreements({total: 3, girls: 1, boys: 2}))
    assert list(disagreements({total: 3, girls: 1, boys: 1})) == [
        ("6-21", Table(False, False, Breakdown.SEX), 2, 3)
    ]


def test_a_count_whose_parts_disagree_is_not_given_out() -> None:
    """Reporting gives no count that contradicts itself."""
    total = Cell("6-21", None, None, Breakdown.TOTAL, None)
    with pytest.raises(Problem) as refusal:
        checked({total: 3, Cell("6-21", None, None, Breakdown.SEX, "F"): 1})
    assert [finding.code for finding in refusal.value.findings] == ["RPT-023"]
    assert checked({total: 0}) == {total: 0}
