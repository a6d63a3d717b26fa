"""A service's answers: the outcome of a command, and the dead letter of an unreadable message."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from contracts.errors import Finding, listed
from contracts.message import Value


class Status(StrEnum):
    """`accepted` and `refused` are final. `held`: the command waits; the findings say why."""

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
        description="The command's subject: a State ID, or another subject such as `provider/017/T-4471`."
        " Blank: the command has no readable subject."
    )
    status: Status
    findings: tuple[Finding, ...] = ()
    sequence: int = Field(
        default=0,
        ge=0,
        description="The number (`ce_sequence`) of the service's last event about the subject, this command's"
        " events included. If the header `Ser-Sequence` of a query's response has this number or a higher"
        " one, the response includes the command's change.",
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
        """The outcome of a command about `subject`, with as many findings as an outcome may hold."""
        return cls(
            subject=subject,
            command=command,
            command_id=command_id,
            status=status,
            findings=listed(findings),
            sequence=sequence,
        )


class DeadLetter(Value):
    """An unreadable message: its place and the reason. `value` has its bytes in base64."""

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
