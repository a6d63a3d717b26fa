"""The commands of a student's rows, in order, each under an id that follows from what it says.

Rows of pieces, such as the services of an IEP's form PRG, are joined to the row that they belong to. Whatever
is sent twice has the same id, so the service that decides it answers with the first outcome.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from intake.columns import Path
from intake.reading.cells import SAME_RECORD
from intake.reading.rows import Row, body_of, steps_of
from intake.record_types import RecordType
from intake.steps import Piece, Step

_COMMANDS = UUID("0c9d7a52-6c1e-4d0f-8a0b-3b6f4c1a9e57")


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of an LEA's batch, and what it is about. `number`: its place in the batch."""

    lea: str
    record_type: RecordType
    row: Row
    number: int = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        """The commands that the row becomes, in order."""
        return steps_of(self.record_type, self.row.values)


@dataclass(frozen=True, slots=True)
class Planned:
    """A command that a row becomes. `row`: the row; `pieces`: the rows that it takes in."""

    step: Step
    body: Mapping[str, Any]
    row: Placed
    pieces: tuple[Placed, ...] = ()

    def command_id(self, attempt: int) -> UUID:
        """The command's id: the same for the same LEA, record, contents and attempt."""
        said = (
            *(self.row.lea, self.row.record_type.name, self.row.row.key(self.row.record_type)),
            *(self.step.command, self.body, attempt),
        )
        return uuid5(_COMMANDS, json.dumps(said, sort_keys=True))


@dataclass
class _Pieces:
    """The rows of pieces by the record that they belong to, and which of them a row has taken in."""

    rows: Sequence[Placed]
    taken: set[int] = field(default_factory=set)

    def of(self, placed: Placed, step: Step) -> Iterator[Placed]:
        """The rows that belong to a command of a row."""
        for place, one in enumerate(self.rows):
            piece = one.record_type.piece
            if piece and step.command in _takers(piece) and _same_record(placed, one):
                self.taken.add(place)
                yield one


def plan(rows: Iterable[Placed]) -> Iterator[Planned]:
    """The commands of a student's good rows, which are given in the order of the submission.

    Rows of pieces without the row that they belong to have no command here.
    """
    placed = list(rows)
    pieces = _Pieces([one for one in placed if one.record_type.piece and not one.row.removes])
    for one in placed:
        if one.record_type.piece and not one.row.removes:
            continue
        for step in one.steps:
            taken = tuple(pieces.of(one, step))
            body = body_of(step, one.row.values, one.lea)
            for piece in taken:
                _join(body, piece)
            yield Planned(step, body, one, taken)


def alone(rows: Iterable[Placed]) -> Iterator[Placed]:
    """The rows of pieces whose record is in no other row of the student's."""
    placed = list(rows)
    pieces = _Pieces([one for one in placed if one.record_type.piece and not one.row.removes])
    for one in placed:
        for step in () if one.record_type.piece else one.steps:
            list(pieces.of(one, step))
    yield from (one for place, one in enumerate(pieces.rows) if place not in pieces.taken)


def _takers(piece: Piece) -> frozenset[str]:
    """The commands that take a piece in: a draft's forms are those of an amendment, too."""
    return frozenset((piece.command, "AmendIEP") if piece.command == "DraftIEP" else (piece.command,))


def _same_record(placed: Placed, piece: Placed) -> bool:
    key = placed.record_type.key
    return all(placed.row.values.get(name) == piece.row.values.get(name) for name in key)


def _join(body: dict[str, Any], placed: Placed) -> None:
    """Put a piece into the body of the command that it belongs to."""
    piece = placed.record_type.piece
    assert piece is not None
    item = body_of(piece, placed.row.values, placed.lea)
    if piece.at[0] == "forms":
        _join_form(body.setdefault("forms", []), piece.at[1:], item)
    else:
        body.setdefault(piece.at[0], []).append(item)


def _join_form(forms: list[dict[str, Any]], at: Path, item: dict[str, Any]) -> None:
    code, *fields = at
    if not fields:
        forms.append({"form": code, **item})
        return
    form = next((one for one in forms if one["form"] == code), None)
    if form is None:
        forms.append(form := {"form": code})
    form.setdefault(fields[0], []).append(item)


_EVERYTHING_AFTER = ("students", "claims")
"""Record types without which no later row of the student can be right."""


def hangs_on(later: Placed, earlier: Placed) -> bool:
    """Whether a row is skipped if an earlier row of the student was refused.

    It hangs on the student's own row and claim, and on the row that makes a record which it names.
    """
    if earlier.record_type.name in _EVERYTHING_AFTER:
        return later.record_type.name != earlier.record_type.name
    made = earlier.record_type.makes
    if not made:
        return False
    named = earlier.row.values.get(made)
    columns = (made, *(name for name, same in SAME_RECORD.items() if same == made))
    return named is not None and any(later.row.values.get(name) == named for name in columns)
