"""Batches of a service that only reads: its events go to its projection, in one transaction with the
counts."""

from collections.abc import Sequence

from services.chassis.deciding.batch import Writes
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import Due, Failed, ReceivedEvent, Unreadable, Work
from services.chassis.keeping.transaction import Transaction


async def project(transaction: Transaction, batch: Sequence[Work], terms: Terms) -> Writes:
    """Hand the events of a batch to the projection, with what was held and is due again; count, hold,
    dead-letter the rest."""
    writes = Writes()
    queues = await transaction.queues([work.subject for work in batch if isinstance(work, Due)])
    told = [work for work in batch if isinstance(work, ReceivedEvent)]
    for subject in {work.subject for work in batch if isinstance(work, Due)}:
        told.extend(held.item for held in queues[subject] if isinstance(held.item, ReceivedEvent))
        writes.released.update((subject, held.position) for held in queues[subject])
    fresh = set(await transaction.project(told)) if told else set()
    for work in batch:
        match work:
            case ReceivedEvent(raw=raw):
                result = "applied" if work.id in fresh else "duplicate"
                fresh.discard(work.id)
                writes.tally[raw.topic, raw.partition, result] += 1
            case Unreadable(raw=raw, reason=reason):
                writes.tally[raw.topic, raw.partition, "dead letter"] += 1
                writes.outbox.append(terms.out.dead_letter(raw, reason))
            case Failed(item=item, reason=reason):
                await transaction.hold_unread(item, reason)
    await transaction.save(writes)
    return writes
