"""Batches of a service that only reads: its events go to its projection, in one transaction with the
counts."""

from collections.abc import Sequence

from services.chassis.deciding.batch import HeldAction, Writes
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import Due, Failed, GivenUp, ReceivedEvent, Unreadable, Work
from services.chassis.holding.queue import Held, Queue
from services.chassis.keeping.transaction import Transaction


async def project(transaction: Transaction, batch: Sequence[Work], terms: Terms) -> Writes:
    """Give the projection the events of a batch and the held events that are due. Count, hold or dead-letter
    the rest."""
    writes = Writes()
    queues = await transaction.queues([work.subject for work in batch if isinstance(work, Due | GivenUp)])
    events = [work for work in batch if isinstance(work, ReceivedEvent)]
    for subject in {work.subject for work in batch if isinstance(work, Due)}:
        events.extend(held.item for held in queues[subject] if isinstance(held.item, ReceivedEvent))
        writes.released.update((subject, held.position) for held in queues[subject])
    fresh = set(await transaction.project(events)) if events else set()
    for work in batch:
        match work:
            case ReceivedEvent(raw=raw):
                result = "applied" if work.id in fresh else "duplicate"
                fresh.discard(work.id)
                writes.tally[raw.topic, raw.partition, result] += 1
            case Unreadable(raw=raw, reason=reason):
                writes.tally[raw.topic, raw.partition, "dead letter"] += 1
                writes.outbox.append(terms.out.dead_letter(raw, reason))
            case GivenUp():
                _give_up(work, queues[work.subject], writes, terms)
            case Failed(item=item, reason=reason):
                await transaction.hold_unloaded(item, reason)
    await transaction.save(writes)
    return writes


def _give_up(given_up: GivenUp, queue: Sequence[Held], writes: Writes, terms: Terms) -> None:
    """Refuse a held event for an operator: it becomes a dead letter."""
    held = Queue(queue).at(given_up.position, given_up.message_id)
    if held is not None:
        writes.released.add((given_up.subject, held.position))
        writes.actions.append(HeldAction.of(given_up, held))
        writes.outbox.append(terms.out.given_up(held.item.raw, given_up.reason))
