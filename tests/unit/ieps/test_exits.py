"""Exit from special education, its correction, and entry on the same day."""

from datetime import date, timedelta

import pytest

from contracts.activities import (
    CorrectSpedActivity,
    SpedActivity,
    SpedActivityCorrected,
    SpedActivityEnded,
    SpedActivityVoided,
)
from contracts.codes import EXIT_REASONS
from contracts.decision import Accepted, Known, Refused
from contracts.ieps import IEPType
from contracts.message import Record
from services.ieps.domain.activities import open_activity
from tests.unit.ieps import scenario
from tests.unit.ieps.scenario import BEGINS, LEFT
from tests.unit.ieps.test_grounds import grounds, iep
from tests.unit.scenario import actor, codes, id_named, new_records

DAY = timedelta(days=1)


def left(on: date = LEFT) -> list[Record]:
    """The student was served and exited."""
    return scenario.after(scenario.submitted(), scenario.leave(on))


def back(on: date, history: list[Record] | None = None, under: str = "back") -> list[Record]:
    """The student exited and came back with a new initial IEP."""
    return scenario.after(
        history or left(),
        iep(under, IEPType.INITIAL, on),
        scenario.make_official(under, on),
        scenario.submit(under),
    )


def test_a_student_exits() -> None:
    """The exit ends the open sped activity, with its day and its reason, and the services with it."""
    [ended] = new_records(scenario.decide(scenario.submitted(), scenario.leave(reason="GRD")))

    assert isinstance(ended, SpedActivityEnded)
    assert (ended.exited_on, ended.exit_reason, ended.ends_services) == (LEFT, "GRD", True)
    assert open_activity(Known([*scenario.submitted(), ended])) is None


def test_an_exit_may_leave_the_services_open() -> None:
    """The sender may say that the services do not end with the exit."""
    [ended] = new_records(scenario.decide(scenario.submitted(), scenario.leave(ends_services=False)))

    assert isinstance(ended, SpedActivityEnded)
    assert not ended.ends_services


@pytest.mark.parametrize("history", [scenario.drafted(), left()], ids=["never entered", "exited"])
def test_only_a_student_in_special_education_exits(history: list[Record]) -> None:
    """The service refuses an exit of a student who never entered, or who has exited."""
    assert codes(scenario.decide(history, scenario.leave())) == {"ACT-001"}


def test_an_exit_is_not_before_the_entry() -> None:
    """A student may exit on the day of the entry, and not before."""
    assert codes(scenario.decide(scenario.submitted(), scenario.leave(BEGINS - DAY))) == {"ACT-002"}
    assert isinstance(scenario.decide(scenario.submitted(), scenario.leave(BEGINS)), Accepted)


@pytest.mark.parametrize("reason", EXIT_REASONS)
def test_every_exit_reason_is_taken(reason: str) -> None:
    """An LEA may exit a student for each reason. Of two reasons other commands keep more."""
    decision = scenario.decide(scenario.submitted(), scenario.leave(reason=reason))

    assert isinstance(decision, Accepted)
    assert codes(decision) == ({"ACT-003"} if reason in ("REV", "ERR") else set())


def test_the_new_lea_records_the_exit() -> None:
    """After a move only the new LEA exits the student."""
    moved = scenario.records_after(
        scenario.claimed("009", date(2017, 6, 1), "second claim"), after=scenario.submitted()
    )

    [ended] = new_records(scenario.decide(moved, scenario.leave(), by=actor("009")))
    assert isinstance(ended, SpedActivity)
    assert ended.lea == "009"
    assert codes(scenario.decide(moved, scenario.leave())) == {"ACC-005"}


def test_entry_on_the_day_of_the_exit() -> None:
    """A student who exits and comes back on one day has two sped activities, and needs no second IEP."""
    again = back(LEFT)

    first, second = sorted(Known(again).all(SpedActivity), key=lambda one: one.exited_on is None)
    assert (first.exited_on, second.entered_on, second.open) == (LEFT, LEFT, True)
    assert grounds(again, iep("new", IEPType.INITIAL, LEFT + DAY)) == [("IEP-145", "iep_type")]


def test_an_iep_that_begins_before_the_exit_is_no_entry() -> None:
    """An IEP of the time before the exit is submitted afterwards. It begins no sped activity, and warns."""
    early = LEFT - DAY
    history = scenario.after(left(), iep("new", IEPType.INITIAL, early), scenario.make_official("new", early))
    decision = scenario.decide(history, scenario.submit("new"))

    assert codes(decision) == {"ACT-016"}
    assert [type(record).__name__ for record in new_records(decision)] == ["IEPSubmitted"]


def test_an_amendment_is_no_entry() -> None:
    """An amendment that is submitted after the exit begins no sped activity."""
    history = scenario.after(
        scenario.submitted(), scenario.amend(), scenario.make_official("amendment"), scenario.leave()
    )

    assert len(new_records(scenario.decide(history, scenario.submit("amendment")))) == 1


def test_the_lea_corrects_an_exit() -> None:
    """The LEA corrects the day and the reason of an exit, and explains the correction."""
    [corrected] = new_records(
        scenario.decide(left(), scenario.correct(exited_on=LEFT - DAY, exit_reason="GRD"))
    )

    assert isinstance(corrected, SpedActivityCorrected)
    assert (corrected.entered_on, corrected.exited_on, corrected.exit_reason) == (BEGINS, LEFT - DAY, "GRD")
    assert corrected.explanation == "A typing error."
    assert codes(scenario.decide(left(), scenario.correct(exit_reason="REV"))) == {"ACT-003"}


def test_an_exit_in_error_is_taken_back() -> None:
    """The LEA takes back an exit. The student has never left, and the next IEP is no entry."""
    history = scenario.after(left(), scenario.correct(never_left=True))

    activity = open_activity(Known(history))
    assert activity is not None
    assert (activity.exited_on, activity.exit_reason) == (None, None)
    assert grounds(history, iep("new", IEPType.INITIAL, LEFT)) == [("IEP-145", "iep_type")]


@pytest.mark.parametrize(
    ("history", "correction", "code"),
    [
        (left(), scenario.correct("other IEP", entered_on=BEGINS), "ACT-004"),
        (scenario.after(left(), scenario.void()), scenario.correct(entered_on=BEGINS), "ACT-005"),
        (left(), scenario.correct(entered_on=BEGINS, exited_on=LEFT), "ACT-006"),
        (left(), scenario.correct(), "ACT-006"),
        (scenario.submitted(), scenario.correct(exited_on=LEFT), "ACT-007"),
        (left(), scenario.correct(exited_on=LEFT - DAY, never_left=True), "ACT-008"),
        (left(), scenario.correct(entered_on=LEFT + DAY), "ACT-002"),
        (left(), scenario.correct(exited_on=BEGINS - DAY), "ACT-002"),
        (back(LEFT), scenario.correct(exited_on=LEFT + DAY), "ACT-009"),
        (back(LEFT), scenario.correct("back", entered_on=LEFT - DAY), "ACT-009"),
        (back(LEFT), scenario.correct(never_left=True), "ACT-009"),
    ],
)
def test_a_correction_that_is_refused(
    history: list[Record], correction: CorrectSpedActivity, code: str
) -> None:
    """The service refuses a correction of nothing, of a missing exit, and of dates that cannot be."""
    decision = scenario.decide(history, correction)

    assert isinstance(decision, Refused)
    assert codes(decision) == {code}


def test_a_correction_of_an_older_state() -> None:
    """The service refuses a correction if another user has corrected the sped activity meanwhile."""
    stale = scenario.correct(exit_reason="GRD", on_revision=1)
    decision = scenario.decide(left(), stale)

    assert isinstance(decision, Refused)
    assert [(one.code, one.facts["fields"]) for one in decision.findings] == [("MSG-031", "exit_reason")]
    assert isinstance(scenario.decide(left(), stale.model_copy(update={"on_revision": 2})), Accepted)


def test_an_entry_in_error_is_voided() -> None:
    """A voided sped activity counts nowhere: the student is not in special education, and never was."""
    [voided] = new_records(scenario.decide(scenario.submitted(), scenario.void()))

    assert isinstance(voided, SpedActivityVoided)
    assert (voided.voided, voided.explanation) == (True, "Of another student.")
    history = [*scenario.submitted(), voided]
    assert open_activity(Known(history)) is None
    assert codes(scenario.decide(history, scenario.leave())) == {"ACT-001"}
    assert codes(scenario.decide(history, scenario.void())) == {"ACT-005"}
    assert codes(scenario.decide(history, scenario.void("other IEP"))) == {"ACT-004"}
    assert len(Known(back(BEGINS, history)).all(SpedActivity)) == 2


def test_the_entry_after_a_voided_exit() -> None:
    """A voided sped activity has no exit, so an earlier day of entry is possible again."""
    history = scenario.after(left(), scenario.void())
    activity = open_activity(Known(back(BEGINS, history)))

    assert activity is not None
    assert (activity.entered_on, activity.iep_id) == (BEGINS, id_named("back"))
