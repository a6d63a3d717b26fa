"""Assigning guardians and attachments to the person to whom they belong, after a split or a wrong merge."""

from collections.abc import Iterator

from contracts.assigning import assigned, not_assignable
from contracts.attachments import AssignAttachment, Attachment, AttachmentMoved
from contracts.decision import Accepted, Ask, Decision, Known, Refused
from contracts.message import Record
from contracts.students import AssignGuardian, Guardian, GuardianMoved
from contracts.types import StudentId
from services.students.domain import rules
from services.students.domain.attachments import AttachmentLabel


def assign_guardian(known: Known, ask: Ask[AssignGuardian]) -> Decision:
    """A secure ID manager says that a parent or guardian, a removed one too, is the other person's.

    The limit of guardians holds for adding, not for assigning.
    """
    guardian = known.get(Guardian, ask.command.guardian_id)
    broken = tuple(not_assignable(known, ask))
    if guardian is None:
        return Refused((*broken, rules.UNKNOWN_GUARDIAN.broken(at="guardian_id")))
    return Refused(broken) if broken else Accepted([*assigned(guardian, ask.command.to, GuardianMoved)])


def assign_attachment(known: Known, ask: Ask[AssignAttachment]) -> Decision:
    """A secure ID manager says that an attachment, a deleted one too, is about the other person.

    Its bytes stay where they are: the store finds them by their hash.
    """
    attachment = known.get(Attachment, ask.command.attachment_id)
    broken = tuple(not_assignable(known, ask))
    if attachment is None:
        return Refused((*broken, rules.UNKNOWN_ATTACHMENT.broken(at="attachment_id")))
    return Refused(broken) if broken else Accepted([*_with_label(known, attachment, ask.command.to)])


def _with_label(known: Known, attachment: Attachment, to: StudentId) -> Iterator[Record]:
    yield from assigned(attachment, to, AttachmentMoved)
    if label := known.get(AttachmentLabel, attachment.attachment_id):
        yield from assigned(label, to, AttachmentLabel)
