"""The outcomes of earlier runs of the demonstration."""

from uuid import UUID, uuid4

from contracts.outcome import Outcome, Status
from deploy.demo.history import IEP_SUBMITTED, Step, history_of
from deploy.demo.outcomes import CommandOutcome, EarlierOutcomes
from tests.unit.demo.pupils import AS_OF, birthday_in, pupil

CHILD = pupil(9, birthday_in(9, 40))
HISTORY = history_of(CHILD, AS_OF)


def outcome_of(
    step: Step, status: Status = Status.ACCEPTED, command_id: UUID | None = None
) -> CommandOutcome:
    """The outcome of one step of the child's history."""
    outcome = Outcome(
        command_id=command_id or step.id,
        command=step.entry.name,
        subject=CHILD.state_id,
        status=status,
    )
    body = outcome.model_dump_json().encode()
    return CommandOutcome(CHILD.state_id, str(outcome.command_id), outcome.command, status, body)


def remaining(earlier: EarlierOutcomes) -> list[int]:
    """The numbers of the steps still to be sent."""
    return [step.number for step in earlier.remaining(CHILD.state_id, HISTORY.commands)]


def test_a_complete_history_is_not_sent_again() -> None:
    """If every step of a child was accepted, no step is sent again."""
    earlier = EarlierOutcomes([CHILD])
    for step in HISTORY.commands:
        earlier.add(outcome_of(step))

    assert remaining(earlier) == []
    assert earlier.count_accepted(IEP_SUBMITTED) == 1


def test_a_history_goes_on_after_the_last_accepted_step() -> None:
    """An interrupted demonstration goes on where it ended."""
    earlier = EarlierOutcomes([CHILD])
    for step in HISTORY.commands[:4]:
        earlier.add(outcome_of(step))

    assert remaining(earlier) == [step.number for step in HISTORY.commands[4:]]


def test_a_held_command_is_sent_again() -> None:
    """A command that waits for an event is sent again under its id, so it happens once."""
    earlier = EarlierOutcomes([CHILD])
    earlier.add(outcome_of(HISTORY.commands[0], Status.HELD))

    assert remaining(earlier)[0] == HISTORY.commands[0].number


def test_commands_of_other_senders_do_not_count() -> None:
    """A guardian saved under another command id is not the guardian of the history."""
    earlier = EarlierOutcomes([CHILD])
    earlier.add(outcome_of(HISTORY.commands[2], command_id=uuid4()))

    assert remaining(earlier) == [step.number for step in HISTORY.commands]


def test_a_refusal_is_remembered() -> None:
    """A refusal of an earlier run is shown again, and its command is not sent again."""
    earlier = EarlierOutcomes([CHILD])
    earlier.add(outcome_of(HISTORY.commands[1], Status.REFUSED))

    assert [outcome.command for outcome in earlier.refusals_of(CHILD.state_id)] == ["ClaimJurisdiction"]
