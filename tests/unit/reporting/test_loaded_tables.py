"""A loaded table is checked line by line, and each mistake is named with its line."""

import pytest

from contracts.codes import RACES
from services.reporting.domain.loaded_tables import TableName, read

HEADER = "lea,race,children"
LINES = [f"017,{race},{number}" for number, race in enumerate(RACES)]


def wrong(*lines: str, header: str = HEADER, table: TableName = TableName.ENROLMENT) -> list[tuple[str, str]]:
    """The code of each finding, and the line that it names."""
    _, findings = read(table, "\n".join((header, *lines)))
    return [(finding.code, finding.facts.get("line", "")) for finding in findings]


def test_a_whole_table() -> None:
    """A table with a line for every race of its LEAs is right. Blank lines do not matter."""
    lines, findings = read(TableName.ENROLMENT, "\r\n".join((HEADER, *LINES, "")))
    assert (list(findings), len(lines)) == ([], len(RACES))
    assert lines[0] == {"lea": "017", "race": next(iter(RACES)), "children": "0"}
    assert wrong("017,BL7,SLD", "017,BL7,all", header="lea,race,disability", table=TableName.FINDINGS) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["017,BL7"], [("RPT-361", "2")]),
        (
            ["999,BL7,1", "017,XX7,1", "017,BL7,-1", "017,BL7,1.5"],
            [("RPT-362", str(n)) for n in (2, 3, 4, 5)],
        ),
        ([*LINES, LINES[0]], [("RPT-363", "9")]),
        (LINES[1:], [("RPT-364", "")]),
    ],
)
def test_wrong_lines(lines: list[str], expected: list[tuple[str, str]]) -> None:
    """A wrong number of cells, a wrong value, a repeated group, and a race that lacks are findings."""
    assert wrong(*lines) == expected


@pytest.mark.parametrize("header", ["", "lea,race", "race,lea,children", HEADER.upper()])
def test_the_first_line_names_the_columns(header: str) -> None:
    """Without the columns in their order nothing else is looked at."""
    assert wrong(*LINES, header=header) == [("RPT-360", "")]
