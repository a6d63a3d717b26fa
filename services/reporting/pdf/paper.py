"""Pages on paper: heads and feet, headings, and tables that repeat their column heads on each page."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from fpdf import FPDF
from fpdf.prefs import ViewerPreferences
from fpdf.svg import SVGObject

from services.reporting.pdf.tags import Tag, Tags
from services.reporting.pdf.widths import natural, places, wrapped

_FONTS = Path(__file__).parent / "fonts"
_FONT = "source-sans"
_MARGIN, _HEAD, _FOOT = 13.0, 9.0, 9.0
_SMALL, _PLAIN, _LARGE, _TITLE = 7.5, 8.5, 11.0, 15.0
_LINE = 3.4
_OF_PAGE = 30.0
_OF_HEADING = 18.0
_PIXEL = 0.75
_PAD = 0.8
_SAMPLE = 400
_WORDS = re.compile("<(title|desc)>.*?</\\1>")
"""What a picture says to screen readers. A tag says it on paper, and fpdf2 warns of each."""
_GREY, _BLACK, _STRIPE = 90, 0, 243
_XMP = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF>"""


class Head(NamedTuple):
    """A column's label. `number`: its texts stand at the right."""

    label: str
    number: bool


class Paper(FPDF):
    """A document in US Letter. `about`: the right of each page's head. `by`: the left of its foot."""

    def __init__(self, title: str, about: str, by: str, made_at: datetime, *, wide: bool) -> None:
        super().__init__(orientation="landscape" if wide else "portrait", unit="mm", format="letter")
        self._running, self._about, self._by = title, about, by
        self.tags = Tags()
        self.struct_builder = self.tags
        self.add_font(_FONT, "", _FONTS / "SourceSans3-Regular.ttf")
        self.add_font(_FONT, "B", _FONTS / "SourceSans3-Bold.ttf")
        self.set_margins(_MARGIN, _MARGIN + _HEAD, _MARGIN)
        self.set_auto_page_break(False)
        self.set_lang("en-US")
        self.set_title(title)
        self.set_creation_date(made_at)
        self.set_xmp_metadata(_XMP.format(title=escape(title)))
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._letter = lru_cache(10_000)(self._measured)
        self.add_page()

    @property
    def room(self) -> float:
        """The width between the margins in millimeters."""
        return float(self.epw)

    def header(self) -> None:
        """The head of a page. Screen readers skip it: its facts stand in the document, too."""
        with self._skipped():
            self._write(_MARGIN, _MARGIN + 2, self._running, "B")
            self._write(self.w - _MARGIN - self._measured(self._about, ""), _MARGIN + 2, self._about)
            self.set_draw_color(_GREY)
            self.line(_MARGIN, _MARGIN + 4, self.w - _MARGIN, _MARGIN + 4)

    def footer(self) -> None:
        """The foot of a page: who asked, and which page of how many."""
        with self._skipped():
            self._write(_MARGIN, self.h - _MARGIN, self._by)
            self.set_xy(self.w - _MARGIN - _OF_PAGE, self.h - _MARGIN - _LINE + _PAD)
            self.cell(_OF_PAGE, _LINE, f"Page {self.page} of {{nb}}", align="R")

    def heading(self, text: str, level: int) -> None:
        """A heading; level 1 is the document's."""
        size = _TITLE if level == 1 else _LARGE
        self._need(size + 12)
        self.y += 0 if level == 1 else 5
        self._block(f"H{level}", text, size, "B")
        self.y += 1.5

    def paragraph(self, text: str) -> None:
        """A paragraph over the whole width."""
        self._block("P", text, _PLAIN, "")
        self.y += 1

    def chart(self, text: str, level: int, svg: str, said: str) -> None:
        """A chart under its heading, both on one page. `said`: what a screen reader says of it."""
        black = _WORDS.sub("", svg).replace("currentColor", "#000")
        drawn = SVGObject(black.replace("<svg ", f'<svg font-family="{_FONT}" ', 1).encode())
        drawn.width, drawn.height = float(drawn.width or 0) * _PIXEL, float(drawn.height or 0) * _PIXEL
        height = drawn.height / self.k
        self._need(height + _OF_HEADING)
        self.heading(text, level)
        tag = self.tags.open(self, "Figure", said=said)
        self.set_font(_FONT, "", _SMALL)
        with self.marked(tag):
            drawn.draw_to_page(self, _MARGIN, self.y)
        self.set_y(self.y + height + 3)

    def table(self, heads: Sequence[Head], rows: Iterable[Sequence[str]]) -> None:  # type: ignore[override]
        """A table. The widths follow its first rows. A row stays on one page."""
        remaining = iter(rows)
        first = list(islice(remaining, _SAMPLE))
        table = _Table(self, heads, first)
        for number, row in enumerate(chain(first, remaining)):
            table.row(row, number)
        self.y += 2

    def _block(self, kind: str, text: str, size: float, style: str) -> None:
        tag = self.tags.open(self, kind)
        height = size * 0.45
        self.set_font(_FONT, style, size)
        lines = wrapped(text, self.room, self.get_string_width)
        with self.marked(tag):
            for line in lines:
                self.y += height
                self.text(_MARGIN, self.y, f"{line} ")

    def _need(self, height: float) -> bool:
        """Begin a page if this one has less height left."""
        if self.y + height <= self.h - _MARGIN - _FOOT + 4:
            return False
        self.add_page()
        return True

    @contextmanager
    def marked(self, tag: Tag) -> Iterator[None]:
        """What is written now is the element's text."""
        self._out(f"{tag.s} <</MCID {self.tags.text(self, tag)}>> BDC")
        yield
        self._out("EMC")

    @contextmanager
    def _skipped(self) -> Iterator[None]:
        """What is written now is no part of the document's text."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def _write(self, left: float, y: float, text: str, style: str = "") -> None:
        self.set_font(_FONT, style, _SMALL)
        self.text(left, y, text)

    def _measured(self, text: str, style: str) -> float:
        with self.local_context():
            self.set_font(_FONT, style, _SMALL)
            return float(self.get_string_width(text))

    def plain(self, text: str) -> float:
        """The width of a text in a table's row."""
        return self.width(text, "")

    def bold(self, text: str) -> float:
        """The width of a text in a table's head."""
        return self.width(text, "B")

    def width(self, text: str, style: str) -> float:
        """The width of a text in a table."""
        return sum(self._letter(letter, style) for letter in text)


class _Table:
    """A table under way: its place on the pages, and its element."""

    def __init__(self, paper: Paper, heads: Sequence[Head], first: Sequence[Sequence[str]]) -> None:
        self._paper, self._heads = paper, heads
        labels = [head.label for head in heads]
        of_labels = natural(labels, [], paper.bold)
        of_rows = natural(labels, first, paper.plain)
        self._places = places([max(pair) for pair in zip(of_labels, of_rows, strict=True)], paper.room)
        self._labels = [wrapped(text, self._places[n].width, paper.bold) for n, text in enumerate(labels)]
        paper._need(self._height(self._labels) + 4 * _LINE)
        self._tag = paper.tags.open(paper, "Table")
        line = paper.tags.open(paper, "TR", paper.tags.open(paper, "THead", self._tag))
        self._head([paper.tags.open(paper, "TH", line) for _ in heads])
        self._body = paper.tags.open(paper, "TBody", self._tag)

    def row(self, texts: Sequence[str], number: int) -> None:
        """Write a row. Every other one has a grey ground."""
        paper = self._paper
        cells = [wrapped(text, self._places[n].width, paper.plain) for n, text in enumerate(texts)]
        height = self._height(cells)
        if paper._need(height):
            self._head(None)
        if number % 2:
            with paper._skipped():
                paper.set_fill_color(_STRIPE)
                paper.rect(_MARGIN - 1, paper.y, paper.room + 2, height, style="F")
        line = paper.tags.open(paper, "TR", self._body)
        kinds = ["TH row"] + ["TD"] * (len(cells) - 1)
        self._cells(cells, [paper.tags.open(paper, kind, line) for kind in kinds], "")
        paper.y += height

    def _head(self, tags: Sequence[Tag] | None) -> None:
        """Write the column heads. Without tags: again, on a further page."""
        self._cells(self._labels, tags, "B")
        paper = self._paper
        paper.y += self._height(self._labels)
        with paper._skipped():
            paper.set_draw_color(_BLACK)
            paper.line(_MARGIN, paper.y, paper.w - _MARGIN, paper.y)

    def _cells(self, cells: Sequence[Sequence[str]], tags: Sequence[Tag] | None, style: str) -> None:
        """Write the cells of a row. A screen reader reads the lines of a cell with a space between them."""
        paper, tops = self._paper, self._tops(cells)
        paper.set_font(_FONT, style, _SMALL)
        for column, texts in enumerate(cells):
            if texts == [""]:
                continue
            with paper.marked(tags[column]) if tags else paper._skipped():
                y = paper.y + tops[self._places[column].line] - _PAD / 2
                for text in texts:
                    y += _LINE
                    paper.text(self._left(column, text, style), y, text if text is texts[-1] else f"{text} ")

    def _left(self, column: int, text: str, style: str) -> float:
        place = self._places[column]
        spare = place.width - self._paper.width(text, style) if self._heads[column].number else 0.0
        return _MARGIN + place.left + spare

    def _tops(self, cells: Sequence[Sequence[str]]) -> list[float]:
        """Where each line of columns begins below the row's top; last the row's height."""
        tops = [_PAD / 2]
        for line in range(self._places[-1].line + 1):
            of_line = [one for one, place in zip(cells, self._places, strict=True) if place.line == line]
            blank = line > 0 and all(one == [""] for one in of_line)
            tops.append(tops[-1] + (0 if blank else max(map(len, of_line)) * _LINE))
        return tops

    def _height(self, cells: Sequence[Sequence[str]]) -> float:
        return self._tops(cells)[-1] + _PAD
