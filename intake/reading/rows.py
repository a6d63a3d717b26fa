"""From a row of cells to a row of values, checked with the models of its commands.

A row is *good*: its commands can be sent. Or it is *unread*: an error says why, and nothing of it is sent. Or
it is *repeated*: it says what an earlier row of the file says.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from contracts.errors import Finding, Severity
from contracts.social_security import numbers_in
from intake import rules
from intake.reading.cells import own_id, read_cell
from intake.reading.damage import Dates
from intake.reading.header import Header, plain
from intake.reading.lines import Line
from intake.record_types import ACTION, LEA, ROW_ID, STUDENT, RecordType
from intake.steps import Cells, Filling, Piece, Step
from services.chassis.decoding.bodies import read_body, read_command

REMOVE = "remove"
_GUIDE = "the guide for data managers"
_TOTALS = frozenset(("total", "totals", "grand total", "sum", "subtotal", "count"))


class State(Enum):
    """What became of a row when it was read."""

    GOOD = "good"
    UNREAD = "unread"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file. `line`: its first line. `cells`: as they were sent. `values`: by column."""

    line: int
    cells: tuple[str, ...]
    values: Cells
    findings: tuple[Finding, ...] = ()
    state: State = State.GOOD
    row_id: str = ""

    @property
    def student_id(self) -> str:
        """The student whom the row is about; blank if it cannot be read, or if it is about none."""
        return str(self.values.get(STUDENT) or "")

    @property
    def removes(self) -> bool:
        """Whether the row says that its record should never have been there."""
        return self.values.get(ACTION) == REMOVE

    def key(self, record_type: RecordType) -> tuple[str, ...]:
        """What names the row's record."""
        return tuple(str(self.values.get(name)) for name in record_type.key)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one file of an LEA."""

    record_type: RecordType
    header: Header
    dates: Dates
    lea: str

    def read(self, line: Line) -> Row:
        """The row of a line."""
        if problem := self._misshapen(line):
            return _unread(line, rules.ROW_MISSHAPEN.broken(problem=problem))
        values, findings = self._cells(line)
        findings.extend(self._of_row(values, {one.field for one in findings}))
        if not _errors(findings):
            findings.extend(self._of_models(values))
        state = State.UNREAD if _errors(findings) else State.GOOD
        named = values.pop(ROW_ID, None)
        return Row(line.number, line.cells, values, tuple(findings), state, row_id=str(named or ""))

    def _misshapen(self, line: Line) -> str:
        if line.problem:
            return line.problem
        first = next((cell.strip() for cell in line.cells if cell.strip()), "")
        if first.lower().rstrip(":") in _TOTALS:
            return "it is a row of totals"
        if self.header.again(line.cells):
            return "it is the row of names once more"
        if len(line.cells) != len(self.header.names):
            return f"it has {len(line.cells)} cells, and {len(self.header.names)} columns have names"
        return ""

    def _cells(self, line: Line) -> tuple[dict[str, Any], list[Finding]]:
        values: dict[str, Any] = {}
        findings: list[Finding] = []
        for name, text in zip(self.header.names, line.cells, strict=True):
            if name in (ROW_ID, LEA):
                values[name] = text.strip()
            elif name == ACTION:
                values[name] = plain(text)
            elif name is not None:
                cell = read_cell(text, self.record_type.columns[name], self.dates)
                values[name] = cell.value
                for one in cell.problems:
                    findings.append(one.rule.broken(at=name, column=name, where="", **dict(one.facts)))
        return values, findings

    def _of_row(self, values: Cells, named: set[str | None]) -> Iterator[Finding]:
        """What is wrong with the row as a whole. `named`: columns of which something is said already."""
        removes = (action := values.get(ACTION)) == REMOVE
        if action and not removes:
            yield rules.ACTION_UNKNOWN.broken(at=ACTION)
        if removes and not self.record_type.removal:
            yield rules.NO_REMOVAL.broken(
                at=ACTION, record_type=self.record_type.name, instead=self.record_type.instead
            )
        if (lea := values.get(LEA)) and lea != self.lea:
            yield rules.OTHER_LEA.broken(at=LEA, where="The row", lea=lea[:20], own=self.lea)
        for name in sorted(self._required(values) - named):
            if values.get(name) is None:
                yield rules.CELL_MISSING.broken(at=name, column=name, where="")
        for one, other in () if removes else self.record_type.pairs:
            if not {one, other} & named and (values.get(one) is None) != (values.get(other) is None):
                yield rules.BOTH_OR_NEITHER.broken(at=other, columns=f"`{one}`, `{other}`")

    def _required(self, values: Cells) -> frozenset[str]:
        """The columns that must be filled for the row's key and its commands."""
        return frozenset(self.record_type.key).union(*(one.needed for one in self._fillings(values)))

    def _fillings(self, values: Cells) -> tuple[Filling, ...]:
        piece = self.record_type.piece
        return (piece,) if piece and values.get(ACTION) != REMOVE else steps_of(self.record_type, values)

    def _of_models(self, values: Cells) -> Iterator[Finding]:
        """What the models of the row's commands say; of two commands' equal findings the first."""
        found: dict[tuple[str, str | None], Finding] = {}
        for filling in self._fillings(values):
            for finding in _read(filling, body_of(filling, values, self.lea)):
                at = filling.column_at(finding.field or "") or None
                found.setdefault((finding.code, at), finding.model_copy(update={"field": at}))
        yield from found.values()


def steps_of(record_type: RecordType, values: Cells) -> tuple[Step, ...]:
    """The commands that a row becomes, in order; none if it is a piece of another row's command."""
    if values.get(ACTION) == REMOVE:
        return (record_type.removal,) if record_type.removal else ()
    return tuple(step for step in record_type.steps if step.taken(values))


def body_of(filling: Filling, values: Cells, lea: str) -> dict[str, Any]:
    """The body of a command of an LEA's row, or of its piece of one."""
    student = str(values.get(STUDENT) or "")
    named = {name: own_id(value, name, lea, student) for name in filling.ids if (value := values.get(name))}
    body = filling.body({**values, **named})
    return body | {LEA: lea} if LEA in filling.model.model_fields else body


def _read(filling: Filling, body: dict[str, Any]) -> tuple[Finding, ...]:
    """What is wrong with a body, as the service that decides the command would find it."""
    written = json.dumps(body, ensure_ascii=False).encode()
    match filling:
        case Step():
            command = read_command({filling.command: filling.entry}, filling.command, written)
            return command if isinstance(command, tuple) else ()
        case Piece():
            item = read_body(filling.model, written, _GUIDE)
            return item if isinstance(item, tuple) else tuple(numbers_in(item))
        case _:
            raise TypeError(type(filling).__name__)


def _unread(line: Line, finding: Finding) -> Row:
    return Row(line.number, line.cells, {}, (finding,), State.UNREAD)


def _errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
