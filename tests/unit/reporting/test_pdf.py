"""An answer as PDF: pages, tags, column heads on each page, and the same bytes each time."""

import re
import zlib
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.charts import Bars, as_svg
from services.reporting.pdf.typesetting import typeset
from services.reporting.pdf.widths import INDENT, places, wrapped

FRONT = {
    "title": "Rosters",
    "about": "East Baton Rouge (017) · as of Oct 1, 2017",
    "by": "Asked by 017/a.person",
    "made_at": "2026-11-27T12:00:00+00:00",
    "wide": True,
}
HEADS = {"table": [("State ID", False), ("Name", False), ("Age", True)]}


def document(rows: Sequence[Sequence[str]]) -> bytes:
    return typeset(
        [FRONT, {"heading": "Rosters", "level": 1}, {"paragraph": "Who?"}, HEADS, *map(list, rows)]
    )


def numbers_of(kind: str, content: bytes) -> int:
    return len(re.findall(rb"/Type /StructElem /S /" + kind.encode() + rb" ", content))


def pages_of(content: bytes) -> list[bytes]:
    """What is drawn on each page."""
    streams = re.findall(rb"/FlateDecode.*?stream\n(.*?)\nendstream", content, re.DOTALL)
    drawn = [zlib.decompress(one) for one in streams]
    return [one for one in drawn if b" BDC" in one]


def test_the_same_answer_gives_the_same_bytes_with_a_tag_for_each_cell() -> None:
    """A screen reader finds the document's language, its title, and a table with a head for each column."""
    rows = [(f"{number:010d}", "Nguyễn, Thérèse", "9") for number in range(120)]
    content = document(rows)
    assert content == document(rows)
    assert {kind: numbers_of(kind, content) for kind in ("Table", "TH", "TD", "TR", "H1")} == {
        "Table": 1,
        "TH": 3 + 120,
        "TD": 2 * 120,
        "TR": 121,
        "H1": 1,
    }
    for named in (b"/Lang (en-US)", b"/Marked true", b"/DisplayDocTitle true", b"<pdfuaid:part>1<"):
        assert named in content


def test_each_page_repeats_the_column_heads_and_has_its_number() -> None:
    """A long table goes over pages. What each page repeats is no text of the document."""
    pages = pages_of(document([(f"{number:010d}", "A Name", "9") for number in range(200)]))
    assert len(pages) > 2
    for page in pages[1:]:
        assert page.count(b"/Artifact BMC") > 5
        assert page.count(b"/TH ") == page.count(b"/TD ") / 2


def test_columns_without_room_stand_on_a_further_line() -> None:
    """A row of many columns takes two lines. None stands outside of the page."""
    found = places([40.0] * 8, 180)
    assert [place.line for place in found] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert found[4].left == INDENT
    assert all(place.left + place.width <= 180 for place in found)
    assert places([300.0], 180)[0].width == 180


@given(st.text("ab ", max_size=40), st.integers(1, 12))
def test_a_wrapped_text_keeps_its_letters(text: str, width: int) -> None:
    """No letter is lost, and no line is wider than its column."""
    lines = wrapped(text, width, len)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


def test_a_chart_is_a_figure_with_words() -> None:
    """The largest chart stands above its table, on one page with its heading. A screen reader says which
    table has its numbers."""
    bars = Bars("Reviews", ("a name of a part that takes a line",) * 3, [("017", (3, 1, 2))] * 25, 25)
    chart = {"chart": as_svg(bars), "said": "A chart of Reviews"}
    front = [FRONT, {"paragraph": "Why?"}, {"heading": "Reviews", "level": 2, **chart}]
    content = typeset([*front, HEADS, ["1000000001", "A Name", "9"]])
    assert numbers_of("Figure", content) == 1
    assert b"/Alt " in content
    drawn = [page for page in pages_of(content) if page.count(b" re") >= 75]
    assert len(drawn) == 1
    assert b"/H2 <<" in drawn[0]
    lowest = min(float(y) for y in re.findall(rb" 0?([\d.]+) Td", drawn[0]))
    assert lowest > 0
