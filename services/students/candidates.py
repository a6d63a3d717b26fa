"""Persons of eScholar who may be the one whom an LEA wants to add: the candidates, the most alike first."""

from datetime import UTC, date, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.codes import SexAsSent
from contracts.dates import day_at
from contracts.errors import ROLE_MISSING
from contracts.identity import Named
from contracts.message import PersonalValue, Value
from contracts.types import Day, LeaCode, OrBlank, StudentId
from services.chassis.answering.viewing import admit, log_views
from services.students import store
from services.students.likeness import Bearer, Likeness, compare, near_days

MOST = 10
_WHAT = "candidate"
_ALIKE_ENOUGH = 0.8


class CandidatesWanted(Named):
    """The person whom somebody looks for, as far as it is known."""

    birth_on: Day
    sex: OrBlank[SexAsSent | None] = None


class Candidate(PersonalValue):
    """A person of eScholar, with the State ID, and how alike the person is to the one looked for."""

    student_id: StudentId
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    suffix: str | None
    birth_on: date
    sex: str | None
    likeness: int = Field(ge=0, le=100, description="How alike, in percent. 100: nothing differs.")
    same: bool = Field(description="Same name, birth date and sex; accents, signs and case do not count.")
    why: tuple[str, ...] = Field(description="What agrees and what differs, in words.")
    added: bool = Field(description="Whether an LEA has added the person to the special-education record.")
    lea: LeaCode | None = Field(description="The owner; blank if no LEA has the student.")


class Candidates(Value):
    """The most alike persons, at most ten. `more`: others are as alike, or nearly."""

    candidates: tuple[Candidate, ...]
    more: bool = False


async def candidates(viewer: Actor, database: AsyncConnection, wanted: CandidatesWanted) -> Candidates:
    """The persons who may be the one looked for. Forbidden: no writer and no secure ID manager.

    A birth date must be given, and a look names each person shown. So nobody browses eScholar's persons.
    """
    allowed = viewer.has(Role.WRITER) or viewer.has(Role.SECURE_ID_MANAGER)
    refusal = None if allowed else ROLE_MISSING.broken(role=Role.WRITER)
    await admit(database, viewer, subject="", what=_WHAT, refusal=refusal)
    sought = Bearer(wanted.first_name or "", wanted.last_name or "", wanted.birth_on, wanted.sex)
    days = near_days(wanted.birth_on, day_at(datetime.now(UTC)))
    values = {
        "name": wanted.model_dump_json(include={"first_name", "last_name"}),
        "birth_on": wanted.birth_on.isoformat(),
        "days": [day.isoformat() for day in days],
        "limit": store.MOST_COMPARED,
    }
    rows = (await database.execute(store.CANDIDATES, values)).all()
    alike = sorted(
        ((compare(sought, _bearer(row)), row) for row in rows),
        key=lambda pair: (not pair[0].same, -pair[0].share, pair[1].subject),
    )
    found = [(likeness, row) for likeness, row in alike if likeness.share >= _ALIKE_ENOUGH]
    shown = tuple(_candidate(likeness, row) for likeness, row in found[:MOST])
    await log_views(database, viewer, subjects=[one.student_id for one in shown], what=_WHAT)
    return Candidates(candidates=shown, more=len(found) > MOST)


def _bearer(row: Row[Any]) -> Bearer:
    return Bearer(row.first_name or "", row.last_name or "", date.fromisoformat(row.birth_on), row.sex)


def _candidate(likeness: Likeness, row: Row[Any]) -> Candidate:
    return Candidate(
        student_id=row.subject,
        first_name=row.first_name,
        middle_name=row.middle_name,
        last_name=row.last_name,
        suffix=row.suffix,
        birth_on=date.fromisoformat(row.birth_on),
        sex=row.sex,
        likeness=int(100 * likeness.share + 1e-9),
        same=likeness.same,
        why=likeness.why,
        added=row.added,
        lea=row.owner,
    )
