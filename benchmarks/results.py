"""The results of a measurement: paragraphs, tables and targets, and their Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from benchmarks.meter import Used

PERCENTILES = (50, 90, 99)


@dataclass(frozen=True)
class Target:
    """A target of speed: `measured` is `limit` or more, or (`at_most`) `limit` or less."""

    what: str
    limit: float
    measured: float
    unit: str = ""
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit

    @property
    def row(self) -> tuple[str, str, str]:
        """The target, the measured value, and whether the target is met."""
        sign = "≤" if self.at_most else "≥"
        target = f"{self.what} {sign} {_figure(self.limit)}{self.unit}"
        return target, f"{_figure(self.measured)}{self.unit}", "met" if self.met else "**missed**"


@dataclass(frozen=True)
class Table:
    """A table. The first column names the row, the others are figures."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """One part's results."""

    title: str
    paragraphs: Sequence[str]
    tables: Sequence[Table]
    targets: Sequence[Target] = ()


def usage(measured: Mapping[str, Mapping[str, Used]], messages: Mapping[str, int], each: str) -> Table:
    """Processor time and peak memory by program and process. `each`: `a command` or `an event`."""
    rows = [
        (
            f"{name}: {process}",
            f"{used.seconds:.1f}",
            f"{1e6 * used.seconds / messages[name]:,.0f}",
            f"{used.memory / 1e6:,.0f}",
        )
        for name, processes in measured.items()
        for process, used in processes.items()
    ]
    return Table(("process", "CPU s", f"CPU µs {each}", "most memory MB"), rows)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` % of the values do not exceed. There is at least
    one value."""
    ranked = sorted(values)
    return ranked[max(1, ceil(len(ranked) * percent / 100)) - 1]


def spread(milliseconds: Sequence[float]) -> tuple[str, ...]:
    """The percentiles and the largest value, in milliseconds."""
    found = (percentile(milliseconds, percent) for percent in PERCENTILES)
    return tuple(f"{value:.1f}" for value in (*found, max(milliseconds)))


def lines(sections: Sequence[Section], head: Sequence[str], machine: Table) -> Iterator[str]:
    """All results as Markdown. The targets come first."""
    yield from ("# Benchmarks", "", *head, "")
    if targets := [target.row for section in sections for target in section.targets]:
        yield from _markdown(Table(("target", "measured", "met or missed"), targets))
    yield from ("## The machine", "", *_markdown(machine))
    for section in sections:
        yield from (f"## {section.title}", "", *section.paragraphs, "")
        for table in section.tables:
            yield from _markdown(table)


def _markdown(table: Table) -> Iterator[str]:
    yield _row(table.columns)
    yield _row(["---", *("--:" for _ in table.columns[1:])])
    yield from map(_row, table.rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(value: float) -> str:
    """A number with three digits. A whole number has no decimals."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
