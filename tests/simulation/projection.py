"""Reporting's projection in memory: every event once, and the newest state of each record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.catalog import BRIDGE
from contracts.heartbeat import Heartbeat
from contracts.message import Event
from contracts.outcome import Outcome, Status
from services.chassis.decoding.messages import ReceivedEvent

Number = tuple[str, str, int]
"""Subject, owner, and the owner's count."""


@dataclass
class MemoryProjection:
    """The fold of all topics, for any order of messages."""

    ids: dict[Number, str] = field(default_factory=dict)
    newest: dict[tuple[str, str, str], tuple[int, str]] = field(default_factory=dict)
    refusals: set[str] = field(default_factory=set)
    reached: dict[tuple[str, str], int] = field(default_factory=dict)
    heartbeats: set[tuple[str, int]] = field(default_factory=set)

    def fresh(self, received: Sequence[ReceivedEvent]) -> set[str]:
        """The ids of the new messages."""
        return {one.id for one in received if self._is_news(one)}

    def keep(self, received: Sequence[ReceivedEvent]) -> None:
        """Save messages."""
        for one in received:
            match one.message:
                case Event() as event:
                    self.ids.setdefault(_number(one, event), one.id)
                    key = (event.subject, event.kind, event.record_id)
                    state = (event.revision, one.body.decode())
                    self.newest[key] = max(self.newest.get(key, (0, "")), state)
                case Outcome(status=Status.REFUSED, command_id=command_id):
                    self.refusals.add(str(command_id))
                case Heartbeat(number=number, sequences=sequences):
                    self.heartbeats.add((one.owner, number))
                    for subject, sequence in sequences:
                        stream = (subject, one.owner)
                        self.reached[stream] = max(sequence, self.reached.get(stream, 0))

    def _is_news(self, received: ReceivedEvent) -> bool:
        match received.message:
            case Event() as event:
                return self.ids.get(_number(received, event)) is None
            case Outcome(status=Status.REFUSED, command_id=command_id):
                return str(command_id) not in self.refusals
            case Heartbeat(number=number):
                return (received.owner, number) not in self.heartbeats
            case _:
                return True

    def missing(self) -> Iterable[tuple[str, str]]:
        """The subjects and owners of missing events, by sequence or heartbeat."""
        numbers: dict[tuple[str, str], set[int]] = {stream: set() for stream in self.reached}
        for subject, owner, number in self.ids:
            if owner != BRIDGE:
                numbers.setdefault((subject, owner), set()).add(number)
        return [
            stream
            for stream, received in numbers.items()
            if len(received) != max({*received, self.reached.get(stream, 0)})
        ]


def _number(received: ReceivedEvent, event: Event) -> Number:
    sequence = event.revision if received.owner == BRIDGE else received.sequence
    assert sequence is not None, "what is counted has a number"
    return event.subject, received.owner, sequence
