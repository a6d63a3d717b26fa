"""Loads a batch by one statement of any size; two more statements load held messages and their records.

Loading takes no locks. The saving statement notices if another process changed a subject meanwhile.
"""

from collections.abc import Collection, Iterable, Sequence, Set
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.decision import Known, Unread
from contracts.message import EVERY
from contracts.outcome import Status
from contracts.tidy import read
from services.chassis.deciding.batch import Aggregate, EarlierOutcome, Loaded, Looked
from services.chassis.decoding.messages import GivenUp, ReceivedCommand, Work, item_of, subject_of
from services.chassis.holding.queue import Held
from services.chassis.holding.rows import DecodeAgain, load_queues
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.keeping.statements import FOUND_WITH, found

# All of it as of one moment. The saving statement notices what was written since then.
_LOAD = """
    /* a batch is loaded */ SELECT 'aggregate', subject, revision::text, sequence::text, '', 0
    FROM aggregates WHERE subject = ANY($1::text[])
    UNION ALL SELECT 'record', subject, kind, body::text, record_id, revision
    FROM records WHERE subject = ANY($1::text[]) AND kind <> ALL('{{{by_name}}}')
    UNION ALL SELECT 'record', subject, kind, body::text, record_id, revision
    FROM departed WHERE subject = ANY($1::text[]) AND kind <> ALL('{{{by_name}}}')
    UNION ALL SELECT 'given', command_id::text, fingerprint, status, '', 0
    FROM ledger WHERE command_id = ANY($2::uuid[])
    UNION ALL SELECT DISTINCT 'held', subject, '', '', '', 0 FROM held WHERE subject = ANY($1::text[])
"""
_OPENED = f"""
    UNION ALL SELECT 'opened', opened.subject, kind, body::text, record_id, revision
    FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS opened (subject, kind, record_id, beside)
    JOIN contents USING (kind, record_id) WHERE {FOUND_WITH.format(subject="opened.subject")}
    UNION ALL SELECT 'opened', subject, kind, body::text, records.record_id, revision
    FROM unnest($4::text[], $5::text[], $6::text[]) AS opened (subject, kind, record_id)
    JOIN records USING (subject, kind) WHERE opened.record_id IN (records.record_id, '{EVERY}')
"""


async def load(
    database: AsyncConnection, batch: Sequence[Work], service: ServiceDefinition, decode: DecodeAgain
) -> Loaded:
    """Load everything that the batch may read."""
    about = {subject for work in batch if (subject := subject_of(work))}
    looking = {subject for work in batch if not isinstance(work, GivenUp) and (subject := subject_of(work))}
    needed = _Needed(service, about, about - looking)
    await needed.load(database, [item_of(work) for work in batch])
    while waiting := needed.waiting():
        queues = await load_queues(database, waiting, decode)
        needed.queues |= {subject: queues.get(subject, []) for subject in waiting}
        await needed.load(database, [held.item for queue in queues.values() for held in queue])
    return needed.loaded()


class _Needed:
    """Collects the loaded records of a batch and of its held messages."""

    def __init__(self, service: ServiceDefinition, about: set[str], without_records: Set[str]) -> None:
        self.queues: dict[str, list[Held]] = {}
        self._service = service
        self._about = about
        self._without_records = without_records
        self._requested: set[str] = set()
        self._holding: set[str] = set()
        self._known: dict[str, Known] = {}
        self._numbers: dict[str, tuple[int, int]] = {}
        self._given: dict[str, EarlierOutcome] = {}
        self._taken: dict[str, str] = {}

    def waiting(self) -> list[str]:
        """The subjects of the batch with held messages that are not loaded yet."""
        return sorted((self._holding & self._about) - self.queues.keys())

    async def load(self, database: AsyncConnection, items: Sequence[Work]) -> None:
        """Load what these messages need, except the subjects that were loaded before."""
        others = {name for item in items for name in self._service.looked_at(item)}
        await self._load_records(database, others, items)
        await self._seek(database, items)
        while further := self._together(items) - self._about:
            self._about |= further
            await self._load_records(database, further, items)

    def _together(self, items: Sequence[Work]) -> set[str]:
        """The subjects about which the messages are decided, as far as the loaded records tell."""
        return (
            {name for item in items for name in self._decided_with(item)} if self._service.together else set()
        )

    def _decided_with(self, item: Work) -> Collection[str]:
        nothing = Known()
        return self._service.decided_with(item, lambda subject: self._known.get(subject, nothing))

    async def _load_records(self, database: AsyncConnection, others: Set[str], items: Sequence[Work]) -> None:
        new = (self._about | others) - self._requested
        self._requested |= new
        for name in new:
            self._known[name] = Known()
        for row in await found(database, *self._statement(sorted(new), items)):
            self._take(*row)

    async def _seek(self, database: AsyncConnection, items: Sequence[Work]) -> None:
        """Load what commands look for among all subjects. Without such a command nothing is asked."""
        commands = [item for item in items if isinstance(item, ReceivedCommand)]
        for command, statement in self._service.seeks.items():
            subjects = sorted({one.subject for one in commands if isinstance(one.command, command)})
            for row in await found(database, statement, subjects) if subjects else ():
                self._take("record", *row)

    def _statement(self, subjects: list[str], items: Sequence[Work]) -> tuple[Any, ...]:
        """The statement, as long as the service has something for each of its parts; and its parameters."""
        statement = _LOAD.format(by_name=",".join(self._service.by_name))
        given = [subjects, _ids(items)]
        if self._service.own_kinds:
            statement += f" UNION ALL {taken_ids(self._service, '$3')}"
            given.append(_new_ids(items))
        if self._service.opens:
            opened = sorted(
                {
                    (subject, *one)
                    for item in items
                    for subject in (subject_of(item), *self._decided_with(item))
                    if subject in self._requested
                    for one in self._service.opened(item)
                }
            )
            statement += _OPENED
            named = [(*one, self._service.model_of(one[1]).found_with) for one in opened]
            given.extend(map(list, zip(*named, strict=True)) if named else ([], [], [], []))
        return statement, *given

    def _take(self, what: str, name: str, second: str, third: str, record_id: str, revision: int) -> None:
        match what:
            case "record" | "opened" if name in self._without_records:
                return  # an operator gives up a message: the records may be what cannot be read
            case "record":
                self._known[name].learn(read(self._service.model_of(second), third))
            case "opened":
                when_asked = partial(read, self._service.model_of(second), third)
                self._known[name].learn(Unread(second, record_id, revision, when_asked))
            case "aggregate":
                self._numbers[name] = int(second), int(third)
            case "given":
                self._given[name] = EarlierOutcome(second, Status(third))
            case "taken":
                self._taken[name] = second
            case _:
                self._holding.add(name)

    def loaded(self) -> Loaded:
        """All of it."""
        numbers = self._numbers
        return Loaded(
            {
                name: Aggregate(*numbers.get(name, (0, 0)), self._known[name], self.queues.get(name, []))
                for name in self._about
            },
            self._given,
            {
                name: Looked(self._known[name], numbers.get(name, (0, 0))[0])
                for name in self._requested - self._about
            },
            self._taken,
        )


def taken_ids(service: ServiceDefinition, ids: str) -> str:
    """The SQL that finds the records with one of the ids. The index `record_ids` has the same condition."""
    kinds = ", ".join(map(repr, service.own_kinds))
    return f"""
        SELECT 'taken', record_id, subject, '', '', 0 FROM records
        WHERE record_id = ANY({ids}::text[]) AND record_id <> '' AND kind IN ({kinds})
    """


def _ids(items: Iterable[Work]) -> list[str]:
    return [item.id for item in items if isinstance(item, ReceivedCommand)]


def _new_ids(items: Iterable[Work]) -> list[str]:
    """The ids under which commands would create a record."""
    commands = (item.command for item in items if isinstance(item, ReceivedCommand))
    return [command.new_id for command in commands if command is not None and command.new_id]
