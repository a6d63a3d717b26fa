"""The least work that rebuilds reporting: `python -m benchmarks.rivals.rebuild_floor topic …`.

The floor reads every event and validates its headers and body. It copies each state into `states`, which
has reporting's key. It copies a row for each counted record into a table without key or index. It compares
no event with earlier ones: it keeps older states, counts nothing, and fails if an event comes twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from benchmarks.rivals.bytes_only import Copies, copy_events
from benchmarks.rivals.running import Environment, run
from benchmarks.rivals.states import COUNTED, MODELS, STATES, State

GROUP = "rebuild_floor"
TABLES = (STATES, *(model.create for model in COUNTED))


def rows_of(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> Copies:
    """The rows of some events, by table."""
    copies: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for record in records:
        headers = {name: value.decode() for name, value in record.headers}
        state = MODELS.get(headers["ce_type"], State).model_validate_json(record.value)
        subject = record.key.decode()
        copies["states"].append(_row(record, subject, headers, state))
        if state.table:
            copies[state.table].append((subject, state.record_id, state.revision, *state.counted()))
    return dict(copies)


def _row(
    record: "ConsumerRecord[bytes, bytes]", subject: str, headers: dict[str, str], state: State
) -> tuple[Any, ...]:
    return (
        subject,
        headers["ce_source"],
        int(headers.get("ce_sequence", state.revision)),
        headers["ce_id"],
        headers["ce_type"],
        state.kind,
        state.record_id,
        state.revision,
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
        record.value.decode(),
    )


async def serve(environment: Environment) -> None:
    """Run until killed."""
    await copy_events(environment, GROUP, rows_of)


if __name__ == "__main__":
    run(serve, collect_rarely=True)
