"""What a run knows of the runs before it."""

from uuid import UUID, uuid4

from contracts.outcome import Outcome, Status
from deploy.demo.history import IEP_SUBMITTED, Step, history_of
from deploy.demo.outcomes import CommandOutcome, EarlierOutcomes
from tests.unit.demo.pupils import AS_OF, birthday_in, pupil

CHILD = pupil(9, birthday_in(9, 40))
LIFE = history_of(CHILD, AS_OF)


def answer(step: Step, status: Status = Status.ACCEPTED, under: UUID | None = None) -> CommandOutcome:
    """The outcome of a step of the child's life."""
    outcome = Outcome(
        command_id=under or step.id,
        command=step.entry.name,
        subject=CHILD.state_id,
        status=status,
    )
    body = outcome.model_dump_json().encode()
    return CommandOutcome(CHILD.state_id, str(outcome.command_id), outcome.command, status, body)


def left(history: EarlierOutcomes) -> list[int]:
    """The numbers of the steps still to be taken."""
    return [step.number for step in history.left(CHILD.state_id, LIFE.commands)]


def test_nothing_is_left_of_a_life_that_was_accepted_throughout() -> None:
    """A child who was lived to the end is not lived again, each of its services included."""
    history = EarlierOutcomes([CHILD])
    for step in LIFE.commands:
        history.note(answer(step))

    assert left(history) == []
    assert history.number(IEP_SUBMITTED) == 1


def test_a_life_goes_on_after_the_last_step_that_was_accepted() -> None:
    """A demonstration that was interrupted goes on where it ended."""
    history = EarlierOutcomes([CHILD])
    for step in LIFE.commands[:4]:
        history.note(answer(step))

    assert left(history) == [step.number for step in LIFE.commands[4:]]


def test_what_is_held_is_not_done() -> None:
    """A command that still waits for a fact is sent again, which changes nothing if it came."""
    history = EarlierOutcomes([CHILD])
    history.note(answer(LIFE.commands[0], Status.HELD))

    assert left(history)[0] == LIFE.commands[0].number


def test_commands_of_others_about_the_same_child_do_not_count() -> None:
    """A guardian whom somebody else has saved is not the guardian of the life."""
    history = EarlierOutcomes([CHILD])
    history.note(answer(LIFE.commands[2], under=uuid4()))

    assert left(history) == [step.number for step in LIFE.commands]


def test_a_refusal_is_remembered() -> None:
    """What was refused before is refused again, so it is shown again and not sent."""
    history = EarlierOutcomes([CHILD])
    history.note(answer(LIFE.commands[1], Status.REFUSED))

    assert [outcome.command for outcome in history.refused(CHILD.state_id)] == ["ClaimJurisdiction"]
