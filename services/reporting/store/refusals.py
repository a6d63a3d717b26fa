"""Refused commands, and the rules that they broke."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import Severity
from contracts.outcome import Outcome
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.keeping.rows import Row, Rows, run

_COLUMNS = Rows(
    {
        "command_id": "uuid",
        "code": "text",
        "owner": "owner",
        "command": "text",
        "subject": "text",
        "at": "timestamptz",
        "sender": "text",
        "message": "text",
        "solution": "text",
    }
)
_KEY = 2

_KEEP = f"""
WITH fresh AS (
    INSERT INTO refusals ({_COLUMNS.names})
    SELECT {_COLUMNS.values} FROM {_COLUMNS}
    ON CONFLICT (command_id, code) DO NOTHING
    RETURNING command_id
)
SELECT DISTINCT command_id FROM fresh
"""


async def keep(database: AsyncConnection, refused: Sequence[ReceivedEvent]) -> set[str]:
    """Keep refusals, a row for each broken rule. Returns the ids of the new ones.

    If a refusal arrives twice, in one batch or two, the first counts.
    """
    rows = {row[:_KEY]: row for received in reversed(refused) for row in _rows(received)}
    if not rows:
        return set()
    found = await run(database, _KEEP, (_COLUMNS, [rows[key] for key in sorted(rows)]))
    fresh = set(found.scalars())
    return {received.id for received in refused if _outcome(received).command_id in fresh}


def _outcome(received: ReceivedEvent) -> Outcome:
    assert isinstance(received.message, Outcome)
    return received.message


def _rows(received: ReceivedEvent) -> Iterator[Row]:
    outcome = _outcome(received)
    for finding in outcome.findings:
        if finding.severity is Severity.ERROR:
            yield (
                outcome.command_id,
                finding.code,
                received.owner,
                outcome.command,
                outcome.subject,
                received.at,
                received.sender,
                finding.message,
                finding.solution,
            )
