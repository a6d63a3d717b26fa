"""The rows of one subject, such as a student: each after the outcome of the one before."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.errors import Finding
from contracts.outcome import Outcome, Status
from intake import rules
from intake.planning import Placed, alone, hangs_on
from intake.reading.rows import State
from intake.record_types import RECORD_TYPES
from intake.sending.attempts import Attempt
from intake.sending.dispatch import Bearer, Dispatch, OnTheWay
from intake.sending.ring import Ring
from intake.sending.there import is_added, is_there, profile_of, write_if
from intake.verdicts import Verdict

_OF_STATUS = {Status.ACCEPTED: Verdict.ACCEPTED, Status.REFUSED: Verdict.REFUSED, Status.HELD: Verdict.HELD}
_GOOD = (Verdict.ACCEPTED, Verdict.ALREADY)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a row. `because`: the number of the row on which a skipped one hangs."""

    verdict: Verdict
    findings: tuple[dict[str, Any], ...] = ()
    because: int | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs: the database, the turns, the way to the services; the batch's LEA, id and token."""

    engine: AsyncEngine
    ring: Ring
    dispatch: Dispatch
    held_seconds: float
    lea: str
    batch_id: UUID
    bearer: Bearer

    async def outcome(self, attempt: Attempt) -> Outcome:
        """Send a command. Its final outcome; after `held_seconds`, that it is held."""
        assert attempt.command is not None
        sent = OnTheWay(attempt.command_id, attempt.command, self.bearer, str(self.batch_id))
        try:
            async with self.ring.turn(self.lea):
                await self.dispatch.send(sent)
                first = await sent.first
            if first.status.final:
                return first
            try:
                async with asyncio.timeout(self.held_seconds):
                    return await sent.final
            except TimeoutError:
                return first
        finally:
            self.dispatch.forget(sent)


@dataclass
class Subject:
    """The rows of a subject in the order of the batch, those included that cannot be read."""

    placed: Sequence[Placed]
    judged: dict[int, Judged] = field(default_factory=dict)

    @property
    def good(self) -> list[Placed]:
        """The rows that can be sent."""
        return [one for one in self.placed if one.row.state is State.GOOD]

    async def send(self, attempts: Sequence[Attempt], sender: Sender) -> dict[int, Judged]:
        """Send the commands in order, as far as the rows before were accepted. What became of each row."""
        for one in alone(self.good):
            self.judged[one.number] = self._without_its_row(one)
        for attempt in attempts:
            await self._send(attempt, sender)
        for attempt in attempts:
            self._note_pieces(attempt)
        return self.judged

    async def _send(self, attempt: Attempt, sender: Sender) -> None:
        row = attempt.planned.row
        before = self.judged.get(row.number)
        if before and before.verdict not in _GOOD:
            return
        if (cause := self._cause(attempt)) is not None:
            self.judged[row.number] = Judged(Verdict.SKIPPED, because=cause)
        else:
            self.judged[row.number] = _together(before, await self._judge(attempt, sender))

    async def _judge(self, attempt: Attempt, sender: Sender) -> Judged:
        name = attempt.planned.step.command
        if attempt.command is None:
            return Judged(Verdict.UNREAD, _found(attempt.findings, attempt, ""))
        if attempt.already:
            return Judged(Verdict.ALREADY)
        status, findings = attempt.status, attempt.findings
        if status is None or not status.final:
            outcome = await sender.outcome(attempt)
            status, findings = outcome.status, outcome.findings
        added = is_added(attempt, status, [one.code for one in findings])
        judged = await self._saved(attempt, sender) if added else None
        return judged or Judged(_OF_STATUS[status], _found(findings, attempt, name))

    async def _saved(self, attempt: Attempt, sender: Sender) -> Judged | None:
        """What becomes of the row of a student who is on the record already. None: the record is another
        LEA's."""
        student = attempt.planned.row.row.student_id
        now = await sender.dispatch.profile(student, sender.bearer)
        if now is None:
            return None
        saved = await write_if(sender.engine, sender.batch_id, profile_of(attempt, now), now)
        return await self._judge(saved, sender) if saved else Judged(Verdict.ALREADY)

    def _without_its_row(self, piece: Placed) -> Judged:
        """What becomes of a piece that no command takes in: its row is unread, or is not there."""
        for one in self.placed:
            if one.row.state is State.UNREAD and _may_belong(piece, one):
                return Judged(Verdict.SKIPPED, because=one.number)
        return Judged(Verdict.UNREAD, (_alone(piece),))

    def _note_pieces(self, attempt: Attempt) -> None:
        """A piece has the verdict of the row whose command takes it in. So both come back, and are sent again
        together."""
        number = attempt.planned.row.number
        judged = self.judged[number]
        skipped = Judged(Verdict.SKIPPED, because=judged.because or number)
        for piece in attempt.planned.pieces:
            self.judged[piece.number] = Judged(judged.verdict) if judged.verdict in _GOOD else skipped

    def _cause(self, attempt: Attempt) -> int | None:
        """The row because of which a command is not sent: one that it hangs on, or a piece that is unread."""
        row = attempt.planned.row
        for one in self._failed():
            hangs = one.number < row.number and hangs_on(row, one)
            if hangs or _lacks(attempt, one):
                judged = self.judged.get(one.number)
                return (judged.because if judged else None) or one.number
        return None

    def _failed(self) -> Iterator[Placed]:
        """The rows that are unread, or were not accepted."""
        for one in self.placed:
            judged = self.judged.get(one.number)
            failed = judged and judged.verdict not in _GOOD and not is_there(judged.findings)
            if failed or one.row.state is State.UNREAD:
                yield one


def _lacks(attempt: Attempt, unread: Placed) -> bool:
    """Whether an unread row may be a piece of the command: without it, the command would say less."""
    return unread.row.state is State.UNREAD and _may_belong(unread, attempt.planned.row)


def _may_belong(one: Placed, row: Placed) -> bool:
    """Whether the first may be a piece of the second's command, as far as their keys can be read."""
    piece = one.record_type.piece
    if piece is None or piece.of != row.record_type.name:
        return False
    keys = ((one.row.values.get(name), row.row.values.get(name)) for name in row.record_type.key)
    return all(own is None or other is None or own == other for own, other in keys)


def _together(before: Judged | None, judged: Judged) -> Judged:
    """What became of a row after one more of its commands."""
    if before is None:
        return judged
    verdict = judged.verdict
    if verdict is Verdict.ALREADY:
        verdict = before.verdict
    return Judged(verdict, (*before.findings, *judged.findings), judged.because)


def _found(findings: Sequence[Finding], attempt: Attempt, command: str) -> tuple[dict[str, Any], ...]:
    """The findings as the row has them: at the column in place of the field."""
    return tuple(
        one.model_dump(mode="json")
        | {"field": _column(attempt, one.field) if one.field else None, "command": command or None}
        for one in findings
    )


def _column(attempt: Attempt, field: str) -> str:
    """The column of the row that fills a field. A service may name one that an earlier command filled."""
    own = attempt.planned.step
    for step in (own, *attempt.planned.row.record_type.steps):
        if (name := step.column_at(field)) in step.columns:
            return name
    return own.column_at(field)


def _alone(one: Placed) -> dict[str, Any]:
    piece = one.record_type.piece
    assert piece is not None
    key = ", ".join(f"`{name}`" for name in RECORD_TYPES[piece.of].key)
    return rules.ALONE.broken(of=piece.of, key=key).model_dump(mode="json") | {"command": None}
