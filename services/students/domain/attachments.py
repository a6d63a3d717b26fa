"""Attachments: files that the owner keeps with a student's record. A deleted one is final for every reader.

A decider sees an upload only if the service has its bytes. What people write about a file is in a record of
its own, the label, and in no event.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from contracts.access import Role
from contracts.attachments import (
    AddAttachment,
    Attachment,
    AttachmentAdded,
    AttachmentDeleted,
    AttachmentDescribed,
    AttachmentReplaced,
    DeleteAttachment,
    DescribeAttachment,
    FileReference,
    MediaType,
    ReplaceAttachment,
)
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import owner
from contracts.message import Command, Movable, OfStudent, PersonalValue, Record
from contracts.revisions import moved_on
from contracts.types import AttachmentId, Sha256, ShortText
from services.students.domain import rules
from services.students.domain.ownership import of_another_lea, student_missing

MOST_ATTACHMENTS = 200


class Upload(OfStudent, Record):
    """Bytes that were uploaded for an attachment. The store finds it for a decision and keeps none."""

    kind: ClassVar[str] = "upload"

    attachment_id: AttachmentId
    sha256: Sha256
    size: int
    media_type: MediaType

    @property
    def record_id(self) -> str:
        return upload_id(self.attachment_id, self.sha256)


class AttachmentLabel(PersonalValue, OfStudent, Movable):
    """What people wrote about an attachment, and who did. It is published in no event.

    `sent_by`, `deleted_by`: LEA and user, as `017/m.landry`.
    """

    kind: ClassVar[str] = "attachment_label"

    attachment_id: AttachmentId
    description: ShortText
    file_name: ShortText
    sent_by: str
    deleted_by: str | None = None
    deletion_reason: ShortText | None = None

    @property
    def record_id(self) -> str:
        return str(self.attachment_id)


def upload_id(attachment_id: AttachmentId, sha256: Sha256) -> str:
    """Names the upload of these bytes for this attachment."""
    return f"{attachment_id}/{sha256}"


def add_attachment(known: Known, ask: Ask[AddAttachment]) -> Decision:
    """The owner adds a file whose bytes were uploaded before."""
    command = ask.command
    if stopped := _stopped(known, ask, _not_addable(known, command)):
        return stopped
    attachment = AttachmentAdded(
        student_id=command.student_id,
        revision=1,
        attachment_id=command.attachment_id,
        lea=ask.actor.lea,
        media_type=command.media_type,
        size=command.size,
        sha256=command.sha256,
        kept_on=ask.on,
    )
    label = AttachmentLabel(
        student_id=command.student_id,
        revision=1,
        attachment_id=command.attachment_id,
        description=command.description,
        file_name=command.file_name,
        sent_by=ask.actor.sender,
    )
    return Accepted([attachment, label])


def replace_attachment(known: Known, ask: Ask[ReplaceAttachment]) -> Decision:
    """The owner puts another uploaded file in place of the earlier one."""
    command = ask.command
    if stopped := _stopped(known, ask, _not_replaceable(known, command)):
        return stopped
    attachment, label = _found(known, command.attachment_id)
    replaced = AttachmentReplaced.of(
        attachment,
        lea=ask.actor.lea,
        media_type=command.media_type,
        size=command.size,
        sha256=command.sha256,
        kept_on=ask.on,
    )
    relabelled = AttachmentLabel.of(label, file_name=command.file_name, sent_by=ask.actor.sender)
    return Accepted([replaced, relabelled])


def describe_attachment(known: Known, ask: Ask[DescribeAttachment]) -> Decision:
    """The owner describes a file anew."""
    command = ask.command
    if stopped := _stopped(known, ask, _not_describable(known, command)):
        return stopped
    attachment, label = _found(known, command.attachment_id)
    relabelled = AttachmentLabel.of(label, description=command.description)
    return Accepted([AttachmentDescribed.of(attachment), relabelled])


def delete_attachment(known: Known, ask: Ask[DeleteAttachment]) -> Decision:
    """The owner deletes a file. The record keeps who did it, when and why."""
    command = ask.command
    if stopped := _stopped(known, ask, _not_open(known, command.attachment_id)):
        return stopped
    attachment, label = _found(known, command.attachment_id)
    deleted = AttachmentDeleted.of(attachment, deleted_on=ask.on)
    noted = AttachmentLabel.of(label, deleted_by=ask.actor.sender, deletion_reason=command.reason)
    return Accepted([deleted, noted])


def open_attachments(known: Known) -> Sequence[Attachment]:
    """The attachments that nobody has deleted."""
    return [one for one in known.all(Attachment) if one.deleted_on is None]


def _found(known: Known, attachment_id: AttachmentId) -> tuple[Attachment, AttachmentLabel]:
    attachment, label = known.get(Attachment, attachment_id), known.get(AttachmentLabel, attachment_id)
    assert attachment is not None, "checked before"
    assert label is not None, "a label is saved with its attachment"
    return attachment, label


def _stopped(known: Known, ask: Ask[Command], unfit: Iterator[Finding]) -> Refused | Waiting | None:
    """Why the command cannot take effect now. `unfit`: read only for the owner of a known student.

    Other LEAs learn nothing about the record.
    """
    missing = student_missing(known, ask.on)
    broken = [*_not_allowed(known, ask)]
    if not missing and owner(known, ask.on) == ask.actor.lea:
        broken.extend(unfit)
    if broken:
        return Refused(tuple(broken))
    return Waiting(missing) if missing else None


def _not_allowed(known: Known, ask: Ask[Command]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from of_another_lea(known, ask)


def _not_addable(known: Known, command: AddAttachment) -> Iterator[Finding]:
    if known.get(Attachment, command.attachment_id) is not None:
        yield rules.ATTACHMENT_EXISTS.broken(at="attachment_id")
    elif len(open_attachments(known)) >= MOST_ATTACHMENTS:
        yield rules.TOO_MANY_ATTACHMENTS.broken(at="attachment_id", limit=MOST_ATTACHMENTS)
    yield from _not_uploaded(known, command)


def _not_replaceable(known: Known, command: ReplaceAttachment) -> Iterator[Finding]:
    yield from _not_open(known, command.attachment_id)
    yield from moved_on(known, command, Attachment, command.attachment_id, fields=("sha256",))
    yield from _not_uploaded(known, command)


def _not_describable(known: Known, command: DescribeAttachment) -> Iterator[Finding]:
    yield from _not_open(known, command.attachment_id)
    yield from moved_on(known, command, Attachment, command.attachment_id, fields=("description",))


def _not_open(known: Known, attachment_id: AttachmentId) -> Iterator[Finding]:
    attachment = known.get(Attachment, attachment_id)
    if attachment is None:
        yield rules.UNKNOWN_ATTACHMENT.broken(at="attachment_id")
    elif attachment.deleted_on:
        yield rules.ATTACHMENT_DELETED.broken(at="attachment_id", day=attachment.deleted_on)


def _not_uploaded(known: Known, command: FileReference) -> Iterator[Finding]:
    """The command must name bytes that the service has, with their size and their kind."""
    upload = known.get(Upload, upload_id(command.attachment_id, command.sha256))
    if upload is None:
        yield rules.NOT_UPLOADED.broken(at="sha256")
        return
    if upload.size != command.size:
        yield rules.OTHER_SIZE.broken(at="size", size=upload.size)
    if upload.media_type is not command.media_type:
        yield rules.OTHER_MEDIA_TYPE.broken(at="media_type", media_type=upload.media_type.value)
