"""The least that must be done to report: `python -m benchmarks.rivals.folding`.

Every event is read and validated, SER's own functions make of it the rows that reporting keeps, and these are
copied: each state into `revisions`, with its key, and what is counted into tables like the read models,
without keys or indexes. Nothing is compared with what is there, counted, or kept once only: this is how
fast the parts are, and not a service.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from aiokafka import ConsumerRecord

from benchmarks.rivals.copying import Copies, copying
from benchmarks.rivals.running import run
from contracts import catalog
from contracts.envelope import envelope_of, text_headers
from contracts.message import Event
from services.chassis.decoding.messages import RawMessage, ReceivedEvent
from services.chassis.hosting.settings import Settings
from services.reporting.store.read_models import BY_KIND, READ_MODELS
from services.reporting.store.revisions import event_id_of, row_of

GROUP = "folding"
TABLES = tuple(f"CREATE TABLE folded_{model.table} (LIKE {model.table})" for model in READ_MODELS)
STATES = "revisions"

_EVENTS = catalog.events()


def _made(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> Copies:
    copies: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for record in records:
        told = _told(record)
        copies[STATES].append(row_of(told, event_id_of(told)))
        state = cast(Event, told.message)
        if model := BY_KIND.get(state.kind):
            copies[f"folded_{model.table}"].append(model.row(state))
    return dict(copies)


def _told(record: "ConsumerRecord[bytes, bytes]") -> ReceivedEvent:
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    envelope = envelope_of(text_headers(record.headers), at)
    entry = _EVENTS[envelope.type]
    message = cast(Event, entry.model.model_validate_json(record.value))
    raw = RawMessage(
        record.topic, record.partition, record.offset, record.key, record.value, record.headers, at
    )
    return ReceivedEvent(raw, envelope, message, entry.owner)


async def serve(settings: Settings) -> None:
    """Runs until killed."""
    await copying(settings, GROUP, _made)


if __name__ == "__main__":
    run(serve, as_a_service=True)
