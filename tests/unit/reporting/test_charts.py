"""Charts: a bar for each LEA, in parts, where there is something to compare."""

from xml.etree import ElementTree as Xml

import pytest

from services.reporting.domain.charts import as_svg, bars_of
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally
from services.reporting.domain.timeliness import LEVEL_COLUMNS, Level, by_level, summary

SVG = "{http://www.w3.org/2000/svg}"


def rows_of(lea: str, verdict: str, number: int, school: str = "") -> list[Judged]:
    values = {"block": "review", "lea": lea, "school": school or None, "coordinator": "x", "days_late": None}
    return [Judged("1000000001", verdict, None, values)] * number


def table_of(*rows: list[Judged], level: Level = Level.LEA) -> Table:
    tally = Tally(("block", "lea", "school", "coordinator", "days_late"))
    tally.add(one for some in rows for one in some)
    return summary(tally, level, "review", "IEP reviews")


def test_a_bar_has_the_numbers_of_its_row_and_the_total_has_none() -> None:
    """East Baton Rouge has three reviews in time and one late, Orleans two in time."""
    bars = bars_of(table_of(rows_of("017", "IN", 3), rows_of("017", "OUT-LATE", 1), rows_of("036", "IN", 2)))
    assert bars is not None
    assert [sizes for _, sizes in bars.bars] == [[3, 1, 0, 0, 0], [2, 0, 0, 0, 0]]
    assert bars.bars[0][0] == "East Baton Rouge (017)"
    assert bars.parts == ["IN", "OUT-LATE", "OUT-OVERDUE", "PENDING", "EXCLUDED"]


def test_the_lowest_level_has_the_bars() -> None:
    """A summary by school has a bar for each school and for no school, and none for their LEA."""
    rows = rows_of("017", "IN", 3, "017012"), rows_of("017", "IN", 2, "017013"), rows_of("017", "IN", 1)
    bars = bars_of(table_of(*rows, level=Level.SCHOOL))
    assert bars is not None
    assert [label for label, _ in bars.bars] == ["017, no school", "017012", "017013"]
    bars = bars_of(table_of(*rows, level=Level.COORDINATOR))
    assert bars is not None
    assert [label for label, _ in bars.bars] == ["017 x", "017012 x", "017013 x"]


def test_numbers_that_count_a_student_twice_are_no_parts_of_a_bar() -> None:
    """*No IEP* counts some of *Students*. The bar shows the students alone."""
    columns = (
        Column("students", "Students", Kind.COUNT, {"verdict": "IN"}),
        Column("no IEP", "No IEP", Kind.COUNT, {"verdict": "IN", "block": "review"}),
    )
    tally = Tally(("block", "lea", "school", "coordinator"))
    tally.add([*rows_of("017", "IN", 3), *rows_of("036", "IN", 2)])
    bars = bars_of(by_level(tally, Level.LEA, "students", "Students", columns))
    assert bars is not None
    assert (bars.parts, [sizes for _, sizes in bars.bars]) == (["Students"], [[3], [2]])


def test_no_chart_if_a_group_has_several_rows() -> None:
    """A table of each LEA's kinds of plan has two rows for an LEA. Two bars of one name would mislead."""
    columns = (*LEVEL_COLUMNS, Column("students", "Students", Kind.COUNT))
    rows = (Row(("LEA", "017", None, None, n), {"lea": "017", "plan_kind": f"{n}"}) for n in (1, 2))
    assert bars_of(Table("plans", "Plans", columns, tuple(rows))) is None


def test_many_names_of_parts_stand_in_several_lines() -> None:
    """No name ends outside the picture. A long name of an LEA keeps its code."""
    bars = bars_of(table_of(rows_of("344", "IN", 3), rows_of("036", "IN", 2)))
    assert bars is not None
    assert bars.bars[1][0] == "Voices for Internat… (344)"
    svg = Xml.fromstring(as_svg(bars._replace(parts=["waits for an answer of the other LEA"] * 5)))
    names = [one for one in svg.iter(f"{SVG}text") if (one.text or "").startswith("waits")]
    assert len({one.get("y") for one in names}) == 5


def test_no_chart_where_nothing_is_to_be_compared() -> None:
    """One LEA, no case at all, or a table that is not by LEA: its numbers say all."""
    assert bars_of(table_of(rows_of("017", "IN", 3))) is None
    assert bars_of(table_of(rows_of("017", "left out", 3), rows_of("036", "left out", 1))) is None
    columns = (Column("reason", "Reason"), Column("rows", "Rows", Kind.COUNT))
    assert bars_of(Table("reasons", "Reasons", columns, (Row(("RPT-204", 1)), Row(("RPT-205", 2))))) is None


def test_of_many_bars_the_largest_are_shown() -> None:
    """A chart has 25 bars at most, and says so. Of many LEAs those without a case have none."""
    codes = [f"{number:03d}" for number in range(1, 61)]
    bars = bars_of(table_of(*(rows_of(code, "IN", number) for number, code in enumerate(codes, 1))))
    assert bars is not None
    assert [sum(sizes) for _, sizes in bars.bars] == list(range(60, 35, -1))
    written = [one.text for one in Xml.fromstring(as_svg(bars)).iter(f"{SVG}text")]
    assert written[-1] == "The 25 largest bars of 60"
    empty = (rows_of(code, "left out", 1) for code in codes[2:])
    bars = bars_of(table_of(rows_of("001", "IN", 1), rows_of("002", "IN", 2), *empty))
    assert bars is not None
    assert (len(bars.bars), bars.of) == (2, 60)


@pytest.mark.parametrize("name", ["017", "<script>&"])
def test_the_picture_says_what_it_shows_and_has_no_script(name: str) -> None:
    """A screen reader finds a title and a description. Each part has an edge, for print in grey."""
    bars = bars_of(table_of(rows_of(name, "IN", 1), rows_of("036", "OUT-LATE", 3)))
    assert bars is not None
    svg = Xml.fromstring(as_svg(bars))
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == "Chart: IEP reviews"
    assert "The table has the numbers" in (svg.findtext(f"{SVG}desc") or "")
    assert {one.tag for one in svg} <= {f"{SVG}{tag}" for tag in ("title", "desc", "rect", "text")}
    assert all(one.get("stroke") == "currentColor" for one in svg.iter(f"{SVG}rect"))
    widths = sorted(float(one.get("width", "")) for one in svg.iter(f"{SVG}rect"))
    assert widths[-1] == pytest.approx(3 * widths[-2], abs=0.2)
