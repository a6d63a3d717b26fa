"""A service's answers: the outcome of a command, and the dead letter of an unreadable message."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from contracts.errors import Finding, listed
from contracts.message import Value


class Status(StrEnum):
    """`accepted` and `refused` are final; `held` says that the command waits, and why."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD = "held"

    @property
    def final(self) -> bool:
        """Whether no other outcome will follow."""
        return self is not Status.HELD


class Outcome(Value):
    """The answer to one command. A held command gets another, final one."""

    command_id: UUID
    command: str = Field(description="Name of the command.")
    subject: str = Field(
        description="What the command was about: a State ID, or another subject as `provider/017/T-4471`;"
        " blank if the command named none that can be read."
    )
    status: Status
    findings: tuple[Finding, ...] = ()
    sequence: int = Field(
        default=0,
        ge=0,
        description="The number (`ce_sequence`) of the service's last event about the subject at this"
        " outcome. A query's answer includes the change if its own number is not lower.",
    )

    @classmethod
    def given(
        cls,
        subject: str,
        command: str,
        command_id: UUID,
        status: Status,
        findings: tuple[Finding, ...],
        sequence: int = 0,
    ) -> Self:
        """The answer to a command about `subject`, with as many of the findings as an answer may hold."""
        return cls(
            subject=subject,
            command=command,
            command_id=command_id,
            status=status,
            findings=listed(findings),
            sequence=sequence,
        )


class DeadLetter(Value):
    """A record that cannot be read: where it stood, and why. Its bytes are the body's `value`, in base64."""

    topic: str
    partition: int
    offset: int
    reason: str
    key: str | None = Field(description="Base64; blank if there was none.")
    value: str | None = Field(
        description="Base64; blank if there was none, or if it was larger than the dead letter may be."
    )
    headers: tuple[tuple[str, str | None], ...] = Field(
        default=(), description="Names, and values in base64."
    )
