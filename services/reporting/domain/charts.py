"""A chart beside its table, as SVG: a bar for each LEA, school or coordinator, in parts.

The table has every number of the chart, so the table is the chart's text for screen readers.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from contracts.codes import LEAS
from services.reporting.domain.tables import Kind, Row, Table, Value

_MOST_BARS = 25
"""With its heading a chart has room on one page, also across."""
_LEVELS = ("lea", "school", "coordinator")
_WIDTH, _BAR, _STEP = 720, 14, 20
_LEFT, _RIGHT = 180, 60
_LETTER = 6.8
_LONGEST_LABEL = 26
_TONES = ("#d9e8f6", "#f2b84b", "#a3271b", "#ffffff", "#b5b5b5", "#5b616b")
"""The tones of the parts differ in lightness too, for print in grey. Each part has an edge."""


class Bars(NamedTuple):
    """What a chart shows: its title, the parts' names, and each bar's label with the sizes of its parts.
    `of`: how many bars there would be."""

    title: str
    parts: Sequence[str]
    bars: Sequence[tuple[str, Sequence[int]]]
    of: int


def bars_of(table: Table) -> Bars | None:
    """The bars of a table by LEA, school or coordinator: those of the lowest level. Of many the 25 largest.

    None: the table has other rows, or there is nothing to compare.
    """
    places = _parts(table)
    rows = _lowest(table)
    found = [(_label(row), [_number(row.values[place]) for place in places]) for row in rows]
    shown = found if len(found) <= _MOST_BARS else _largest(found)
    if len(shown) < 2 or not any(any(sizes) for _, sizes in shown):
        return None
    return Bars(table.title, [table.columns[place].label for place in places], shown, len(found))


def _largest(bars: Sequence[tuple[str, Sequence[int]]]) -> Sequence[tuple[str, Sequence[int]]]:
    """At most 25, none of them empty."""
    some = (bar for bar in bars if any(bar[1]))
    return sorted(some, key=lambda bar: -sum(bar[1]))[:_MOST_BARS]


def _parts(table: Table) -> Sequence[int]:
    """The columns whose numbers add up: no row is counted in two of them. Otherwise the first count alone."""
    counted = [place for place, column in enumerate(table.columns) if column.kind is Kind.COUNT]
    pairs = combinations((table.columns[place].where for place in counted), 2)
    apart = len(counted) <= len(_TONES) and all(_exclude(one, other) for one, other in pairs)
    return counted if apart else counted[:1]


def _exclude(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    return any(name in other and other[name] != value for name, value in one.items())


def _lowest(table: Table) -> Sequence[Row]:
    """The rows of the lowest level. None if a group has several rows. The total is no bar."""
    depth = max((_depth(row) for row in table.rows), default=0)
    rows = [row for row in table.rows if depth and _depth(row) == depth]
    groups = {tuple(row.where[level] for level in _LEVELS[:depth]) for row in rows}
    return rows if len(groups) == len(rows) else ()


def _depth(row: Row) -> int:
    """How many levels down the row's group is; 0: the total, or no group."""
    return next((depth for depth, level in enumerate(_LEVELS) if level not in row.where), len(_LEVELS))


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _label(row: Row) -> str:
    lea, school = str(row.where["lea"]), str(row.where.get("school") or "")
    match _depth(row):
        case 1:
            return _cut(str(LEAS.label(lea)), f"… ({lea})")
        case 2:
            return school or f"{lea}, no school"
        case _:
            return _cut(f"{school or lea} {row.where['coordinator']}", "…")


def _cut(text: str, end: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - len(end)]}{end}"


def as_svg(chart: Bars) -> str:
    """The chart as SVG, without scripts and styles."""
    legend, top = _legend(chart.parts)
    shown = len(chart.bars)
    foot = top + _STEP * shown
    height = foot + (_STEP if shown < chart.of else 4)
    svg = Xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "width": str(_WIDTH),
            "height": str(height),
            "role": "img",
            "font-size": "12",
        },
    )
    Xml.SubElement(svg, "title").text = f"Chart: {chart.title}"
    Xml.SubElement(svg, "desc").text = description(chart)
    for tone, (left, line, part) in zip(_TONES, legend, strict=False):
        _part(svg, left, line + 6, 12, 12, tone)
        _text(svg, left + 17, line + 16, part)
    longest = max(sum(sizes) for _, sizes in chart.bars)
    for number, (label, sizes) in enumerate(chart.bars):
        _bar(svg, top + number * _STEP, label, sizes, (_WIDTH - _LEFT - _RIGHT) / longest)
    if shown < chart.of:
        _text(svg, _LEFT, foot + _BAR - 3, _which(chart))
    return Xml.tostring(svg, encoding="unicode")


def description(chart: Bars) -> str:
    """What the chart shows, in words."""
    what = "each in parts: " if len(chart.parts) > 1 else ""
    return f"{_which(chart)}, {what}{', '.join(chart.parts)}. The table has the numbers."


def _which(chart: Bars) -> str:
    shown = len(chart.bars)
    return f"The {shown} largest bars of {chart.of}" if shown < chart.of else f"{shown} bars"


def _legend(parts: Sequence[str]) -> tuple[Sequence[tuple[float, int, str]], int]:
    """Where the name of each part stands, in as many lines as they need, and where the bars begin."""
    found, left, line = [], float(_LEFT), 0
    for part in parts:
        width = 17 + _LETTER * len(part) + 20
        if left > _LEFT and left + width > _WIDTH:
            left, line = float(_LEFT), line + _STEP
        found.append((left, line, part))
        left += width
    return found, line + 30


def _bar(svg: Xml.Element, top: float, label: str, sizes: Sequence[int], scale: float) -> None:
    _text(svg, _LEFT - 8, top + _BAR - 3, label, "end")
    left = float(_LEFT)
    for tone, size in zip(_TONES, sizes, strict=False):
        if size:
            _part(svg, left, top, size * scale, _BAR, tone)
        left += size * scale
    _text(svg, left + 6, top + _BAR - 3, f"{sum(sizes):,}")


def _part(svg: Xml.Element, left: float, top: float, width: float, height: float, tone: str) -> None:
    place = {"x": f"{left:.1f}", "y": f"{top:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    Xml.SubElement(svg, "rect", place | {"fill": tone, "stroke": "currentColor", "stroke-width": "0.7"})


def _text(svg: Xml.Element, left: float, baseline: float, text: str, anchor: str = "start") -> None:
    place = {"x": f"{left:.1f}", "y": f"{baseline:.1f}", "text-anchor": anchor, "fill": "currentColor"}
    Xml.SubElement(svg, "text", place).text = text
