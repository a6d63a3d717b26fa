"""Lists a student's attachments, and sends their bytes."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from urllib.parse import quote

from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.attachments import Attachment, MediaType
from contracts.dates import day_at
from contracts.decision import Known
from contracts.leaving import last_left
from contracts.message import PersonalValue
from contracts.types import AttachmentId, LeaCode, StudentId
from services.chassis.answering.problems import NotFound, Problem
from services.students.attachments.blobs import StoreAway, blobs_at
from services.students.attachments.settings import AttachmentSettings
from services.students.domain import rules
from services.students.domain.attachments import AttachmentLabel
from services.students.queries import as_left, shown

_SANDBOX = "default-src 'none'; sandbox"


class AttachmentView(PersonalValue):
    """A file of the record. A deleted one has no file name, but who deleted it, when and why."""

    attachment_id: AttachmentId
    revision: int
    description: str
    file_name: str | None
    media_type: MediaType
    size: int
    sha256: str | None
    lea: LeaCode
    kept_on: date
    sent_by: str
    deleted_on: date | None
    deleted_by: str | None
    deletion_reason: str | None


async def attachments(
    viewer: Actor, database: AsyncConnection, student_id: StudentId
) -> tuple[AttachmentView, ...]:
    """The attachments, newest first, for everyone who sees the record. A former owner sees those of the day
    when the student left; what was deleted since then is deleted for it too."""
    facts = await shown(viewer, database, student_id, "attachments")
    record = await _record(viewer, database, facts)
    views = [_view(one, label, facts) for one, label in _with_labels(record)]
    return tuple(sorted(views, key=lambda view: (view.kept_on, str(view.attachment_id)), reverse=True))


async def content(
    viewer: Actor, database: AsyncConnection, student_id: StudentId, attachment_id: AttachmentId
) -> StreamingResponse:
    """The bytes of a file, to be saved and never shown within a page. NotFound: the student has no such
    attachment. Problem 410: it is deleted; 503: the store does not answer."""
    facts = await shown(viewer, database, student_id, f"attachment {attachment_id}")
    record = await _record(viewer, database, facts)
    found = next((each for each in _with_labels(record) if each[0].attachment_id == attachment_id), None)
    if found is None:
        raise NotFound(rules.UNKNOWN_ATTACHMENT.broken(at="attachment_id"))
    attachment, label = found
    if day := _deleted_on(attachment, facts):
        raise Problem(410, [rules.ATTACHMENT_DELETED.broken(at="attachment_id", day=day)])
    try:
        pieces = await blobs_at(AttachmentSettings().store).get(attachment.sha256)
    except StoreAway:
        raise Problem(503, [rules.STORE_AWAY.broken()]) from None
    return _answer(attachment, label, pieces)


def _answer(
    attachment: Attachment, label: AttachmentLabel, pieces: AsyncIterator[bytes]
) -> StreamingResponse:
    headers = {
        "Content-Length": str(attachment.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(label.file_name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _SANDBOX,
    }
    return StreamingResponse(pieces, media_type=attachment.media_type.value, headers=headers)


async def _record(viewer: Actor, database: AsyncConnection, facts: Known) -> Known:
    spell = last_left(facts, viewer, day_at(datetime.now(UTC)))
    return await as_left(database, spell) if spell else facts


def _with_labels(record: Known) -> Iterator[tuple[Attachment, AttachmentLabel]]:
    for attachment in record.all(Attachment):
        label = record.get(AttachmentLabel, attachment.attachment_id)
        if label is not None:
            yield attachment, label


def _deleted_on(attachment: Attachment, facts: Known) -> date | None:
    """The day of the deletion, as the record is now."""
    now = facts.get(Attachment, attachment.attachment_id)
    return now.deleted_on if now else attachment.deleted_on


def _view(attachment: Attachment, label: AttachmentLabel, facts: Known) -> AttachmentView:
    deleted_on = _deleted_on(attachment, facts)
    return AttachmentView(
        attachment_id=attachment.attachment_id,
        revision=attachment.revision,
        description=label.description,
        file_name=None if deleted_on else label.file_name,
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=None if deleted_on else attachment.sha256,
        lea=attachment.lea,
        kept_on=attachment.kept_on,
        sent_by=label.sent_by,
        deleted_on=deleted_on,
        deleted_by=label.deleted_by,
        deletion_reason=label.deletion_reason,
    )
