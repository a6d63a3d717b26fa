"""The table `held` for people: each held message with subject, sender, cause and time."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import Finding
from contracts.message import Value

# A command behind an earlier one that met a defect waits as long as that one does.
_HELD = """
    (
        SELECT *, until IS NULL OR command AND EXISTS (
            SELECT FROM held AS earlier WHERE earlier.subject = held.subject
                AND earlier.position < held.position AND earlier.command AND earlier.until IS NULL
        ) AS stuck,
        CASE WHEN until IS NULL THEN reason END AS defect,
        CASE WHEN until IS NULL THEN 'defect' WHEN reason = 'behind' THEN 'behind' ELSE 'waiting' END AS why,
        CASE WHEN command THEN (
            SELECT count(*) FROM held AS later WHERE later.subject = held.subject
                AND later.position > held.position AND later.command
        ) ELSE 0 END AS behind
        FROM held
    ) AS held
"""
_WHERE = {
    "scope": "scope = :scope AND command",
    "subject": "subject = :subject",
    "why": "why = :why",
    "code": "finding ->> 'code' = :code",
    "defect": "defect = :defect",
    "after": "(subject, position) > (:subject_before, :position_before)",
}


class Why(StrEnum):
    """Why a message is held: a fact is missing (`waiting`), an earlier command of the subject is held
    (`behind`), or it met a `defect`."""

    WAITING = "waiting"
    BEHIND = "behind"
    DEFECT = "defect"


class HeldMessage(Value):
    """A held message. `finding` has the cause and what to do, and no contents of the message.

    `behind`: the number of later commands about the subject. They wait for this one; an event delays none.
    """

    subject: str
    id: str
    name: str
    kind: str
    since: datetime
    sender: str | None
    why: Why
    finding: Finding
    defect: str | None
    until: datetime | None
    behind: int
    operator_needed: bool


class HeldCause(Value):
    """A cause, with the numbers of its messages and subjects, and the time of the oldest message."""

    code: str
    message: str
    solution: str
    defect: str | None
    messages: int
    subjects: int
    since: datetime
    operator_needed: bool


async def held_messages(
    database: AsyncConnection, limit: int, *, exact: bool, **wanted: Any
) -> Sequence[tuple[tuple[str, int], HeldMessage]]:
    """Held messages in order of their places, each with its place. `exact`: with the class of a defect.

    `wanted`: `scope`, `subject`, `why`, `code`, `defect` or `after` (a place); None for any.
    """
    statement = f"SELECT * FROM {_HELD} {_where(wanted)} ORDER BY subject, position LIMIT :limit"
    subject, position = wanted.get("after") or ("", 0)
    values = wanted | {"limit": limit, "subject_before": subject, "position_before": position}
    rows = (await database.execute(text(statement), values)).mappings()
    return [((row["subject"], row["position"]), _message(row, exact)) for row in rows]


async def held_causes(database: AsyncConnection, *, exact: bool, **wanted: Any) -> Sequence[HeldCause]:
    """The number of held messages of each cause, the most frequent first."""
    statement = f"""
        SELECT finding ->> 'code' AS code, min(finding ->> 'message') AS message,
            min(finding ->> 'solution') AS solution, {"defect" if exact else "NULL::text AS defect"},
            count(*) AS messages, count(DISTINCT subject) AS subjects, min(received_at) AS since,
            bool_or(stuck) AS operator_needed
        FROM {_HELD} {_where(wanted)}
        GROUP BY 1, 4 ORDER BY messages DESC, code, defect
    """
    rows = (await database.execute(text(statement), wanted)).mappings()
    return [HeldCause.model_validate(dict(row)) for row in rows]


def _where(wanted: dict[str, Any]) -> str:
    conditions = [_WHERE[name] for name, value in wanted.items() if value is not None]
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _message(row: RowMapping, exact: bool) -> HeldMessage:
    return HeldMessage(
        subject=row["subject"],
        id=row["message_id"],
        name=row["name"],
        kind="command" if row["command"] else "event",
        since=row["received_at"],
        sender=row["sender"] or None,
        why=row["why"],
        finding=Finding.model_validate(row["finding"]),
        defect=row["defect"] if exact else None,
        until=None if row["stuck"] else row["until"],
        behind=row["behind"],
        operator_needed=row["stuck"],
    )
