"""Records that are there already, because somebody made them online or in another way.

A service refuses to make such a record again. The rows that hang on it can be sent all the same. A student's
profile is saved if the row says another one: the columns that are not there stay as the record has them.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.errors import Severity
from contracts.outcome import Status
from contracts.students import Profile
from intake.planning import Planned
from intake.sending.attempts import ADDED, Attempt, was_sent, write_down
from intake.steps import Step

THERE = frozenset({ADDED, "JUR-003", "EVA-001", "IEP-006", "PRO-006"})
"""The rules that say that a record is there already."""

_SAVE = Step(command="SaveProfile")


def is_there(findings: Iterable[Mapping[str, Any]]) -> bool:
    """Whether all that is wrong with a row is that its record is there already."""
    errors = {one["code"] for one in findings if one["severity"] == Severity.ERROR}
    return bool(errors) and errors <= THERE


def is_added(attempt: Attempt, status: Status, codes: Iterable[str]) -> bool:
    """Whether a student could not be added only because the record has the student."""
    return attempt.planned.step.command == "AddStudent" and status is Status.REFUSED and ADDED in codes


def profile_of(attempt: Attempt, now: Mapping[str, Any]) -> Planned:
    """The command that saves what a row says of a student. `now`: the profile that holds today."""
    planned = attempt.planned
    values = planned.row.row.values
    said = planned.body.get("profile", {})
    kept = {name: value for name, value in now.items() if name not in values and name != "effective_on"}
    return Planned(_SAVE, {**planned.body, "profile": kept | said}, planned.row)


async def write_if(
    engine: AsyncEngine, batch_id: UUID, planned: Planned, now: Mapping[str, Any]
) -> Attempt | None:
    """The command that saves a profile, written down. None: the profile that holds today says the same."""
    if not _differs(planned, now) and not await was_sent(engine, batch_id, planned):
        return None
    (saved,) = await write_down(engine, batch_id, [planned])
    return saved


def _differs(planned: Planned, now: Mapping[str, Any]) -> bool:
    said = Profile.model_validate(planned.body["profile"]).model_dump(mode="json")
    return any(said[name] != now.get(name) for name in said if name != "effective_on")
