"""Heartbeats: a service counts its published events, so that readers notice a missing last event.

A reader that has events 1, 2 and 4 about a subject knows that 3 is missing. It cannot know that 5 is. So each
transaction with events notes in the table `unannounced` which sequence each subject has reached. A heartbeat
takes these notes and sends them: *about subject S there are n events*. A heartbeat and its events travel
separately: in other rows of the outbox, on other topics.

Why this is exact, with several processes at once:

- The save statement writes a note in the transaction that writes the events, and takes the sequence from the
  same value as the table `aggregates`. So a note exists if and only if its events are committed.
- A heartbeat deletes the notes and writes its messages to the outbox in one transaction. So each note is in
  exactly one numbered heartbeat, and a heartbeat names no event that is not committed.
- The lock on the row of the table `heartbeat` lets one process at a time write a heartbeat. So their numbers
  are 1, 2, 3 without a gap, and a reader notices a heartbeat that it did not get.
- `as_of` is read from PostgreSQL's clock under that lock, before the notes are read by a later statement. So
  every event committed before `as_of` is in the notes read now, or in an earlier heartbeat.
- The order of delivery does not matter. A reader keeps the highest sequence that it knows of each subject,
  from an event or from a heartbeat. An event that comes after its heartbeat is missing until it comes.
- A heartbeat without notes repeats the last number with a new `as_of`. So a reader notices a missing last
  numbered heartbeat too, at the next heartbeat.

A reader cannot know of events after the last heartbeat, so it certifies as of `as_of`.

The cost: one row for each transaction with events. A heartbeat scans only these notes.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.chassis.deciding.batch import Outgoing
from services.chassis.keeping.failures import AWAY
from services.chassis.publishing.effects import Outgoings
from services.chassis.publishing.relay import Relay

log = structlog.get_logger()

MOST_SUBJECTS = 10_000
"""The most subjects of one heartbeat. With 60 characters each they stay under Kafka's limit."""

_MOST_NOTES = 1_000
_BEGIN = text(
    "INSERT INTO heartbeat AS kept (number) VALUES (0) ON CONFLICT (one) DO UPDATE SET number = kept.number"
    " RETURNING number, clock_timestamp()"
)
_TAKE = text(
    "DELETE FROM unannounced WHERE id = ANY (ARRAY(SELECT id FROM unannounced ORDER BY id LIMIT :most))"
    " RETURNING subjects, sequences"
)
_NUMBERED = text("UPDATE heartbeat SET number = :number")
_WRITE = text("INSERT INTO outbox (topic, keys, headers, bodies) VALUES (:topic, :keys, :headers, :bodies)")


class Heartbeats:
    """Writes a service's heartbeats to its outbox while this process relays."""

    def __init__(self, engine: AsyncEngine, out: Outgoings, relay: Relay, *, every_seconds: float) -> None:
        self._engine = engine
        self._out = out
        self._relay = relay
        self._every = every_seconds

    async def run(self) -> None:
        """Send heartbeats until cancelled, through failures of the database."""
        while True:
            await self._relay.leads.wait()
            try:
                while await write_heartbeat(self._engine, self._out):
                    pass
                self._relay.wake()
            except AWAY as failure:
                log.warning("no heartbeat", error=type(failure).__name__)
            await asyncio.sleep(self._every)


async def write_heartbeat(engine: AsyncEngine, out: Outgoings) -> bool:
    """Write a heartbeat to the outbox, in one transaction; return whether more notes are left."""
    async with engine.begin() as database:
        number, as_of = (await database.execute(_BEGIN)).one()
        sequences, more = await _noted(database)
        last, beats = heartbeats_of(out, number, as_of, sequences, more=more)
        await database.execute(_NUMBERED, {"number": last})
        columns = {
            "keys": [beat.key for beat in beats],
            "headers": [beat.headers for beat in beats],
            "bodies": [beat.value for beat in beats],
        }
        await database.execute(_WRITE, {"topic": beats[0].topic, **columns})
    return more


def heartbeats_of(
    out: Outgoings, number: int, as_of: datetime, sequences: Mapping[str, int], *, more: bool = False
) -> tuple[int, Sequence[Outgoing]]:
    """The heartbeats after `number` that name these subjects, and the number of the last.

    Only the last has `as_of`. If there are `more` notes, none has it.
    """
    pages = list(_pages(sequences))
    if not pages:
        return number, [out.heartbeat(number, as_of, as_of, ())]
    last = number + len(pages)
    return last, [
        out.heartbeat(own, as_of if own == last and not more else None, as_of, page)
        for own, page in enumerate(pages, number + 1)
    ]


async def _noted(database: AsyncConnection) -> tuple[Mapping[str, int], bool]:
    """The highest sequence noted of each subject, and whether there are more notes."""
    notes = (await database.execute(_TAKE, {"most": _MOST_NOTES})).all()
    highest: dict[str, int] = {}
    for subjects, sequences in notes:
        for subject, sequence in zip(subjects, sequences, strict=True):
            highest[subject] = max(sequence, highest.get(subject, 0))
    return highest, len(notes) == _MOST_NOTES


def _pages(sequences: Mapping[str, int]) -> Iterator[tuple[tuple[str, int], ...]]:
    rest = iter(sorted(sequences.items()))
    while page := tuple(islice(rest, MOST_SUBJECTS)):
        yield page
