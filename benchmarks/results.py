"""What was measured, as it is shown and kept: sentences, tables, and what must be reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from benchmarks.meter import Used

PERCENTILES = (50, 90, 99)


@dataclass(frozen=True)
class Must:
    """A demand on what is measured: `reached` is to be `limit` or more, or (`at_most`) not more than that."""

    what: str
    limit: float
    reached: float
    unit: str = ""
    at_most: bool = False

    @property
    def kept(self) -> bool:
        return self.reached <= self.limit if self.at_most else self.reached >= self.limit

    @property
    def row(self) -> tuple[str, str, str]:
        """What is asked, what was measured, and whether it is reached."""
        sign = "≤" if self.at_most else "≥"
        demanded = f"{self.what} {sign} {_figure(self.limit)}{self.unit}"
        return demanded, f"{_figure(self.reached)}{self.unit}", "reached" if self.kept else "**not reached**"


@dataclass(frozen=True)
class Table:
    """A table; its first column says what each row is about, the others are figures."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """One part's results."""

    title: str
    says: Sequence[str]
    tables: Sequence[Table]
    musts: Sequence[Must] = ()


def usage(measured: Mapping[str, Mapping[str, Used]], messages: Mapping[str, int], each: str) -> Table:
    """Processor time and peak memory by what was measured and by process; `each`: `a command`, `an event`."""
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
    """The smallest value that so many percent of the values do not exceed. There is at least one value."""
    ranked = sorted(values)
    return ranked[max(1, ceil(len(ranked) * percent / 100)) - 1]


def spread(milliseconds: Sequence[float]) -> tuple[str, ...]:
    """Percentiles and the worst, in milliseconds."""
    found = (percentile(milliseconds, percent) for percent in PERCENTILES)
    return tuple(f"{value:.1f}" for value in (*found, max(milliseconds)))


def lines(sections: Sequence[Section], head: Sequence[str], machine: Table) -> Iterator[str]:
    """Everything as Markdown: what must be reached first."""
    yield from ("# Benchmarks", "", *head, "")
    if musts := [must.row for section in sections for must in section.musts]:
        yield from _markdown(Table(("asked of speed", "measured", "reached or not"), musts))
    yield from ("## The machine", "", *_markdown(machine))
    for section in sections:
        yield from (f"## {section.title}", "", *section.says, "")
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
    """Three digits, and whole numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
