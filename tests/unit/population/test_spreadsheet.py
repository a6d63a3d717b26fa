"""Files of cells that a spreadsheet opened and saved."""

import csv
import io

import pytest

from deploy.population.cells_file import read_cells
from deploy.population.findings import CellsRefused
from deploy.population.population import LOUISIANA_2017
from deploy.population.spreadsheet import original_count, original_range
from tests.unit.population.conftest import Sheet

RANGES = ("3-5", "6-21", "6-11", "12-17", "18-21")


@pytest.mark.parametrize(
    ("saved", "original"),
    [
        ("5-Mar", "3-5"),
        ("21-Jun", "6-21"),
        ("11-Jun", "6-11"),
        ("17-Dec", "12-17"),
        ("17-Dec-26", "12-17"),
        ("Jun 21", "6-21"),
        ("21. Jun", "6-21"),
        ("6/21", "6-21"),
        ("6/21/2026", "6-21"),
        ("21/06/2026", "6-21"),
        ("03.05.2026", "3-5"),
        ("2026-06-21", "6-21"),
        ("3-May", "3-5"),
        ("6-Nov", "6-11"),
        ("46194", "6-21"),
    ],
)
def test_a_date_is_recognized_as_a_range_of_ages(saved: str, original: str) -> None:
    """A spreadsheet shows ages 6 to 21 as 21 June. The finding names the range for every date format."""
    assert original_range(saved, RANGES) == original


@pytest.mark.parametrize("saved", ["3-21", "AUT", "21-Jul", "21-Foo", "", "18-21", "12345678"])
def test_other_text_stays_as_it_is(saved: str) -> None:
    """A wrong age group that is no spreadsheet date is reported as it is."""
    assert original_range(saved, RANGES) == saved


@pytest.mark.parametrize(
    ("saved", "original"),
    [
        ("1,234", "1234"),
        ("84,473", "84473"),
        ("1,234.00", "1234"),
        ("1.234", "1234"),
        ("1.234,00", "1234"),
        ("1 234", "1234"),
        ("1\u00a0234", "1234"),
        ("1\u202f234", "1234"),
        ("12.00", "12"),
        ("12,0", "12"),
        ("8.4473E+04", "84473"),
    ],
)
def test_a_formatted_count_is_recognized(saved: str, original: str) -> None:
    """A spreadsheet adds thousands separators or decimals to a count; the count itself is named."""
    assert original_count(saved) == original


@pytest.mark.parametrize("saved", ["12", "-1", "*", "", "12.5", "1,23", "1,2345", "1.5E+00"])
def test_other_counts_stay_as_they_are(saved: str) -> None:
    """Half a child, a masked count or a typing error is not taken for a format."""
    assert original_count(saved) == saved


def test_the_published_file_saved_by_excel_is_refused_with_one_finding(sheet: Sheet) -> None:
    """Each of the 1,076 rows was changed: one finding names the changes and says how to save the file."""
    path = sheet(*(_as_excel_saves(row) for row in LOUISIANA_2017.read_text().splitlines()[1:]))

    with pytest.raises(CellsRefused) as refused:
        read_cells(path)

    [finding] = refused.value.findings
    assert (finding.rule.code, len(finding.lines)) == ("POP-014", 1_076)
    assert "age_group 21-Jun was 6-21 (" in finding.facts
    assert "age_group 5-Mar was 3-5 (" in finding.facts
    assert "value 17-Dec was 12-17 (" in finding.facts
    message = str(refused.value)
    assert "choose 'Do not detect data types', and save it as CSV UTF-8" in message
    assert len(message) < 1_500


def test_a_wrong_code_in_a_changed_file_is_named_too(sheet: Sheet) -> None:
    """One finding names the spreadsheet's changes, and another the faults from before."""
    with pytest.raises(CellsRefused) as refused:
        read_cells(sheet("21-Jun,XXX,,total,,1", '21-Jun,AUT,,total,,"1,234"'))

    found = [(finding.rule.code, finding.lines) for finding in refused.value.findings]
    assert sorted(found) == [("POP-007", (2,)), ("POP-014", (2, 3))]


def _as_excel_saves(row: str) -> str:
    """The row after Excel (English, United States) opened it, showed counts with separators and saved it."""
    dates = {"3-5": "5-Mar", "6-21": "21-Jun", "6-11": "11-Jun", "12-17": "17-Dec"}
    group, disability, environment, breakdown, value, children = row.split(",")
    line = io.StringIO()
    values = [dates[group], disability, environment, breakdown, dates.get(value, value), f"{int(children):,}"]
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()
