"""What has been answered before this run: a demonstration that was interrupted goes on where it ended."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from contracts.outcome import Outcome, Status
from deploy.demo.answers import Answer
from deploy.demo.life import Step, life_id, step_number
from deploy.population.pupils import Pupil


class History:
    """For each child, which steps were accepted: a bit each, for there may be a million of them."""

    def __init__(self, pupils: Iterable[Pupil]) -> None:
        self._accepted: dict[str, int] = {pupil.state_id: 0 for pupil in pupils}
        self._lives: dict[str, UUID] = {}
        self._refused: dict[str, list[Outcome]] = {}

    def __contains__(self, student_id: str) -> bool:
        return student_id in self._accepted

    def note(self, answer: Answer) -> None:
        """Remember an answer, if it is to a step of a child's life: others may have sent commands too."""
        number = step_number(self._life(answer.student_id), answer.command_id)
        if number is None:
            return
        match answer.status:
            case Status.ACCEPTED:
                self._accepted[answer.student_id] |= 1 << number
            case Status.REFUSED:
                self._refused.setdefault(answer.student_id, []).append(answer.outcome)
            case Status.HELD:
                pass

    def number(self, step: int) -> int:
        """How many children the step of that number was accepted for."""
        return sum(accepted >> step & 1 for accepted in self._accepted.values())

    def refused(self, student_id: str) -> Sequence[Outcome]:
        """What the child was refused; a step under the same id would be refused again."""
        return self._refused.get(student_id, ())

    def left(self, student_id: str, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps that have not been accepted yet."""
        accepted = self._accepted[student_id]
        return (step for step in steps if not accepted >> step.number & 1)

    def _life(self, student_id: str) -> UUID:
        life = self._lives.get(student_id)
        if life is None:
            life = self._lives[student_id] = life_id(student_id)
        return life
