"""How a service answers a command or an event, and what it may look at to do so.

Plain values: no I/O, no clock.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from contracts.access import Actor
from contracts.errors import Finding, Severity
from contracts.message import EVERY, Command, Record

AnyCommand_co = TypeVar("AnyCommand_co", bound=Command, covariant=True)
AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True, slots=True)
class Ask(Generic[AnyCommand_co]):
    """A command as the decider sees it: what is asked, by whom, under which id, and on which day it was
    received."""

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
    """A decision asks for a record that its message's `OPENS` does not name: it may not have been loaded."""


class Known:
    """Everything one service knows about one student: the newest state of each record."""

    __slots__ = ("_kinds", "_opened", "_others")

    def __init__(self, records: Iterable[Record] = (), others: Mapping[str, "Known"] | None = None) -> None:
        self._kinds: dict[str, dict[str, Record | Unread]] = {}
        self._others = others or {}
        self._opened: Collection[tuple[str, str]] | None = None
        for record in records:
            self.learn(record)

    def copy(self) -> "Known":
        """The same knowledge as a value of its own."""
        copied = Known()
        copied._kinds = {kind: dict(records) for kind, records in self._kinds.items()}
        return copied

    def beside(
        self, others: Mapping[str, "Known"], opened: Collection[tuple[str, str]] | None = None
    ) -> "Known":
        """The same knowledge, which may look at other subjects.

        `opened`: of the records that are loaded by name, those that may be asked for, by kind and id.
        """
        beside = Known(others=others)
        beside._kinds, beside._opened = self._kinds, opened
        return beside

    def of(self, subject: str) -> "Known":
        """What is known of another subject, which the command's `LOOKS_AT` names. It may be a moment old.

        KeyError: it is not named there.
        """
        return self._others[subject]

    def learn(self, record: Record | Unread) -> bool:
        """Keep `record` if it is newer than what is known of that record; say whether it was."""
        records, record_id = self._kinds.setdefault(record.kind, {}), record.record_id
        earlier = records.get(record_id)
        if earlier is not None and earlier.revision >= record.revision:
            return False
        records[record_id] = record
        return True

    def revision(self, kind: str, record_id: str) -> int:
        """The newest revision known of a record; 0 for a record never heard of."""
        record = self._kinds.get(kind, {}).get(record_id)
        return record.revision if record else 0

    def one(self, kind: type[AnyRecord]) -> AnyRecord | None:
        """The record of which a student has one at most."""
        return self.get(kind, "")

    def get(self, kind: type[AnyRecord], record_id: object) -> AnyRecord | None:
        """The record of that kind and name, if known. NotOpened: it was not asked to be loaded."""
        self._check_opened(kind, str(record_id))
        record = _read(self._kinds.get(kind.kind, {}), str(record_id))
        return record if isinstance(record, kind) else None

    def all(self, kind: type[AnyRecord]) -> Sequence[AnyRecord]:
        """Every record of a kind, in the order in which it was first known. NotOpened: they were not asked to
        be loaded."""
        self._check_opened(kind, EVERY)
        records = self._kinds.get(kind.kind, {})
        found = (_read(records, record_id) for record_id in records)
        return [record for record in found if isinstance(record, kind)]

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


def _read(records: dict[str, Record | Unread], record_id: str) -> Record | None:
    record = records.get(record_id)
    if isinstance(record, Unread):
        record = records[record_id] = record.read()
    return record


@dataclass(frozen=True, slots=True)
class Accepted:
    """Yes.

    `records` are the new states; those that are events are published. `warnings` do not stand in the way.
    """

    records: Sequence[Record]
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """No, and every rule that was broken."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet: a fact is missing that another service is about to say. Tried again when anything about the
    student arrives."""

    reason: Finding


@dataclass(frozen=True, slots=True)
class Begun:
    """Under way: the state has moved, and another service's answer will bring the final outcome (see
    `Settled`)."""

    records: Sequence[Record]
    reason: Finding


@dataclass(frozen=True, slots=True)
class Settled:
    """The final outcome of a command that was `Begun`. Without findings of severity error it is accepted."""

    command: type[Command]
    command_id: UUID
    findings: tuple[Finding, ...] = ()


Decision = Accepted | Refused | Waiting | Begun
Reaction = Sequence[Record | Settled]


def verdict(findings: Iterable[Finding], records: Sequence[Record]) -> Accepted | Refused:
    """Refused with every finding if one is an error, else accepted with the rest as warnings."""
    found = tuple(findings)
    if any(finding.severity is Severity.ERROR for finding in found):
        return Refused(found)
    return Accepted(records, found)
