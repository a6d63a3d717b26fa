"""The addresses of State IDs. Students works them out from eScholar's links, and announces each change."""

from typing import ClassVar

from contracts.message import Event, OfStudent, Record
from contracts.types import StudentId


class StateId(OfStudent, Record):
    """The address of a State ID: the State ID that stands for it now.

    `current_id`: never one that was merged itself, so no reader follows a chain. `formerly`: the earlier
    addresses, each once, the State ID itself first. `retired`: nobody bears the State ID, and no other
    stands for it.
    """

    kind: ClassVar[str] = "state_id"

    current_id: StudentId
    formerly: tuple[StudentId, ...]
    retired: bool = False


class StateIdMerged(StateId, Event):
    """Another State ID stands for this one from now on."""


class StateIdSeparated(StateId, Event):
    """The State ID stands for itself again."""


class StateIdRetired(StateId, Event):
    """Nobody bears the State ID any more."""


EVENTS = (StateIdMerged, StateIdSeparated, StateIdRetired)
