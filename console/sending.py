"""Sends what a form asks for, and knows what became of it.

A row is kept before the command is posted. So a lost answer, a second click and a killed console lose
nothing: the same form has the same command id, and SER does a command once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from console.backend import Answer, Services
from console.forms import NumberedCommand, Typed, as_json
from console.person import Person
from console.sealing import Sealer
from console.tables import sent
from console.words import command_label
from contracts.catalog import commands
from contracts.errors import Finding
from contracts.message import Command
from contracts.outcome import Outcome, Status

if TYPE_CHECKING:
    from console.visits import Visit

AGAIN = "again"
"""The parameter of an address that names the command whose form is opened again."""

_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that a person sent, and what SER says of it. `outcome` None: SER has not answered yet."""

    command_id: UUID
    command: str
    subject: str
    page: str
    sent_at: datetime
    outcome: Outcome | None = None
    findings: tuple[Finding, ...] = ()
    status: Status | None = None

    @property
    def label(self) -> str:
        """The command as a screen calls it."""
        return command_label(self.command)

    @property
    def form_address(self) -> str:
        """The address at which the form opens again as it was typed."""
        return f"{self.page}{'&' if '?' in self.page else '?'}{AGAIN}={self.command_id}"

    @property
    def state(self) -> str:
        """One of four words: Sent, Waiting, Done, Refused."""
        match self.outcome.status if self.outcome else self.status:
            case Status.ACCEPTED:
                return "Done"
            case Status.REFUSED:
                return "Refused"
            case Status.HELD:
                return "Waiting"
            case None:
                return "Sent"
            case other:
                assert_never(other)

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("Done", "Refused")

    @property
    def said(self) -> tuple[Finding, ...]:
        """What is wrong, or what the command waits for."""
        return self.outcome.findings if self.outcome else self.findings


class Sending:
    """Sends commands for people, and keeps which ones."""

    def __init__(self, engine: AsyncEngine, sealer: Sealer) -> None:
        self._engine, self._sealer = engine, sealer

    async def send(
        self, visit: "Visit", numbered: Sequence[NumberedCommand], *, chain: bool
    ) -> list[Answer[Outcome]]:
        """Post the commands in their order, each after the answer to the one before.

        `chain`: a refusal ends the sending. Commands that no service took are forgotten if there are no
        others; beside others they are kept as refused, so that the person sees them.
        """
        answers = []
        for one in numbered:
            await self._keep(visit, one)
            answer = await visit.services.post(
                commands()[one.command].owner, one.command, one.command_id, as_json(one)
            )
            answers.append(answer)
            await self._note(visit.person, one, answer)
            if chain and not _taken(answer):
                break
        await self._settle(visit.person, numbered, answers)
        return answers

    async def _settle(
        self, person: Person, numbered: Sequence[NumberedCommand], answers: Sequence[Answer[Outcome]]
    ) -> None:
        pairs = zip(numbered, answers, strict=False)
        unread = [one.command_id for one, answer in pairs if _unread(answer)]
        if not unread:
            return
        rows = sent.c.command_id.in_(unread), sent.c.person == person.key, sent.c.status.is_(None)
        async with self._engine.begin() as database:
            if len(unread) == len(answers):
                await database.execute(sent.delete().where(*rows))
            else:
                values = {"status": Status.REFUSED.value, "answered_at": datetime.now(UTC)}
                await database.execute(update(sent).where(*rows).values(values))

    async def _note(self, person: Person, one: NumberedCommand, answer: Answer[Outcome]) -> None:
        if answer.given is not None and answer.given.status.final:
            await self.note(person, one.command_id, answer.given.status)

    async def note(self, person: Person, command_id: UUID, status: Status) -> None:
        """Keep that a command of the person has its final outcome."""
        values = {"status": status.value, "answered_at": datetime.now(UTC)}
        async with self._engine.begin() as database:
            await database.execute(update(sent).where(_of(person, command_id)).values(values))

    async def named(self, person: Person, services: Services, ids: Sequence[UUID]) -> list[Sent]:
        """The person's own commands with these ids, each with what its service says of it now."""
        rows = {row.command_id: row for row in await self._rows(person, ids)}
        return [await self._now(person, services, rows[one]) for one in ids if one in rows]

    async def latest(self, person: Person) -> list[Sent]:
        """The commands that the person sent in the last seven days, newest first."""
        mine = select(sent).where(sent.c.person == person.key).order_by(sent.c.sent_at.desc())
        async with self._engine.connect() as database:
            return [_sent(row) for row in await database.execute(mine.limit(_MOST_LISTED))]

    async def counts(self, person: Person) -> dict[str, int]:
        """How many of the person's commands wait or were refused, by state."""
        state = func.coalesce(sent.c.status, "waiting")
        mine = select(state, func.count()).where(sent.c.person == person.key).group_by(state)
        async with self._engine.connect() as database:
            return {str(name): int(count) for name, count in await database.execute(mine)}

    async def typed(self, person: Person, command_id: UUID) -> Typed | None:
        """What the person typed into the form that sent a command."""
        rows = await self._rows(person, [command_id])
        found: Typed | None = self._sealer.open(rows[0].typed) if rows else None
        return found

    async def _keep(self, visit: "Visit", one: NumberedCommand) -> None:
        model = commands()[one.command].model
        assert issubclass(model, Command)
        row = {
            "command_id": one.command_id,
            "person": visit.person.key,
            "service": commands()[one.command].owner,
            "command": one.command,
            "subject": model.subject_in(one.body) or "",
            "page": visit.address,
            "typed": self._sealer.seal({name: list(values) for name, values in visit.typed.items()}),
        }
        async with self._engine.begin() as database:
            await database.execute(insert(sent).values(row).on_conflict_do_nothing())

    async def _rows(self, person: Person, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
        mine = select(sent).where(sent.c.command_id.in_(ids), sent.c.person == person.key)
        async with self._engine.connect() as database:
            return (await database.execute(mine)).all()

    async def _now(self, person: Person, services: Services, row: Row[Any]) -> Sent:
        answer = await services.outcome(row.command, row.command_id)
        if answer.given is not None and answer.given.status.final and row.status is None:
            await self.note(person, row.command_id, answer.given.status)
        return _sent(row, answer)


def _of(person: Person, command_id: UUID) -> ColumnElement[bool]:
    """That a row is this command, sent by this person. Another person may send the same id."""
    return and_(sent.c.command_id == command_id, sent.c.person == person.key)


def _sent(row: Row[Any], answer: Answer[Outcome] | None = None) -> Sent:
    return Sent(
        row.command_id,
        row.command,
        row.subject,
        row.page,
        row.sent_at,
        outcome=answer.given if answer else None,
        findings=answer.findings if answer and answer.away else (),
        status=Status(row.status) if row.status else None,
    )


def _unread(answer: Answer[Outcome]) -> bool:
    """Whether the service could not read the command, so that there will be no outcome."""
    return answer.given is None and 400 <= answer.status < 500


def _taken(answer: Answer[Outcome]) -> bool:
    """Whether the service took the command, and has not refused it."""
    if answer.given is None:
        return 200 <= answer.status < 300
    return answer.given.status is not Status.REFUSED
