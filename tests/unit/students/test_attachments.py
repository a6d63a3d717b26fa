"""Attachments: added, described, replaced and deleted by the owner."""

from typing import Any

import pytest

from contracts.access import Role
from contracts.attachments import (
    AddAttachment,
    Attachment,
    AttachmentDeleted,
    AttachmentDescribed,
    AttachmentReplaced,
    DeleteAttachment,
    DescribeAttachment,
    MediaType,
    ReplaceAttachment,
)
from contracts.decision import Known, Refused, Waiting
from contracts.message import Command, Record
from contracts.students import Student
from services.students.domain.attachments import MOST_ATTACHMENTS, AttachmentLabel, Upload
from services.students.domain.leaving import StudentAsLeft
from tests.unit.events import ended
from tests.unit.scenario import STUDENT, TODAY, actor, codes, id_named, new_records
from tests.unit.students.events import (
    AUGUST,
    EBR,
    JEFFERSON,
    OCTOBER,
    assigned,
    claimed,
    decide,
    ready,
    records_after,
)

PLAN, OTHER = "a" * 64, "b" * 64
NAMED = "Testa's plan.pdf"
FILE: dict[str, Any] = {"media_type": MediaType.PDF, "size": 1000}


def upload(sha256: str = PLAN, under: str = "plan", **changes: Any) -> Upload:
    """The service has these bytes for this attachment."""
    return Upload(
        student_id=STUDENT,
        revision=1,
        attachment_id=id_named(under),
        sha256=sha256,
        **(FILE | changes),
    )


def add(under: str = "plan", **changes: Any) -> AddAttachment:
    """A command to add a file."""
    given = {"sha256": PLAN, "description": "Healthcare plan", "file_name": NAMED} | FILE | changes
    return AddAttachment(student_id=STUDENT, attachment_id=id_named(under), **given)


def replace(**changes: Any) -> ReplaceAttachment:
    """A command to replace the file."""
    given = {"sha256": OTHER, "file_name": "signed.pdf"} | FILE | changes
    return ReplaceAttachment(student_id=STUDENT, attachment_id=id_named("plan"), **given)


def describe(description: str = "Signed plan", **more: Any) -> DescribeAttachment:
    """A command to describe the file anew."""
    return DescribeAttachment(
        student_id=STUDENT, attachment_id=id_named("plan"), description=description, **more
    )


def delete() -> DeleteAttachment:
    """A command to delete the file."""
    return DeleteAttachment(student_id=STUDENT, attachment_id=id_named("plan"), reason="Belongs to a sibling")


def after(*commands: Command) -> list[Record]:
    """The records after these commands, with the bytes of both files uploaded."""
    history = ready(upload(), upload(OTHER))
    for command in commands:
        history += new_records(decide(history, command))
    return history


def now(history: list[Record]) -> tuple[Attachment, AttachmentLabel]:
    """The attachment and its label, as they are now."""
    known = Known(history)
    attachment = known.get(Attachment, id_named("plan"))
    label = known.get(AttachmentLabel, id_named("plan"))
    assert attachment is not None
    assert label is not None
    return attachment, label


def test_the_owner_adds_a_file() -> None:
    """The record has the file's kind, size, hash and day; the label has what people wrote, and the sender."""
    attachment, label = now(after(add()))
    assert (attachment.sha256, attachment.size, attachment.media_type) == (PLAN, 1000, MediaType.PDF)
    assert (attachment.lea, attachment.kept_on, attachment.deleted_on) == (EBR, TODAY, None)
    assert (label.description, label.file_name) == ("Healthcare plan", NAMED)
    assert label.sent_by == "017/a.coordinator"


def test_no_event_has_what_people_wrote() -> None:
    """File name, description and reason stay in the service's own database: no event has them."""
    history = after(add(), describe(), replace(), delete())
    events = [record.model_dump_json() for record in history if isinstance(record, Attachment)]
    written = ("Testa", "plan", "signed", "Signed", "sibling")
    assert not [word for word in written for event in events if word in event]


def test_a_file_is_described_anew() -> None:
    """The owner changes the description. The file stays."""
    attachment, label = now(after(add(), describe()))
    assert isinstance(attachment, AttachmentDescribed)
    assert (label.description, label.file_name, attachment.sha256) == ("Signed plan", NAMED, PLAN)


def test_a_file_is_replaced() -> None:
    """The owner replaces the file. The description stays."""
    attachment, label = now(after(add(), replace(size=1000)))
    assert isinstance(attachment, AttachmentReplaced)
    assert (attachment.sha256, attachment.revision) == (OTHER, 2)
    assert (label.description, label.file_name) == ("Healthcare plan", "signed.pdf")


def test_a_deletion_leaves_a_trace_and_is_final() -> None:
    """The record keeps who deleted the file, when and why. Nothing changes it again."""
    history = after(add(), delete())
    attachment, label = now(history)
    assert isinstance(attachment, AttachmentDeleted)
    assert attachment.deleted_on == TODAY
    assert (label.deleted_by, label.deletion_reason) == ("017/a.coordinator", "Belongs to a sibling")
    for command in (describe(), replace(), delete()):
        assert codes(decide(history, command)) == {"STU-051"}
    assert codes(decide(history, add())) == {"STU-052"}


@pytest.mark.parametrize("command", [describe(), replace(), delete()])
def test_an_unknown_attachment(command: Command) -> None:
    """The service refuses an attachment_id that the student does not have."""
    assert codes(decide(ready(upload(OTHER)), command)) == {"STU-050"}


def test_the_bytes_come_first() -> None:
    """The service refuses a command whose bytes it does not have, for this attachment and with this hash."""
    assert codes(decide(ready(), add())) == {"STU-054"}
    assert codes(decide(ready(upload(under="another")), add())) == {"STU-054"}
    assert codes(decide(ready(upload(OTHER)), add())) == {"STU-054"}
    assert codes(decide([*ready(), *after(add())[-2:]], replace())) == {"STU-054"}


def test_the_bytes_are_those_of_the_command() -> None:
    """The service refuses a command that names another size or kind than the uploaded bytes have."""
    assert codes(decide(ready(upload()), add(size=1001))) == {"STU-055"}
    assert codes(decide(ready(upload()), add(media_type=MediaType.PNG))) == {"STU-056"}
    both = add(size=1001, media_type=MediaType.PNG)
    assert codes(decide(ready(upload()), both)) == {"STU-055", "STU-056"}


def test_an_attachment_id_is_used_once() -> None:
    """The service refuses a second attachment under the same id."""
    assert codes(decide(after(add()), add())) == {"STU-052"}


def test_a_student_has_so_many_attachments() -> None:
    """A student has 200 attachments at most. A deleted one does not count."""
    history = ready(*(upload(under=f"file {n}") for n in range(MOST_ATTACHMENTS)), upload())
    for n in range(MOST_ATTACHMENTS):
        history += new_records(decide(history, add(f"file {n}")))
    assert codes(decide(history, add())) == {"STU-053"}
    gone = delete().model_copy(update={"attachment_id": id_named("file 0")})
    history += new_records(decide(history, gone))
    new_records(decide(history, add()))


def test_two_people_change_one_attachment() -> None:
    """The second of two people who saw the same revision is refused, and learns that it has changed."""
    history = after(add(), describe(on_revision=1))
    assert codes(decide(history, describe("Another", on_revision=1))) == {"MSG-031"}
    assert codes(decide(history, replace(on_revision=1))) == {"MSG-031"}
    new_records(decide(history, describe("Another", on_revision=2)))


@pytest.mark.parametrize("command", [add(), describe(), replace(), delete()])
def test_only_the_owners_writers_change_attachments(command: Command) -> None:
    """Readers and other LEAs change nothing. Another LEA learns nothing of the attachments."""
    assert codes(decide(after(), command, by=actor(EBR, Role.READER))) >= {"ACC-004"}
    assert codes(decide(after(), command, by=actor(JEFFERSON))) == {"ACC-005"}


@pytest.mark.parametrize("command", [add(), describe(), replace(), delete()])
def test_a_command_waits_for_the_student_and_for_jurisdiction(command: Command) -> None:
    """A command that comes before the student or the claim waits."""
    unclaimed = records_after(ended(claimed(), AUGUST), after=after())
    for history, code in ((records_after(assigned()), "REC-001"), (unclaimed, "REC-002")):
        decision = decide(history, command)
        assert isinstance(decision, Waiting)
        assert codes(decision) == {code}


def test_the_old_lea_keeps_the_attachments_of_its_last_day() -> None:
    """When the student leaves, the service keeps the attachments as they are then, with their labels."""
    history = after(add())
    left = records_after(ended(claimed(), OCTOBER), after=history)[-1]
    assert isinstance(left, StudentAsLeft)
    assert [one.sha256 for one in left.attachments] == [PLAN]
    assert [one.description for one in left.attachment_labels] == ["Healthcare plan"]
    assert Known(history).one(Student) == left.student


def test_an_attachment_shows_nothing_in_text() -> None:
    """A logged command never shows a file name."""
    assert "Testa" not in f"{add()} {add()!r} {now(after(add()))[1]!r}"
    assert isinstance(decide(ready(), add()), Refused)
