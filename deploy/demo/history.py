"""What has been answered before this run: a demonstration that was interrupted goes on where it ended."""

from collections.abc import Iterable, Iterator, Sequence

from contracts.outcome import Outcome, Status
from deploy.demo.answers import Answer
from deploy.demo.life import Step, life_id, names_of, step_id
from deploy.population.pupils import Pupil


class History:
    """For each child, which steps were accepted: a bit each, for there may be a million of them."""

    def __init__(self, pupils: Iterable[Pupil]) -> None:
        self._accepted: dict[str, int] = {pupil.state_id: 0 for pupil in pupils}
        self._bits: dict[str, int] = {}
        self._refused: dict[str, list[Outcome]] = {}

    def __contains__(self, student_id: str) -> bool:
        return student_id in self._accepted

    def note(self, answer: Answer) -> None:
        """Remember an answer, if it is to a step of a child's life: others may have sent commands too."""
        name = _step_named(answer)
        if name is None:
            return
        match answer.status:
            case Status.ACCEPTED:
                self._accepted[answer.student_id] |= self._bit(name)
            case Status.REFUSED:
                self._refused.setdefault(answer.student_id, []).append(answer.outcome)
            case Status.HELD:
                pass

    def number(self, name: str) -> int:
        """How many children the step of that name was accepted for."""
        bit = self._bit(name)
        return sum(bool(accepted & bit) for accepted in self._accepted.values())

    def refused(self, student_id: str) -> Sequence[Outcome]:
        """What the child was refused; a step under the same id would be refused again."""
        return self._refused.get(student_id, ())

    def left(self, student_id: str, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps that have not been accepted yet."""
        accepted = self._accepted[student_id]
        return (step for step in steps if not accepted & self._bit(step.name))

    def _bit(self, name: str) -> int:
        return 1 << self._bits.setdefault(name, len(self._bits))


def _step_named(answer: Answer) -> str | None:
    life = life_id(answer.student_id)
    names = (name for name in names_of(answer.command) if str(step_id(life, name)) == answer.command_id)
    return next(names, None)
