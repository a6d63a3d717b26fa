"""Commands that replace a record: refused if the record has changed since the sender looked at it."""

from collections.abc import Iterable, Iterator

from pydantic import Field

from contracts.decision import Known
from contracts.errors import REVISION_MOVED, Finding
from contracts.message import Command, Message, Record, Value
from contracts.types import OrBlank


class Replaces(Command):
    """A command that replaces a record, or a part of it."""

    on_revision: OrBlank[int | None] = Field(
        default=None,
        ge=1,
        description="The revision of the record that the sender saw. If the record is at another revision"
        " when the command is decided, the command is refused (MSG-031). Blank: the revision does not"
        " matter.",
    )


def moved_on(
    known: Known, command: Replaces, kind: type[Record], record_id: object = "", *, fields: Iterable[str]
) -> Iterator[Finding]:
    """The finding that the record is not at the revision that the sender saw.

    `fields`: the fields of the command in which the record differs from what the command would set (see
    `differing`). A record that does not exist is at revision 0.
    """
    seen, now = command.on_revision, known.revision(kind.kind, str(record_id))
    if seen is not None and seen != now:
        record = f"{kind.kind}/{record_id}" if record_id else kind.kind
        yield REVISION_MOVED.broken(
            at="on_revision", seen=seen, now=now, record=record, fields=", ".join(fields)
        )


def differing(has: Value | None, wants: Value, *, at: str = "") -> Iterator[str]:
    """The fields in which what the record has differs from what the command wants, found at `at` in the
    command. What names the subject, and `on_revision`, is no content."""
    no_content = {"on_revision", *wants.subject_fields()} if isinstance(wants, Message) else set()
    for name in type(wants).model_fields:
        if name not in no_content and getattr(has, name, None) != getattr(wants, name):
            yield f"{at}.{name}" if at else name
