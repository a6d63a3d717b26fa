"""The addresses of State IDs, and the changes that secure ID managers propose and approve.

Students works out the addresses from the last word on each State ID, and announces each one that changes.
"""

from typing import ClassVar

from pydantic import Field

from contracts.message import Command, Event, OfStudent, Record, Value
from contracts.revisions import Replaces
from contracts.types import Choice, OrBlank, ShortText, StudentId

INTO = "The State ID that the student bears instead. Blank: the student bears `student_id` again."


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


class AddressWord(Value):
    """That a service has heard a word of `students` about a State ID. `revision`: of that word."""

    state_id: StudentId
    revision: int = Field(ge=1)


class StateIdMerged(StateId, Event):
    """Another State ID stands for this one from now on."""


class StateIdSeparated(StateId, Event):
    """The State ID stands for itself again."""


class StateIdRetired(StateId, Event):
    """Nobody bears the State ID any more."""


class ModifyStateId(OfStudent, Command):
    """Say that a student bears another State ID, or this one again. A second secure ID manager approves."""

    of_any_state_id: ClassVar[bool] = True

    into: OrBlank[StudentId | None] = Field(default=None, description=INTO)
    reason: ShortText = Field(description="Why, in the manager's words; for example: one child, added twice.")


class ApproveStateId(OfStudent, Replaces):
    """Put the waiting change of a State ID into effect, as another person or eScholar has proposed it."""

    of_any_state_id: ClassVar[bool] = True


class DeclineStateId(OfStudent, Command):
    """Refuse the waiting change of a State ID. Whoever proposed it may take it back in this way, too."""

    of_any_state_id: ClassVar[bool] = True

    reason: ShortText


class ChangeState(Choice):
    """What became of a proposed change of a State ID."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class StateIdChange(OfStudent, Record):
    """The newest proposed change of a State ID, and the decision.

    `retired`: nobody bears the State ID; only eScholar says so. People are named as the ledger names them:
    `017/m.landry`. `proposed_by` is `escholar` for a link that the bridge sent.
    """

    kind: ClassVar[str] = "state_id_change"

    into: OrBlank[StudentId | None] = Field(default=None, description=INTO)
    retired: bool = False
    reason: ShortText
    state: ChangeState
    proposed_by: ShortText
    decided_by: OrBlank[ShortText | None] = None
    declined_because: OrBlank[ShortText | None] = None


class StateIdChangeProposed(StateIdChange, Event):
    """A change of a State ID waits for approval."""


class StateIdChangeApproved(StateIdChange, Event):
    """The change of a State ID was approved. It holds until the next word, a person's or eScholar's."""


class StateIdChangeDeclined(StateIdChange, Event):
    """The change of a State ID was refused or taken back, or a newer word of eScholar's came before it."""


class SharedId(OfStudent, Record):
    """That two persons once shared one of two State IDs, so that records of the one may be the other's.

    `with_id`: the other State ID. `new_id`: the one of both that eScholar assigned when it found the mistake.
    `closed_by`: who said that each record is the right person's; blank while that is open.
    """

    kind: ClassVar[str] = "shared"

    with_id: StudentId
    new_id: StudentId
    closed_by: OrBlank[ShortText | None] = None

    @property
    def record_id(self) -> str:
        """Both State IDs: an id names one record in the whole state."""
        return f"{self.student_id}-{self.with_id}"


class StateIdShared(SharedId, Event):
    """Two persons shared a State ID; eScholar has split it. Said once for each of the two State IDs."""


class CloseSplit(OfStudent, Command):
    """Say that each record of the two persons who shared a State ID is under the right one."""

    of_any_state_id: ClassVar[bool] = True

    with_id: StudentId = Field(description="The State ID that the other of the two persons bears.")


class SplitClosed(SharedId, Event):
    """A secure ID manager has worked through the records of both persons."""


class Assignment(Command):
    """Say that a record belongs to the person with another State ID. For secure ID managers.

    After a split the records of two persons stand under one State ID. After a merge that was a mistake, what
    an LEA recorded meanwhile stands under the other State ID. The service of the record decides.
    """

    to: StudentId = Field(description="The State ID of the person to whom the record belongs.")


COMMANDS = (ModifyStateId, ApproveStateId, DeclineStateId, CloseSplit)
EVENTS = (
    StateIdMerged,
    StateIdSeparated,
    StateIdRetired,
    StateIdChangeProposed,
    StateIdChangeApproved,
    StateIdChangeDeclined,
    StateIdShared,
    SplitClosed,
)
