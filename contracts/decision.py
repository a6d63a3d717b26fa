"""A decider's input (`Known`, `Ask`) and its answers (`Accepted`, `Refused`, `Waiting`, `Begun`).

Plain values: no I/O, no clock.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from contracts.access import Actor
from contracts.errors import Finding, Severity
from contracts.message import EVERY, Command, Guest, Movable, Record

AnyCommand_co = TypeVar("AnyCommand_co", bound=Command, covariant=True)
AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True, slots=True)
class Ask(Generic[AnyCommand_co]):
    """A command for a decider, with its sender, its id and the day on which Kafka received it."""

    command: AnyCommand_co
    actor: Actor
    command_id: UUID
    on: date


@dataclass(frozen=True, slots=True)
class Unread:
    """A record as it was loaded. It is read when a decision asks for it."""

    kind: str
    record_id: str
    revision: int
    read: Callable[[], Record]


class NotOpened(LookupError):
    """A decider asked for a record that `OPENS` does not name, so the store may not have loaded it."""


class Known:
    """The records that one service has about one subject, each in its newest state.

    `one`, `get` and `all` leave out what does not stand here: a record that has moved to another State ID,
    and one that belongs to a State ID whose records this service has not moved here.
    """

    __slots__ = ("_kinds", "_opened", "_others")

    def __init__(self, records: Iterable[Record] = (), others: Mapping[str, "Known"] | None = None) -> None:
        self._kinds: dict[str, dict[str, Record | Unread]] = {}
        self._others = {} if others is None else others
        self._opened: Collection[tuple[str, str]] | None = None
        for record in records:
            self.learn(record)

    def copy(self) -> "Known":
        """An independent copy of the records."""
        copied = Known()
        copied._kinds = {kind: records.copy() for kind, records in self._kinds.items()}
        return copied

    def beside(
        self, others: Mapping[str, "Known"], opened: Collection[tuple[str, str]] | None = None
    ) -> "Known":
        """The same records, with access to other subjects.

        `opened`: kind and id of the records loaded by name that a decider may read.
        """
        beside = Known.__new__(Known)
        beside._kinds, beside._others, beside._opened = self._kinds, others, opened
        return beside

    def of(self, subject: str) -> "Known":
        """The records of another subject, which the command's `LOOKS_AT` names. They may be a moment old.

        KeyError: `LOOKS_AT` does not name the subject.
        """
        return self._others[subject]

    def learn(self, record: Record | Unread, record_id: str | None = None) -> bool:
        """Keep `record` if it is newer than the known state of that record; return whether it was.

        `record_id`: of the record, if the caller has it already.
        """
        name = record.record_id if record_id is None else record_id
        records = self._kinds.setdefault(record.kind, {})
        earlier = records.get(name)
        if earlier is not None and earlier.revision >= record.revision:
            return False
        records[name] = record
        return True

    def revision(self, kind: str, record_id: str) -> int:
        """The newest known revision of a record; 0 for an unknown record."""
        record = self._kinds.get(kind, {}).get(record_id)
        return record.revision if record else 0

    def departed(self, kind: str, record_id: str) -> bool:
        """Whether the newest state of a record says that it has moved to another State ID."""
        record = self._kinds.get(kind, {}).get(record_id)
        return isinstance(record, Movable) and record.moved_to is not None

    def one(self, kind: type[AnyRecord]) -> AnyRecord | None:
        """The record of a kind of which a State ID has at most one: its own, else that of its first guest."""
        own = self.get(kind, "")
        return own if own or not issubclass(kind, Movable) else min(self.all(kind), key=_name, default=None)

    def get(self, kind: type[AnyRecord], record_id: object) -> AnyRecord | None:
        """The record of that kind and id, if known. NotOpened: `OPENS` does not name it."""
        name = str(record_id)
        self._check_opened(kind, name)
        record = _read(self._kinds.get(kind.kind, {}), name)
        return record if isinstance(record, kind) and self._stands_here(record) else None

    def all(self, kind: type[AnyRecord]) -> Sequence[AnyRecord]:
        """Every record of a kind, in the order of their arrival. NotOpened: `OPENS` does not name them."""
        return [record for record in self.anywhere(kind) if self._stands_here(record)]

    def anywhere(self, kind: type[AnyRecord]) -> Sequence[AnyRecord]:
        """Like `all`, with the records that do not stand here."""
        self._check_opened(kind, EVERY)
        records = self._kinds.get(kind.kind)
        if not records:
            return ()
        for record_id in [name for name, record in records.items() if type(record) is Unread]:
            _read(records, record_id)
        return [record for record in records.values() if isinstance(record, kind)]

    def has_guest(self, state_id: str) -> bool:
        """Whether this service has moved the records of another State ID here."""
        guest = self._kinds.get(Guest.kind, {}).get(state_id)
        return isinstance(guest, Guest) and guest.here

    def _stands_here(self, record: Record) -> bool:
        if not isinstance(record, Movable):
            return True
        return record.moved_to is None and (record.belongs_to is None or self.has_guest(record.belongs_to))

    def _check_opened(self, kind: type[Record], record_id: str) -> None:
        if self._opened is None or not (kind.by_name or kind.apart):
            return
        if (kind.kind, record_id) not in self._opened and (kind.kind, EVERY) not in self._opened:
            raise NotOpened(kind.kind)

    def __iter__(self) -> Iterator[Record]:
        for records in self._kinds.values():
            for record_id in records:
                if record := _read(records, record_id):
                    yield record


def _name(record: Record) -> str:
    return record.record_id


def _read(records: dict[str, Record | Unread], record_id: str) -> Record | None:
    record = records.get(record_id)
    if isinstance(record, Unread):
        record = records[record_id] = record.read()
    return record


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is accepted.

    `records` are the new states. The service publishes the events among them. The sender gets the `warnings`.
    """

    records: Sequence[Record]
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The command is refused; `findings` name every broken rule."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The command waits for a fact of another service. Each event about the subject gives it another turn."""

    reason: Finding


@dataclass(frozen=True, slots=True)
class Begun:
    """The command has begun: records changed, and another service's answer brings the outcome (`Settled`)."""

    records: Sequence[Record]
    reason: Finding


@dataclass(frozen=True, slots=True)
class Settled:
    """The final outcome of a command that was `Begun`. Without findings of severity error it is accepted.

    `subject`: of the command, if it is another than the event's.
    """

    command: type[Command]
    command_id: UUID
    findings: tuple[Finding, ...] = ()
    subject: str | None = None


Decision = Accepted | Refused | Waiting | Begun
Reaction = Sequence[Record | Settled]


def verdict(findings: Iterable[Finding], records: Sequence[Record]) -> Accepted | Refused:
    """Refused with all findings if one is an error; else accepted, with the findings as warnings."""
    found = tuple(findings)
    if any(finding.severity is Severity.ERROR for finding in found):
        return Refused(found)
    return Accepted(records, found)
