"""One subject while a batch is decided: a working copy, so that what was loaded stays as it was."""

from services.chassis.deciding.batch import Advance, Aggregate
from services.chassis.holding.queue import Queue


class Subject:
    """What is known of the subject so far, what is held for it, and how far its events are numbered.

    `touched`: the batch writes something about it.
    """

    __slots__ = ("known", "queue", "revision", "sequence", "touched")

    def __init__(self, loaded: Aggregate) -> None:
        self.known = loaded.known.copy()
        self.queue = Queue(loaded.queue)
        self.revision = loaded.revision
        self.sequence = loaded.sequence
        self.touched = False

    def advance(self, name: str) -> Advance:
        """How the subject's row changes."""
        return Advance(name, self.revision + 1, self.sequence)
