"""The queries of students, except the search box (see `search`). The viewer is the first argument."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.assigning import ToAssign, beside, not_shown
from contracts.attachments import AssignAttachment, Attachment
from contracts.dates import day_at
from contracts.decision import Known
from contracts.errors import NOT_ADDED, ROLE_MISSING
from contracts.facts import KnownSpell, hidden_from, owner
from contracts.identity import Identity, Person
from contracts.leaving import last_left
from contracts.message import PersonalValue
from contracts.moving import one_child
from contracts.state_ids import SharedId, StateIdChange
from contracts.students import AssignGuardian, Guardian, GuardianDetails, Profile, Student
from contracts.types import GuardianId, LeaCode, StudentId
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import first_opened, known, known_together
from services.chassis.answering.viewing import admit
from services.students.domain import STORED, rules
from services.students.domain.addresses import is_retired, merged_into
from services.students.domain.attachments import AttachmentLabel
from services.students.domain.facts import KnownService
from services.students.domain.guardians import present
from services.students.domain.identities import unreadable
from services.students.domain.leaving import StudentAsLeft
from services.students.domain.splits import open_splits
from services.students.domain.state_id_changes import waiting


class GuardianView(PersonalValue):
    """A parent or guardian of a student."""

    guardian_id: GuardianId
    revision: int
    guardian: GuardianDetails


class RemovedGuardian(GuardianView):
    """A parent or guardian whom the LEA has removed, and why."""

    removed_on: date
    removal_reason: str


class StudentView(PersonalValue):
    """A student's record: the person as in eScholar, the profiles, the parents and guardians, the owner.

    `profile`: the profile that holds today; blank before the first one begins. `profiles`: all profiles,
    latest first. `merged_into`: the State ID that stands for this one, since eScholar merged it.
    """

    student_id: StudentId
    revision: int
    person: Person
    identity_revision: int
    profile: Profile | None
    profiles: tuple[Profile, ...]
    added_by: LeaCode
    lea: LeaCode | None
    open_services: bool
    guardians: tuple[GuardianView, ...]
    removed_guardians: tuple[RemovedGuardian, ...] = ()
    merged_into: StudentId | None = None


class IdentityView(PersonalValue):
    """The person with a State ID, as in eScholar. `added`, `lea`: the person's place in this record.

    `unread`: the reason why SER could not read a newer message from eScholar. `merged_into`: the State ID
    that stands for this one, since it was merged. `retired`: eScholar says that nobody bears it. `change`:
    the change of this State ID that waits for approval. `splits`: those that nobody has closed. Only secure
    ID managers see both.
    """

    student_id: StudentId
    person: Person
    identity_revision: int
    added: bool
    lea: LeaCode | None
    unread: str | None = None
    merged_into: StudentId | None = None
    retired: bool = False
    change: StateIdChange | None = None
    splits: tuple[SharedId, ...] = ()


def _today() -> date:
    return day_at(datetime.now(UTC))


async def student(viewer: Actor, database: AsyncConnection, student_id: StudentId) -> StudentView:
    """The record, for its owner, the state and auditors. Any LEA sees it while no LEA owns the student.

    A former owner sees the record as it was when the student left.
    """
    facts = await shown(viewer, database, student_id, "student")
    spell = last_left(facts, viewer, _today())
    record = await as_left(database, spell) if spell else facts
    one = record.one(Student)
    if one is None:
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    return StudentView(
        student_id=student_id,
        revision=one.revision,
        person=one.person,
        identity_revision=one.identity_revision,
        profile=one.profile_on(_today()),
        profiles=tuple(one.profiles),
        added_by=one.added_by,
        lea=owner(facts, _today()),
        open_services=any(service.end_on is None for service in record.all(KnownService)),
        guardians=tuple(map(_guardian, present(record))),
        removed_guardians=tuple(_removed(record)),
        merged_into=merged_into(facts),
    )


async def as_left(database: AsyncConnection, spell: KnownSpell) -> Known:
    """The record as it was when the spell ended. Its services have ended by then, or end with it."""
    places = (spell.student_id, spell.owned_by)  # a merge leaves the copy where it was kept
    left = await first_opened(database, places, StudentAsLeft, spell.spell_id)
    return _records_of(left, spell) if left else Known()


def _records_of(left: StudentAsLeft, spell: KnownSpell) -> Known:
    """The records that the copy keeps. The one student record in it is the State ID's."""
    student = left.student.model_copy(update={"student_id": spell.student_id, "belongs_to": None})
    here = (*left.guardians, *left.attachments, *left.attachment_labels)
    return Known((student, *(one.model_copy(update={"belongs_to": None, "moved_to": None}) for one in here)))


async def identity(viewer: Actor, database: AsyncConnection, student_id: StudentId) -> IdentityView:
    """The person with a State ID, as in eScholar. A writer checks it before adding the student, a secure ID
    manager compares two of them."""
    manager = viewer.has(Role.SECURE_ID_MANAGER)
    refusal = None if manager or viewer.has(Role.WRITER) else ROLE_MISSING.broken(role=Role.WRITER)
    await admit(database, viewer, subject=student_id, what="identity", refusal=refusal)
    facts = await known(database, student_id, STORED)
    mirrored = facts.one(Identity)
    unread = unreadable(facts)
    if mirrored is None and unread:
        raise NotFound(rules.IDENTITY_UNREADABLE.broken(at="student_id", reason=unread.reason))
    if mirrored is None:
        raise NotFound(rules.IDENTITY_UNKNOWN.broken(at="student_id"))
    return IdentityView(
        student_id=student_id,
        person=mirrored.person,
        identity_revision=mirrored.revision,
        added=facts.one(Student) is not None,
        lea=owner(facts, _today()),
        unread=unread.reason if unread else None,
        merged_into=merged_into(facts),
        retired=is_retired(facts),
        change=waiting(facts) if manager else None,
        splits=await _splits(database, student_id, facts) if manager else (),
    )


async def _splits(database: AsyncConnection, student_id: StudentId, facts: Known) -> tuple[SharedId, ...]:
    """The open splits of the State ID and of those merged into it, with the State IDs that stand for both."""
    found: dict[StudentId, SharedId] = {}
    for one in one_child(facts, student_id):
        own = facts if one == student_id else await known(database, one, STORED)
        for split in open_splits(own):
            with_id = merged_into(await known(database, split.with_id, STORED)) or split.with_id
            if with_id != student_id:
                found[with_id] = split.model_copy(update={"student_id": student_id, "with_id": with_id})
    return tuple(found.values())


async def may_look(viewer: Actor, database: AsyncConnection, student_id: StudentId, what: str) -> bool:
    """Log a view of the record. True if the viewer sees it as its owner does. Raises NotFound, Forbidden."""
    return last_left(await shown(viewer, database, student_id, what), viewer, _today()) is None


async def shown(viewer: Actor, database: AsyncConnection, student_id: StudentId, what: str) -> Known:
    """The stored records of a student whom the viewer may see. Logs the view, a refused one too."""
    facts = await known(database, student_id, STORED)
    if facts.one(Student) is None:
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    await admit(database, viewer, subject=student_id, what=what, refusal=hidden_from(viewer, facts))
    return facts


def _guardian(guardian: Guardian) -> GuardianView:
    return GuardianView(
        guardian_id=guardian.guardian_id, revision=guardian.revision, guardian=guardian.guardian
    )


def _removed(record: Known) -> Iterator[RemovedGuardian]:
    """The removed guardians, latest first."""
    removed = ((one, one.removed_on, one.removal_reason) for one in record.all(Guardian))
    for one, day, reason in sorted(removed, key=lambda each: str(each[1]), reverse=True):
        if day is not None:
            yield RemovedGuardian(
                guardian_id=one.guardian_id,
                revision=one.revision,
                guardian=one.guardian,
                removed_on=day,
                removal_reason=reason or "",
            )


async def to_assign(
    viewer: Actor, database: AsyncConnection, student_id: StudentId, other: StudentId
) -> Sequence[ToAssign]:
    """The guardians and attachments that may be the other person's. The removed and deleted ones, too."""
    facts = await known_together(database, student_id, beside(student_id, other), STORED)
    refusal = next(not_shown(facts, viewer, student_id, other), None)
    await admit(database, viewer, subject=student_id, what="records to assign", refusal=refusal)
    return [*_guardians_to_assign(facts), *_attachments_to_assign(facts)]


def _guardians_to_assign(facts: Known) -> Iterator[ToAssign]:
    for one in facts.all(Guardian):
        names = (one.guardian.first_name, one.guardian.last_name, one.guardian.suffix)
        yield ToAssign(
            command=AssignGuardian.__name__,
            record_id=one.guardian_id,
            what=f"{' '.join(filter(None, names))}, {one.guardian.relationship}",
            end_on=one.removed_on,
        )


def _attachments_to_assign(facts: Known) -> Iterator[ToAssign]:
    for one in facts.all(Attachment):
        label = facts.get(AttachmentLabel, one.attachment_id)
        yield ToAssign(
            command=AssignAttachment.__name__,
            record_id=one.attachment_id,
            what=label.description if label else "",
            lea=one.lea,
            end_on=one.deleted_on,
        )
