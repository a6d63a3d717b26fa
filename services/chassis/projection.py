"""Batches of a service that only reads: its events go to its projection, in one transaction with the
counts."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis import store
from services.chassis.heart import Terms
from services.chassis.records import Due, Failed, Told, Unreadable, Work
from services.chassis.service import Projection
from services.chassis.state import Writes


async def project(
    database: AsyncConnection,
    batch: Sequence[Work],
    projection: Projection,
    terms: Terms,
    decode: store.Decode,
) -> Writes:
    """Hand the events of a batch to the projection, with what was held and is due again; count, hold,
    dead-letter the rest."""
    writes = Writes()
    queues = await store.load_queues(
        database, [work.subject for work in batch if isinstance(work, Due)], decode
    )
    told = [work for work in batch if isinstance(work, Told)]
    for subject in {work.subject for work in batch if isinstance(work, Due)}:
        told.extend(held.item for held in queues[subject] if isinstance(held.item, Told))
        writes.released.update((subject, held.position) for held in queues[subject])
    fresh = set(await projection(database, told)) if told else set()
    for work in batch:
        match work:
            case Told(raw=raw):
                result = "applied" if work.id in fresh else "duplicate"
                fresh.discard(work.id)
                writes.tally[raw.topic, raw.partition, result] += 1
            case Unreadable(raw=raw, reason=reason):
                writes.tally[raw.topic, raw.partition, "dead letter"] += 1
                writes.outbox.append(terms.out.dead_letter(raw, reason))
            case Failed(item=item, reason=reason):
                await store.hold_unread(database, item, reason)
    await store.save(database, writes)
    return writes
