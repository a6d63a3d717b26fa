"""The queries of jurisdiction. An owner sees all spells, a former owner its own. The state sees all."""

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.codes import LEAS
from contracts.decision import Known
from contracts.errors import NOT_ADDED, NOT_OWNER
from contracts.facts import KnownStudent, not_their_list
from contracts.jurisdiction import SchoolDirectory, Spell, Transfer, TransferState
from contracts.message import Value
from contracts.types import LeaCode, StudentId
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import known
from services.chassis.answering.viewing import admit
from services.jurisdiction import store
from services.jurisdiction.domain import STORED, rules
from services.jurisdiction.domain.facts import open_spell


class Jurisdiction(Value):
    """The owner of a student, and the spells of all owners."""

    student_id: StudentId
    owner: LeaCode | None = Field(
        description="The LEA that owns the student now; blank before the first claim."
    )
    spells: tuple[Spell, ...] = Field(description="The spells that the viewer may see, newest first.")


class SpellPage(Value):
    """A page of the students an LEA owns, by State ID."""

    spells: tuple[Spell, ...]
    next: StudentId | None = Field(description="`after` of the next page; blank on the last one.")


class ClaimPage(Value):
    """A page of an LEA's claims that are requested or refused, by State ID."""

    claims: tuple[Transfer, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


async def jurisdiction(viewer: Actor, database: AsyncConnection, student_id: str) -> Jurisdiction:
    """The student's spells, newest first. NotFound: the student is not added. Forbidden: another LEA's."""
    owner, spells = await _shown(viewer, database, student_id, "jurisdiction")
    return Jurisdiction(student_id=student_id, owner=owner.lea if owner else None, spells=spells)


async def may_look(viewer: Actor, database: AsyncConnection, student_id: str, what: str) -> bool:
    """Log a view of the record. True if the viewer sees it as its owner does. Raises NotFound, Forbidden."""
    owner, _ = await _shown(viewer, database, student_id, what)
    return owner is None or viewer.sees(owner.lea)


async def _shown(
    viewer: Actor, database: AsyncConnection, student_id: str, what: str
) -> tuple[Spell | None, tuple[Spell, ...]]:
    record = await known(database, student_id, STORED)
    if record.one(KnownStudent) is None and not record.all(Spell):
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    owner = open_spell(record)
    spells = _visible(viewer, record, owner)
    refusal = NOT_OWNER.broken(owner=LEAS.label(owner.lea)) if owner and not spells else None
    await admit(database, viewer, subject=student_id, what=what, refusal=refusal)
    return owner, spells


async def schools(viewer: Actor, database: AsyncConnection, lea: LeaCode) -> SchoolDirectory:
    """The school sites of an LEA, for every viewer. NotFound: the state has registered none."""
    directory = (await known(database, f"lea/{lea}", STORED)).one(SchoolDirectory)
    if directory is None:
        raise NotFound(rules.NO_DIRECTORY.broken(at="lea", lea=LEAS.label(lea)))
    return directory


async def students(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> SpellPage:
    """The open spells of an LEA: the students it owns, by State ID, after the State ID `after`."""
    await admit(database, viewer, subject="", what=f"students of {lea}", refusal=not_their_list(viewer, lea))
    rows = await database.execute(store.STUDENTS_OF_LEA, {"lea": lea, "after": after, "limit": limit})
    spells = tuple(Spell.model_validate_json(body) for body in rows.scalars())
    return SpellPage(spells=spells, next=spells[-1].student_id if len(spells) == limit else None)


async def claims(
    viewer: Actor,
    database: AsyncConnection,
    lea: LeaCode,
    *,
    state: TransferState | None,
    after: str,
    limit: int,
) -> ClaimPage:
    """An LEA's claims on other LEAs' students that are requested or refused."""
    await admit(database, viewer, subject="", what=f"claims of {lea}", refusal=not_their_list(viewer, lea))
    subject, _, claim = after.partition(".")
    found = await database.execute(
        store.CLAIMS_OF_LEA,
        {
            "lea": lea,
            "states": [state] if state else [TransferState.REQUESTED, TransferState.REFUSED],
            "after_subject": subject,
            "after_claim": claim,
            "limit": limit,
        },
    )
    transfers = tuple(Transfer.model_validate_json(body) for body in found.scalars())
    last = transfers[-1] if len(transfers) == limit else None
    return ClaimPage(claims=transfers, next=f"{last.student_id}.{last.claim_id}" if last else None)


def _visible(viewer: Actor, record: Known, owner: Spell | None) -> tuple[Spell, ...]:
    newest_first = sorted(record.all(Spell), key=lambda spell: spell.begin_on, reverse=True)
    if owner is None or viewer.sees(owner.lea):
        return tuple(newest_first)
    return tuple(spell for spell in newest_first if spell.lea == viewer.lea)
