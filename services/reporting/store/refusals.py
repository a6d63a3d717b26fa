"""Commands that were refused, and the rules they broke: what the districts struggle with."""

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
    """Keep refusals, a row for each broken rule; the ids of those that were new.

    Of a refusal that was published twice the first counts, whether both are in one batch or not.
    """
    rows = {row[:_KEY]: row for told in reversed(refused) for row in _rows(told)}
    if not rows:
        return set()
    found = await run(database, _KEEP, (_COLUMNS, [rows[key] for key in sorted(rows)]))
    fresh = set(found.scalars())
    return {told.id for told in refused if _outcome(told).command_id in fresh}


def _outcome(told: ReceivedEvent) -> Outcome:
    assert isinstance(told.message, Outcome)
    return told.message


def _rows(told: ReceivedEvent) -> Iterator[Row]:
    outcome = _outcome(told)
    for finding in outcome.findings:
        if finding.severity is Severity.ERROR:
            yield (
                outcome.command_id,
                finding.code,
                told.owner,
                outcome.command,
                outcome.subject,
                told.at,
                told.sender,
                finding.message,
            )
