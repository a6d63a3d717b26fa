"""Heartbeats: a service counts its events for readers, so that they notice a missing last event."""

from datetime import datetime

from pydantic import Field

from contracts.message import Value


class Heartbeat(Value):
    """How many events a service has published about each subject.

    A service writes a heartbeat every 10 seconds, also when it has published no event.
    """

    service: str
    number: int = Field(
        ge=0,
        description="Counts the service's heartbeats that name subjects, from 1. One without subjects"
        " repeats the last number.",
    )
    as_of: datetime | None = Field(
        description="Heartbeats up to this number count all events that the service published before this"
        " moment. Blank: more heartbeats of the same moment follow."
    )
    sequences: tuple[tuple[str, int], ...] = Field(
        default=(),
        description="Subjects, each with the number of its last event. Only subjects with an event since the"
        " heartbeat before.",
    )

    @property
    def subject(self) -> str:
        """The key of the record.

        A heartbeat with subjects has its own key, so Kafka keeps it. A heartbeat without subjects has the
        service as its key, so Kafka may keep only the last one.
        """
        return f"{self.service}/{self.number}" if self.sequences else self.service
