"""Student records, guardians and attachments move to the State ID that stands for theirs."""

from collections.abc import Iterator

from contracts.attachments import Attachment, AttachmentMoved
from contracts.identity import Identity
from contracts.message import Record
from contracts.moving import KnownOf, Moves, going
from contracts.state_ids import StateId
from contracts.students import Guardian, GuardianMoved, Student, StudentMoved
from services.students.domain.attachments import AttachmentLabel

MOVES: Moves = {
    Student: StudentMoved,
    Guardian: GuardianMoved,
    Attachment: AttachmentMoved,
    AttachmentLabel: AttachmentLabel,
}


def move(known_of: KnownOf, address: StateId) -> Iterator[Record]:
    """The records that move. Where a student record stands, it has the person whom eScholar has there."""
    for record in going(known_of, address, MOVES):
        if isinstance(record, StudentMoved) and record.moved_to is None:
            identity = known_of(record.student_id).one(Identity)
            yield _with_person(record, identity) if identity else record
        else:
            yield record


def _with_person(student: StudentMoved, identity: Identity) -> StudentMoved:
    person = {"person": identity.person, "identity_revision": identity.revision}
    return student.model_copy(update=person)
