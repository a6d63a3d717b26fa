"""What became of State IDs: merged, separated, retired, split, waiting for approval; the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.message import Value
from contracts.types import Day, LeaCode, StudentId
from services.chassis.answering.newest_first import INSTANT_FORM, place_in, place_of
from services.chassis.answering.viewing import admit
from services.students import store

AFTER = rf"^$|^{INSTANT_FORM} [a-z]{{1,20}}\.[0-9]{{10}}\.([0-9]{{10}})?$"
"""The form of a place in the list: instant, kind and both State IDs."""

_WHAT = "State ID changes"


class ChangeKind(StrEnum):
    """What became of a State ID.

    `split`: two persons shared it, and nobody has closed the work on their records. `circle`: links between
    State IDs lead in a circle, so each keeps the address that it had.
    """

    MERGED = "merged"
    SEPARATED = "separated"
    RETIRED = "retired"
    WAITING = "waiting"
    SPLIT = "split"
    CIRCLE = "circle"


class IdentityChange(Value):
    """What became of a State ID, since when, and whose the students are now."""

    kind: ChangeKind
    student_id: StudentId
    other_id: StudentId | None = Field(
        description="The State ID into which it was merged or would be, from which it was separated, or that"
        " one of the two persons bears since the split."
    )
    at: datetime = Field(description="When Kafka received the message that caused it.")
    lea: LeaCode | None = Field(description="The LEA that has the student of `student_id` now.")
    other_lea: LeaCode | None = Field(description="The LEA that has the student of `other_id` now.")
    owned: bool = Field(description="Whether an LEA has the student of `student_id` now.")
    retired: bool = Field(default=False, description="Whether nobody bears it, or would if approved.")
    revision: int | None = Field(default=None, description="Of a waiting change: see ApproveStateId.")
    reason: str | None = Field(default=None, description="Of a waiting change.")
    proposed_by: str | None = Field(default=None, description="Of a waiting change; `escholar` for a link.")


class IdentityChanges(Value):
    """A page of changes, and the place where the next page begins; blank if there is none."""

    changes: tuple[IdentityChange, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ChangesWanted:
    """A page of the list: of one kind or of all, from a day on.

    `to_decide`: only what secure ID managers have to decide. `owned`: only students whom an LEA has.
    """

    kind: ChangeKind | None
    to_decide: bool
    since: Day | None
    owned: bool
    after: str
    limit: int

    @property
    def kinds(self) -> Sequence[ChangeKind]:
        """The kinds to list; all if there are none."""
        if self.kind:
            return (self.kind,)
        return (ChangeKind.WAITING, ChangeKind.SPLIT) if self.to_decide else ()


async def identity_changes(
    viewer: Actor, database: AsyncConnection, wanted: ChangesWanted
) -> IdentityChanges:
    """The changes about students whom the viewer's LEA has, had or added; for the state and auditors all.

    Circles are for the state and auditors: no LEA can mend them.
    """
    await admit(database, viewer, subject="", what=_WHAT, refusal=None)
    at, name = place_in(wanted.after)
    values = {
        "lea": viewer.lea,
        "kinds": list(wanted.kinds),
        "since": wanted.since,
        "owned": wanted.owned,
        "at": at,
        "name": name,
        "limit": wanted.limit + 1,
    }
    statement = store.identity_changes(within=not viewer.everywhere)
    rows = (await database.execute(statement, values)).mappings().all()
    shown = rows[: wanted.limit]
    last = shown[-1] if len(rows) > wanted.limit else None
    return IdentityChanges(
        changes=tuple(IdentityChange.model_validate(dict(row)) for row in shown),
        next=place_of(last["at"], last["name"]) if last else None,
    )
