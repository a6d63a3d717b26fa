"""The claims on one student, each as a conversation: who did what, and when."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.codes import ServiceCode
from contracts.counting import Calendars
from contracts.decision import Known
from contracts.errors import NOT_ADDED, Finding
from contracts.facts import KnownStudent
from contracts.jurisdiction import Spell, Transfer, TransferState
from contracts.message import Value
from contracts.types import ClaimId, Day, LeaCode, LocalStudentId, SchoolCode, StudentId
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import known
from services.chassis.answering.viewing import admit
from services.jurisdiction import store
from services.jurisdiction.domain import STORED
from services.jurisdiction.domain.clock import answer_due
from services.jurisdiction.domain.facts import Answer, latest_spell, open_spell
from services.jurisdiction.queries import hidden_by

States = Mapping[tuple[str, str], Sequence[Row[Any]]]
"""The states of each record by kind and id, the earliest first."""


class BlockingService(Value):
    """A service of the owner that was open when provision answered the claim."""

    service_code: ServiceCode
    begin_on: Day


class Happened(StrEnum):
    """What happened to a claim."""

    REQUESTED = "requested"
    COMPLETED = "completed"
    REFUSED = "refused"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    WRITTEN = "written"
    ESCALATED = "escalated"


class Step(Value):
    """What happened to a claim, and when. `refused` has the reasons, `completed` warnings of what it moved.

    `lea`, `person`: who brought it about, the state office as `LA`; blank for the service's own answer. The
    person is shown to that LEA and the state.
    """

    state: Happened
    at: datetime
    lea: str | None = None
    person: str | None = None
    text: str | None = Field(
        default=None, description="Why the claim was corrected or withdrawn, or the message that was written."
    )
    findings: tuple[Finding, ...] = ()
    open_services: tuple[BlockingService, ...] = Field(default=(), description="The earliest, at most 100.")
    open_count: int = Field(default=0, description="How many services were open.")


class Conversation(Value):
    """A claim on a student and what followed. Only the claimant and the state see school and local ID."""

    claim_id: ClaimId
    state: Happened = Field(description="Where the claim stands; a withdrawn claim is `withdrawn`.")
    from_lea: LeaCode | None = Field(description="The owner; blank if no LEA owned the student.")
    to_lea: LeaCode = Field(description="The claimant.")
    begin_on: Day
    school: SchoolCode | None
    local_student_id: LocalStudentId | None
    answer_due_on: Day | None = Field(
        default=None, description="The last day of the owner's 10 business days, while the claim is blocked."
    )
    answered_on: Day | None = Field(default=None, description="When the owner first wrote.")
    escalated_on: Day | None = None
    standing: bool = Field(
        default=False, description="Whether open services block the claim, and the owner is still the same."
    )
    steps: tuple[Step, ...] = Field(description="The states of the claim, earliest first.")


class Conversations(Value):
    """A page of the claims on a student that the viewer may see, the latest first.

    Not in the list: claims that broke a rule at once. `/commands` has their outcomes.
    """

    student_id: StudentId
    transfers: tuple[Conversation, ...]
    next: ClaimId | None = Field(description="`after` of the next page; blank on the last one.")


async def conversations(
    viewer: Actor, database: AsyncConnection, student_id: str, *, after: ClaimId | None, limit: int
) -> Conversations:
    """The claims: for the owner and the state all, for another LEA those by it or on its student then.

    NotFound: the student is not added. Forbidden: the viewer's LEA took part in none.
    """
    record = await known(database, student_id, STORED)
    if record.one(KnownStudent) is None and not record.all(Spell):
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    last = latest_spell(record)
    states, published = await _states(database, student_id), await store.calendars(database)
    shown = [one for one in _all(viewer, record, states, published) if _may_see(viewer, one, last)]
    refusal = hidden_by(last) if last and not shown else None
    await admit(database, viewer, subject=student_id, what="transfers", refusal=refusal)
    latest_first = sorted(shown, key=lambda one: (one.steps[0].at, str(one.claim_id)), reverse=True)
    begin = next((place for place, one in enumerate(latest_first, 1) if one.claim_id == after), 0)
    page = tuple(latest_first[begin : begin + limit])
    more = len(latest_first) > begin + limit
    return Conversations(student_id=student_id, transfers=page, next=page[-1].claim_id if more else None)


async def _states(database: AsyncConnection, student_id: str) -> States:
    found: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in (await database.execute(store.CLAIM_STATES, {"subject": student_id})).all():
        found[row.kind, row.record_id].append(row)
    return found


def _may_see(viewer: Actor, one: Conversation, last: Spell | None) -> bool:
    return viewer.sees(last.lea if last else None) or viewer.lea in (one.from_lea, one.to_lea)


def _all(viewer: Actor, record: Known, states: States, published: Calendars) -> Iterator[Conversation]:
    owning = open_spell(record)
    for transfer in record.all(Transfer):
        due = answer_due(transfer, published) if transfer.state is TransferState.REFUSED else None
        stands = due is not None and owning is not None and owning.spell_id == transfer.from_spell
        yield Conversation(
            claim_id=transfer.claim_id,
            state=_stands(record, transfer.claim_id, transfer.state),
            from_lea=transfer.from_lea,
            to_lea=transfer.to_lea,
            begin_on=transfer.begin_on,
            answer_due_on=due if stands else None,
            answered_on=transfer.answered_on,
            escalated_on=transfer.escalated_on,
            standing=stands,
            steps=(
                *_steps(viewer, record, transfer, states[transfer.kind, transfer.record_id]),
                *_mended(viewer, states.get((Spell.kind, transfer.record_id), ())),
            ),
            **_for_claimant(viewer, transfer.to_lea, transfer.school, transfer.local_student_id),
        )
    for spell in record.all(Spell):
        if record.get(Transfer, spell.spell_id) is None:
            yield _unopposed(viewer, record, spell, states[spell.kind, spell.record_id])


def _steps(viewer: Actor, record: Known, transfer: Transfer, rows: Sequence[Row[Any]]) -> Iterator[Step]:
    """The steps of a claim, from its states."""
    answer = record.get(Answer, transfer.claim_id)
    for before, row in pairwise((None, *rows)):
        assert row is not None, "only the first of each pair may be missing"
        if row.body["state"] == TransferState.REQUESTED:
            yield _claimed(viewer, row, transfer.to_lea, Happened.REQUESTED)
        elif before is None or before.body["state"] == TransferState.REQUESTED:
            yield _answered(row, transfer, answer)
        else:
            written = row.body["messages"] != before.body["messages"]
            happened = Happened.WRITTEN if written else Happened.ESCALATED
            text = row.body["message"] if written else None
            yield _by(viewer, row, row.changed_by or "", happened, text=text)


def _stands(record: Known, claim_id: ClaimId, state: TransferState) -> Happened:
    spell = record.get(Spell, claim_id)
    return Happened.WITHDRAWN if spell and spell.withdrawn else Happened(state)


def _mended(viewer: Actor, spells: Sequence[Row[Any]]) -> Iterator[Step]:
    """The steps in which the claim was corrected or withdrawn, from the states of its spell."""
    for before, row in pairwise(spells):
        if _as_claimed(before.body) == _as_claimed(row.body):
            continue
        happened = Happened.WITHDRAWN if row.body["withdrawn"] else Happened.CORRECTED
        yield _by(viewer, row, row.changed_by or "", happened, text=row.body["correction_reason"])


def _as_claimed(spell: Mapping[str, Any]) -> tuple[object, ...]:
    """The values of a spell that only a correction or a withdrawal of its claim changes."""
    names = ("begin_on", "local_student_id", "withdrawn", "correction_reason")
    return tuple(spell[name] for name in names)


def _unopposed(viewer: Actor, record: Known, spell: Spell, rows: Sequence[Row[Any]]) -> Conversation:
    """The claim on a student whom no LEA owned: the first one, or the first after a closed spell."""
    return Conversation(
        claim_id=spell.spell_id,
        state=_stands(record, spell.spell_id, TransferState.COMPLETED),
        from_lea=None,
        to_lea=spell.lea,
        begin_on=spell.begin_on,
        steps=(_claimed(viewer, rows[0], spell.lea, Happened.COMPLETED), *_mended(viewer, rows)),
        **_for_claimant(viewer, spell.lea, spell.schools[0].school, spell.local_student_id),
    )


def _for_claimant(
    viewer: Actor, claimant: LeaCode, school: SchoolCode, local_id: LocalStudentId | None
) -> dict[str, Any]:
    own = viewer.sees(claimant)
    return {"school": school if own else None, "local_student_id": local_id if own else None}


def _claimed(viewer: Actor, row: Row[Any], claimant: LeaCode, happened: Happened) -> Step:
    """The step that a person of the claimant took."""
    _, _, person = (row.sender or "").partition("/")
    return _by(viewer, row, f"{claimant}/{person}", happened)


def _by(viewer: Actor, row: Row[Any], sender: str, happened: Happened, text: str | None = None) -> Step:
    """The step that a sender (`017/m.landry`) took."""
    lea, _, person = sender.partition("/")
    return Step(
        state=happened,
        at=row.at,
        lea=lea or None,
        person=person if person and viewer.sees(lea) else None,
        text=text,
    )


def _answered(row: Row[Any], transfer: Transfer, answer: Answer | None) -> Step:
    """The step after provision's answer."""
    refused = row.body["state"] == TransferState.REFUSED
    return Step(
        state=Happened(row.body["state"]),
        at=row.at,
        findings=transfer.findings,
        open_services=tuple(
            BlockingService(service_code=one.service_code, begin_on=one.begin_on)
            for one in (answer.open_services if answer and refused else ())
        ),
        open_count=answer.open_count if answer and refused else 0,
    )
