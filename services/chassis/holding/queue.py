"""The messages held for one subject, in order. Plain values; the store keeps them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts import errors
from contracts.errors import Finding
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent

_DEFECT = errors.DEFECT.broken()


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits its turn, at a position in its subject's queue.

    `until`: when a command stops waiting for a fact. None: the message met a defect, and has no deadline.
    `reason`: the code of the finding, `behind`, or the class of the exception that the message met.
    `finding`: the finding in the held outcome. `kept`: the store has the message already.
    `looks_at`: the other subjects that its decision read. `seen`: the sum of their revisions then. If the sum
    grows, the service retries the message.

    """

    position: int
    item: ReceivedCommand | ReceivedEvent
    until: datetime | None
    reason: str
    looks_at: tuple[str, ...] = ()
    seen: int = 0
    kept: bool = False
    finding: Finding = _DEFECT

    @property
    def defect(self) -> bool:
        """Whether a defect holds the message, until newer code or another fact releases it."""
        return self.until is None

    @property
    def is_command(self) -> bool:
        """Whether it is a command. A held command blocks the subject's later commands; an event
        blocks none."""
        return isinstance(self.item, ReceivedCommand)


class Queue:
    """The messages held for one subject. Within a batch, each position is used once."""

    __slots__ = ("_held", "_last")

    def __init__(self, held: Iterable[Held] = ()) -> None:
        self._held = {one.position: one for one in held}
        self._last = max(self._held, default=0)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Held]:
        """In order of position. The queue may change meanwhile."""
        return iter(tuple(self._held.values()))

    @property
    def holds_a_command(self) -> bool:
        """Whether a held command blocks a later one."""
        return any(held.is_command for held in self._held.values())

    def at(self, position: int, message_id: str) -> Held | None:
        """The message at a position, if it has this id. A position may be given again."""
        held = self._held.get(position)
        return held if held is not None and held.item.id == message_id else None

    def next_position(self) -> int:
        """A position behind all others. Each call gives another one."""
        self._last += 1
        return self._last

    def put(self, held: Held) -> None:
        """Hold a message, or hold it for another cause than before."""
        self._held[held.position] = held

    def release(self, held: Held) -> None:
        """Remove a message from the queue."""
        del self._held[held.position]
