"""What a service says of how much it has said, so that a reader misses its last event too."""

from datetime import datetime

from pydantic import Field

from contracts.message import Value


class Heartbeat(Value):
    """How many events a service has said about each subject.

    A service sends a heartbeat when it has said something, and every few seconds when it has not.
    """

    service: str
    number: int = Field(
        ge=0,
        description="Counts the service's heartbeats that name subjects, from 1. One that names none repeats"
        " the number of the last that did.",
    )
    as_of: datetime | None = Field(
        description="Heartbeats up to this number name all that the service had said by this moment."
        " Blank: more of the same moment follow."
    )
    sequences: tuple[tuple[str, int], ...] = Field(
        default=(),
        description="Subjects, each with the number of its last event. Only those of whom the service has"
        " said something since the heartbeat before.",
    )

    @property
    def subject(self) -> str:
        """The key of the record.

        A heartbeat that names subjects has a key of its own and stays on the topic. One that names none has
        the service as its key: of those only the last has to stay.
        """
        return f"{self.service}/{self.number}" if self.sequences else self.service
