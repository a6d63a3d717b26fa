"""A chart beside its table, as SVG: a bar for each LEA, school or coordinator, in parts.

The table has every number of the chart, so the table is the chart's text for screen readers.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from contracts.codes import LEAS
from services.reporting.domain.tables import Kind, Row, Table, Value

_MOST_BARS = 40
_LEVELS = ("coordinator", "school", "lea")
_WIDTH, _BAR, _STEP = 720, 14, 20
_LEFT, _RIGHT, _TOP = 180, 60, 30
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
    """The bars of a table by LEA, school or coordinator: those of the lowest level, at most the 40 largest.

    None: the table has other rows, or there is nothing to compare.
    """
    names = [column.name for column in table.columns]
    counted = [place for place, column in enumerate(table.columns) if column.kind is Kind.COUNT]
    if "level" not in names or not 2 <= len(counted) <= len(_TONES):
        return None
    found = [
        (label, [_number(row.values[place]) for place in counted]) for label, row in _lowest(table, names)
    ]
    shown = found if len(found) <= _MOST_BARS else sorted(found, key=lambda bar: -sum(bar[1]))[:_MOST_BARS]
    if len(shown) < 2 or not any(any(sizes) for _, sizes in shown):
        return None
    return Bars(table.title, [table.columns[place].label for place in counted], shown, len(found))


def _lowest(table: Table, names: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """The rows of the lowest level, each with its label. The total is no bar."""
    levels = [level for level in _LEVELS if level in names]
    level = next((one for one in levels if any(row.where.get(one) for row in table.rows)), None)
    for row in table.rows:
        if level and row.where.get(level):
            yield _label(level, str(row.where[level])), row


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _label(level: str, code: str) -> str:
    named = str(LEAS.label(code)) if level == "lea" else code
    return named if len(named) <= _LONGEST_LABEL else code[:_LONGEST_LABEL]


def as_svg(chart: Bars) -> str:
    """The chart as SVG, without scripts and styles."""
    height = _TOP + _STEP * len(chart.bars) + 4
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
    _legend(svg, chart.parts)
    longest = max(sum(sizes) for _, sizes in chart.bars)
    for number, (label, sizes) in enumerate(chart.bars):
        _bar(svg, _TOP + number * _STEP, label, sizes, (_WIDTH - _LEFT - _RIGHT) / longest)
    return Xml.tostring(svg, encoding="unicode")


def description(chart: Bars) -> str:
    """What the chart shows, in words."""
    shown = len(chart.bars)
    which = f"The {shown} largest bars of {chart.of}" if shown < chart.of else f"{shown} bars"
    return f"{which}, each in parts: {', '.join(chart.parts)}. The table has the numbers."


def _legend(svg: Xml.Element, parts: Sequence[str]) -> None:
    left = float(_LEFT)
    for tone, part in zip(_TONES, parts, strict=False):
        _part(svg, left, 6, 12, 12, tone)
        _text(svg, left + 17, 16, part)
        left += 17 + _LETTER * len(part) + 20


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
