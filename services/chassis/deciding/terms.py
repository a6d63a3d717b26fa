"""The limits under which a service decides its batches."""

from dataclasses import dataclass
from datetime import timedelta

from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing.effects import Outgoings


@dataclass(frozen=True, slots=True)
class Terms:
    """How a batch is decided: for which service, how long a command waits for a fact, how many may wait
    for a subject, how many bytes one event may have, and all events of a batch together."""

    service: ServiceDefinition
    out: Outgoings
    hold: timedelta
    queue_limit: int
    largest_body: int
    largest_batch: int
