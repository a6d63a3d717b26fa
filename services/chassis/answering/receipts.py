"""Reading outcomes in the ledger, and who may read them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.outcome import Outcome

_RECEIPTS = text(
    "SELECT command_id, outcome, fingerprint, scope FROM ledger WHERE command_id = ANY(CAST(:ids AS uuid[]))"
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """An outcome in the ledger, with the fingerprint of its command and the scope of its sender.

    `scope` is blank if the token could not be trusted when Kafka received the command.
    """

    outcome: Outcome
    fingerprint: str
    scope: str

    def may_be_read_by(self, viewer: Actor) -> bool:
        """Whether the outcome is for the viewer: the state, an auditor, or the sender's scope."""
        return viewer.everywhere or self.scope in ("", viewer.scope)


async def receipts(database: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Receipt]:
    """The outcomes so far of those commands that have one, by the command's id."""
    rows = await database.execute(_RECEIPTS, {"ids": list(ids)})
    return {
        row.command_id: Receipt(Outcome.model_validate(row.outcome), row.fingerprint, row.scope)
        for row in rows
    }
