"""The messages about attachments: files that an LEA keeps with a student's record.

The bytes travel over HTTP, never over Kafka. A command names them by their SHA-256. People write names into
file names, descriptions and reasons, so no event has any of these.
"""

from typing import ClassVar

from pydantic import Field

from contracts.message import Command, Event, Movable, OfStudent, PersonalValue
from contracts.revisions import Replaces
from contracts.state_ids import Assignment
from contracts.types import AttachmentId, Choice, Day, LeaCode, Sha256, ShortText

LARGEST_ATTACHMENT = 25 * 1024 * 1024
"""The most bytes of an attachment."""


class MediaType(Choice):
    """The kinds of files that SER keeps. Its content says which kind a file is, not its name."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"
    TIFF = "image/tiff"
    HEIC = "image/heic"
    WEBP = "image/webp"
    WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    TEXT = "text/plain"


class FileReference(PersonalValue, OfStudent):
    """The file of a command. Its bytes were uploaded before, for this attachment."""

    attachment_id: AttachmentId
    file_name: ShortText = Field(description="The file's name, as the sender has it.")
    media_type: MediaType = Field(description="The kind of the file, as the upload answered.")
    size: int = Field(ge=1, le=LARGEST_ATTACHMENT, description="The number of bytes.")
    sha256: Sha256


class AddAttachment(FileReference, Command):
    """Keep an uploaded file with the student's record."""

    creates: ClassVar[str] = "attachment_id"

    description: ShortText = Field(description="What the file is; for example: Healthcare plan.")


class ReplaceAttachment(FileReference, Replaces):
    """Keep another uploaded file in place of the earlier one. The description stays."""


class DescribeAttachment(OfStudent, Replaces):
    """Say anew what an attachment is."""

    attachment_id: AttachmentId
    description: ShortText = Field(description="What the file is; for example: Healthcare plan.")


class DeleteAttachment(OfStudent, Command):
    """Delete an attachment. Nobody can open it again; who deleted it, when and why stays."""

    attachment_id: AttachmentId
    reason: ShortText = Field(description="Why, in the LEA's words; for example: belongs to a sibling.")


class AssignAttachment(OfStudent, Assignment):
    """Say that an attachment is about the person with another State ID."""

    attachment_id: AttachmentId


class Attachment(OfStudent, Movable):
    """A file that an LEA keeps with a student's record. A deleted one keeps the record."""

    kind: ClassVar[str] = "attachment"

    attachment_id: AttachmentId
    lea: LeaCode = Field(description="The LEA that sent the file.")
    media_type: MediaType
    size: int = Field(ge=1, le=LARGEST_ATTACHMENT, description="The number of bytes.")
    sha256: Sha256
    kept_on: Day = Field(description="The day on which the LEA sent the file.")
    deleted_on: Day | None = Field(default=None, description="The day of the deletion, if there is one.")

    @property
    def record_id(self) -> str:
        return str(self.attachment_id)


class AttachmentAdded(Attachment, Event):
    """An LEA added a file to the student's record."""


class AttachmentDescribed(Attachment, Event):
    """The LEA described the file anew. The description is in no event."""


class AttachmentReplaced(Attachment, Event):
    """The LEA replaced the file by another one."""


class AttachmentDeleted(Attachment, Event):
    """The LEA deleted the file."""


class AttachmentMoved(Attachment, Event):
    """An attachment came from another State ID, or went to one (`moved_to`)."""


COMMANDS = (
    AddAttachment,
    DescribeAttachment,
    ReplaceAttachment,
    DeleteAttachment,
    AssignAttachment,
)
EVENTS = (AttachmentAdded, AttachmentDescribed, AttachmentReplaced, AttachmentDeleted, AttachmentMoved)
