"""The queries of jurisdiction, except the claims on one student (see `conversations`).

An owner sees all spells, a former owner its own. The last owner of a student without an owner sees all. The
state sees all.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.assigning import ToAssign, beside, not_shown
from contracts.codes import LEAS
from contracts.counting import Calendars
from contracts.dates import day_at
from contracts.errors import NOT_ADDED, NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, Finding
from contracts.facts import KnownStudent, holding, not_their_list
from contracts.jurisdiction import AssignSpell, SchoolDirectory, Spell, Transfer, TransferState
from contracts.message import Value
from contracts.types import ClaimId, Day, LeaCode, LocalStudentId, SchoolCode, SpellId, StudentId
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import known, known_together
from services.chassis.answering.viewing import admit
from services.jurisdiction import store
from services.jurisdiction.domain import STORED, rules
from services.jurisdiction.domain.clock import answer_due, over_for_claims_of
from services.jurisdiction.domain.facts import latest_spell
from services.jurisdiction.domain.facts import spells as standing

_FIRST = datetime(1900, 1, 1, tzinfo=UTC)


class Jurisdiction(Value):
    """The owner of a student, and the spells of all owners."""

    student_id: StudentId
    owner: LeaCode | None = Field(
        description="The LEA that owns the student now, or on the day `as_of`; blank if no LEA does."
    )
    spells: tuple[Spell, ...] = Field(
        description="The spells that the viewer may see, newest first; as SER knew them at `known_at`."
    )


class SpellPage(Value):
    """A page of the students an LEA owns, by State ID."""

    spells: tuple[Spell, ...]
    next: StudentId | None = Field(description="`after` of the next page; blank on the last one.")


class Direction(StrEnum):
    """Whose claims a list has: the LEA's own (`out`), or those of other LEAs on its students (`in`)."""

    OUT = "out"
    IN = "in"


class Claim(Value):
    """A claim on another LEA's student. Only the claimant and the state see school and local student ID."""

    student_id: StudentId
    revision: int
    claim_id: ClaimId
    state: TransferState
    from_lea: LeaCode
    from_spell: SpellId
    to_lea: LeaCode
    begin_on: Day
    school: SchoolCode | None
    local_student_id: LocalStudentId | None
    findings: tuple[Finding, ...]
    claimed_at: datetime | None
    waiting_since: Day | None
    answered_on: Day | None = Field(description="When the owner first wrote about the claim.")
    answer_due_on: Day | None = Field(
        description="The last day of the owner's 10 business days, if its open services block the claim."
    )
    escalated_on: Day | None
    messages: int


class ClaimPage(Value):
    """A page of claims that are requested or refused, by State ID."""

    claims: tuple[Claim, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


async def jurisdiction(
    viewer: Actor,
    database: AsyncConnection,
    student_id: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Jurisdiction:
    """The student's spells, newest first. NotFound: the student is not added. Forbidden: another LEA's.

    `as_of`: the day of the owner. `known_at`: only what this service knew at that instant.
    """
    last, spells = await _shown(viewer, database, student_id, "jurisdiction")
    if known_at is not None:
        spells = await _known_at(database, student_id, known_at)
    owner = _owner(spells, as_of)
    return Jurisdiction(
        student_id=student_id,
        owner=owner.lea if owner else None,
        spells=_visible(viewer, spells, last),
    )


async def _known_at(database: AsyncConnection, student_id: str, known_at: datetime) -> tuple[Spell, ...]:
    """The spells as this service knew them. PostgreSQL has no place for some instants before 1900."""
    within = sorted((_FIRST, known_at, datetime.now(UTC)))[1]
    found = await database.execute(store.SPELLS_KNOWN_AT, {"subject": student_id, "known_at": within})
    then = map(Spell.model_validate_json, found.scalars())
    return tuple(spell for spell in then if not spell.withdrawn)


def _owner(spells: Iterable[Spell], as_of: date | None) -> Spell | None:
    if as_of is None:
        return holding(tuple(spells), day_at(datetime.now(UTC)))
    return next((spell for spell in spells if spell.covers(as_of)), None)


async def may_look(viewer: Actor, database: AsyncConnection, student_id: str, what: str) -> bool:
    """Log a view of the record. True if the viewer sees it as its owner does. Raises NotFound, Forbidden."""
    last, _ = await _shown(viewer, database, student_id, what)
    return last is None or viewer.sees(last.lea)


async def _shown(
    viewer: Actor, database: AsyncConnection, student_id: str, what: str
) -> tuple[Spell | None, tuple[Spell, ...]]:
    """The latest spell, and all spells, if the viewer may see any. Logs the view, a refused one too."""
    record = await known(database, student_id, STORED)
    if record.one(KnownStudent) is None and not record.all(Spell):
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    last, spells = latest_spell(record), tuple(standing(record))
    hidden = last and not _visible(viewer, spells, last)
    refusal = hidden_by(last) if last and hidden else None
    await admit(database, viewer, subject=student_id, what=what, refusal=refusal)
    return last, spells


def hidden_by(last: Spell) -> Finding:
    """The finding that the viewer's LEA never had the student: who owns it, or that no LEA does."""
    if last.end_on is not None:
        return NOT_CLAIMED.broken(at="student_id")
    return NOT_OWNER.broken(owner=LEAS.label(last.lea))


async def schools(viewer: Actor, database: AsyncConnection, lea: LeaCode) -> SchoolDirectory:
    """The school sites of an LEA, for every viewer. NotFound: the state has registered none."""
    directory = (await known(database, f"lea/{lea}", STORED)).one(SchoolDirectory)
    if directory is None:
        raise NotFound(rules.NO_DIRECTORY.broken(at="lea", lea=LEAS.label(lea)))
    return directory


async def students(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> SpellPage:
    """The spells of the students whom an LEA owns today, by State ID, after the State ID `after`."""
    await admit(database, viewer, subject="", what=f"students of {lea}", refusal=not_their_list(viewer, lea))
    given = {"lea": lea, "after": after, "limit": limit, "today": day_at(datetime.now(UTC)).isoformat()}
    rows = await database.execute(store.STUDENTS_OF_LEA, given)
    spells = tuple(Spell.model_validate_json(body) for body in rows.scalars())
    return SpellPage(spells=spells, next=spells[-1].student_id if len(spells) == limit else None)


async def claims(
    viewer: Actor,
    database: AsyncConnection,
    lea: LeaCode,
    *,
    direction: Direction,
    state: TransferState | None,
    after: str,
    limit: int,
) -> ClaimPage:
    """An LEA's claims on other LEAs' students, or theirs on its students, that are requested or refused."""
    what = f"claims of {lea}" if direction is Direction.OUT else f"claims on {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    subject, _, claim = after.partition(".")
    found = await database.execute(
        store.claims("to_lea" if direction is Direction.OUT else "from_lea"),
        {
            "lea": lea,
            "states": [state] if state else [TransferState.REQUESTED, TransferState.REFUSED],
            "after_subject": subject,
            "after_claim": claim,
            "limit": limit,
        },
    )
    rows, published = found.all(), await store.calendars(database)
    listed = tuple(_claim(viewer, row, published) for row in rows)
    return ClaimPage(claims=listed, next=_next(rows, limit))


async def escalated(viewer: Actor, database: AsyncConnection, *, after: str, limit: int) -> ClaimPage:
    """The blocked claims that an LEA brought before the state, or whose owner has not answered in time.

    Forbidden: the viewer is not of the state office, and no auditor.
    """
    refusal = None if viewer.everywhere else ROLE_MISSING.broken(role=Role.STATE)
    await admit(database, viewer, subject="", what="escalated claims", refusal=refusal)
    subject, _, claim = after.partition(".")
    today, published = day_at(datetime.now(UTC)), await store.calendars(database)
    since = over_for_claims_of(published, today).isoformat()
    given = {"since": since, "limit": limit, "after_subject": subject, "after_claim": claim}
    rows = (await database.execute(store.ESCALATED, given)).all()
    return ClaimPage(claims=tuple(_claim(viewer, row, published) for row in rows), next=_next(rows, limit))


def _next(rows: Sequence[Row[Any]], limit: int) -> str | None:
    if len(rows) < limit:
        return None
    last = Transfer.model_validate_json(rows[-1].body)
    return f"{last.student_id}.{last.claim_id}"


def _claim(viewer: Actor, row: Row[Any], published: Calendars) -> Claim:
    transfer = Transfer.model_validate_json(row.body)
    own = viewer.sees(transfer.to_lea)
    hidden = {} if own else {"school": None, "local_student_id": None}
    shown = {name: value for name, value in dict(transfer).items() if name in Claim.model_fields}
    due = answer_due(transfer, published)
    return Claim(**(shown | hidden), claimed_at=row.claimed_at, answer_due_on=due)


def _visible(viewer: Actor, spells: Iterable[Spell], last: Spell | None) -> tuple[Spell, ...]:
    newest_first = sorted(spells, key=lambda spell: spell.begin_on, reverse=True)
    if last is None or viewer.sees(last.lea):
        return tuple(newest_first)
    return tuple(spell for spell in newest_first if spell.lea == viewer.lea)


async def to_assign(
    viewer: Actor, database: AsyncConnection, student_id: StudentId, other: StudentId
) -> Sequence[ToAssign]:
    """The spells that may be the other person's."""
    facts = await known_together(database, student_id, beside(student_id, other), STORED)
    refusal = next(not_shown(facts, viewer, student_id, other), None)
    await admit(database, viewer, subject=student_id, what="records to assign", refusal=refusal)
    return [_to_assign(one) for one in sorted(facts.all(Spell), key=lambda one: one.begin_on)]


def _to_assign(spell: Spell) -> ToAssign:
    return ToAssign(
        command=AssignSpell.__name__,
        record_id=spell.spell_id,
        what="withdrawn" if spell.withdrawn else f"school site {spell.schools[-1].school}",
        lea=spell.lea,
        begin_on=spell.begin_on,
        end_on=spell.end_on,
    )
