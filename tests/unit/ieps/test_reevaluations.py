"""Re-evaluations and triennial waivers of a student who was evaluated before."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted, Known, Refused
from contracts.evaluations import (
    Evaluation,
    EvaluationStage,
    EvaluationType,
    ReevaluationBegun,
    ReevaluationReason,
    TriennialWaiverRecorded,
)
from contracts.message import Command, Record
from services.ieps.domain.stages import due_on, newest_determination
from tests.unit.ieps import scenario
from tests.unit.scenario import codes, id_named, new_records

DAY = timedelta(days=1)
AGAIN = scenario.AGAIN
BEGINNINGS: list[Command] = [scenario.reevaluate(), scenario.waive()]


def the(history: list[Record], under: str) -> Evaluation:
    """The newest state of an evaluation."""
    found = Known(history).get(Evaluation, id_named(under))
    assert found is not None
    return found


def by_name(command: Command) -> str:
    """The name of a command, as the id of its test."""
    return type(command).__name__


def test_a_reevaluation_needs_a_reason_and_no_decision_of_the_parent() -> None:
    """A re-evaluation goes from its begin to the report without the parent's decision."""
    history = scenario.after(
        scenario.evaluated(), scenario.reevaluate(reason=ReevaluationReason.PARENT_REQUEST)
    )

    begun = history[-1]
    assert isinstance(begun, ReevaluationBegun)
    assert (begun.evaluation_type, begun.stage) == (EvaluationType.REEVALUATION, EvaluationStage.BEGUN)
    assert (begun.reevaluation_reason, begun.begun_on) == (ReevaluationReason.PARENT_REQUEST, AGAIN)
    assert begun.open
    assert codes(scenario.decide(history, scenario.parent_says(under="re-evaluation"))) == {"EVA-004"}


def test_a_reevaluation_is_over_with_its_report() -> None:
    """After the report another evaluation may begin. The exceptionalities stay as they were found."""
    history = scenario.after(
        scenario.evaluated("SLI"), scenario.reevaluate(), scenario.report(AGAIN, "re-evaluation")
    )

    assert not the(history, "re-evaluation").open
    assert the(history, "re-evaluation").evaluated_on == AGAIN
    newest = newest_determination(Known(history))
    assert newest is not None
    assert newest.evaluation_id == id_named("evaluation")
    assert isinstance(scenario.decide(history, scenario.reevaluate(AGAIN + DAY, "third")), Accepted)


def test_a_reevaluation_may_change_the_exceptionalities() -> None:
    """The day of the determination may be left out: it is then the day of the report."""
    again = the(scenario.reevaluated("SLD"), "re-evaluation")

    assert (again.stage, again.determined_on, again.determination) == (EvaluationStage.DETERMINED, AGAIN, 2)
    newest = newest_determination(Known(scenario.reevaluated("SLD")))
    assert newest is not None
    assert newest.primary is not None
    assert newest.primary.code == "SLD"


def test_a_reevaluation_that_finds_nothing_ends_the_eligibility() -> None:
    """After it, an IEP has no ground."""
    newest = newest_determination(Known(scenario.reevaluated()))

    assert newest is not None
    assert newest.primary is None


def test_of_two_determinations_on_one_day_the_later_recorded_counts() -> None:
    """The order of recording decides, not the ids."""
    for under in ("re-evaluation", "another re-evaluation", "a third one"):
        on = scenario.DETERMINED
        history = scenario.after(
            scenario.evaluated("AUT"),
            scenario.reevaluate(on, under),
            scenario.report(on, under),
            scenario.determine("OHI", on=on, under=under),
        )
        newest = newest_determination(Known(history))
        assert newest is not None
        assert newest.evaluation_id == id_named(under)


def test_only_a_reevaluation_may_leave_out_the_day_of_the_determination() -> None:
    """An initial evaluation has a day on which eligibility was determined."""
    completed = scenario.after(
        scenario.open_record(), scenario.request(), scenario.parent_says(), scenario.report()
    )

    decision = scenario.decide(completed, scenario.determine_by_report("AUT", under="evaluation"))
    assert codes(decision) == {"EVA-014"}


@pytest.mark.parametrize("command", BEGINNINGS, ids=by_name)
def test_an_initial_evaluation_comes_first(command: Command) -> None:
    """Nothing can be evaluated again or waived that was not determined before."""
    asked = scenario.after(scenario.open_record(), scenario.request())
    refused = scenario.after(asked, scenario.close())

    assert codes(scenario.decide(scenario.open_record(), command)) == {"EVA-011"}
    assert codes(scenario.decide(asked, command)) == {"EVA-002", "EVA-011"}
    assert codes(scenario.decide(refused, command)) == {"EVA-011"}


@pytest.mark.parametrize("command", BEGINNINGS, ids=by_name)
def test_one_open_evaluation_of_any_type(command: Command) -> None:
    """While a re-evaluation is open, neither another one nor a waiver nor an initial evaluation begins."""
    under_way = scenario.after(scenario.evaluated(), scenario.reevaluate(under="first"))

    assert "EVA-002" in codes(scenario.decide(under_way, command))
    assert codes(scenario.decide(under_way, scenario.request("second"))) == {"EVA-002", "EVA-013"}


@pytest.mark.parametrize(
    "command", [scenario.reevaluate(under="evaluation"), scenario.waive(under="evaluation")]
)
def test_an_id_names_one_evaluation(command: Command) -> None:
    """A re-evaluation or waiver has an id of its own."""
    assert "EVA-001" in codes(scenario.decide(scenario.evaluated(), command))


@pytest.mark.parametrize(
    "command",
    [
        scenario.reevaluate(scenario.DETERMINED - DAY),
        scenario.reevaluate().model_copy(update={"referred_on": AGAIN + DAY}),
        scenario.waive(scenario.DETERMINED - DAY),
    ],
)
def test_nothing_is_repeated_before_it_was_determined(command: Command) -> None:
    """A re-evaluation or waiver follows the determination, and the begin follows the referral."""
    assert "EVA-005" in codes(scenario.decide(scenario.evaluated(), command))


def test_more_than_one_evaluation_a_year_needs_an_agreement() -> None:
    """Within a year of the last evaluation a re-evaluation raises a warning."""
    decision = scenario.decide(scenario.evaluated(), scenario.reevaluate())
    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-028"}

    year_later = scenario.REPORTED.replace(year=2018)
    decision = scenario.decide(scenario.evaluated(), scenario.reevaluate(year_later), on=year_later)
    assert codes(decision) == set()


@pytest.mark.parametrize("again", [scenario.reevaluate, scenario.waive])
def test_the_same_evaluation_under_two_ids_is_noticed(again: object) -> None:
    """A second record of the same type and day raises a warning that names the first."""
    history = scenario.after(
        scenario.evaluated(), scenario.reevaluate(), scenario.report(AGAIN, "re-evaluation"), scenario.waive()
    )

    decision = scenario.decide(history, again(under="twice"))  # type: ignore[operator]
    assert isinstance(decision, Accepted)
    assert "EVA-013" in codes(decision)


def test_a_waiver_stands_in_place_of_a_reevaluation() -> None:
    """The day of the signature is the new day of the evaluation. The exceptionalities stay."""
    history = scenario.after(scenario.evaluated("SLD"), scenario.waive())

    waiver = history[-1]
    assert isinstance(waiver, TriennialWaiverRecorded)
    assert (waiver.evaluation_type, waiver.stage) == (EvaluationType.WAIVER, EvaluationStage.WAIVED)
    assert not waiver.open
    assert waiver.evaluated_on == AGAIN
    newest = newest_determination(Known(history))
    assert newest is not None
    assert newest.evaluation_id == id_named("evaluation")
    for step in (scenario.report(AGAIN, "waiver"), scenario.determine("AUT", under="waiver")):
        assert codes(scenario.decide(history, step)) == {"EVA-004"}


@pytest.mark.parametrize("code", ["DD", "DEAF", "HH", "TBI", "VI"])
def test_some_students_may_need_a_reevaluation_all_the_same(code: str) -> None:
    """A waiver for such a student raises a warning."""
    decision = scenario.decide(scenario.evaluated(code), scenario.waive())

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-012"}
    assert codes(scenario.decide(scenario.evaluated("SLD"), scenario.waive())) == set()


def test_a_reevaluation_is_due_three_years_after_the_last_evaluation_or_waiver() -> None:
    """The report of the last evaluation counts, or the signature of a later waiver."""
    first = scenario.after(scenario.evaluated(), scenario.reevaluate())
    assert due_on(the(first, "re-evaluation"), Known(first).all(Evaluation)) == date(2020, 5, 2)

    second = scenario.after(scenario.evaluated(), scenario.waive(AGAIN - DAY), scenario.reevaluate())
    assert due_on(the(second, "re-evaluation"), Known(second).all(Evaluation)) == date(2020, 8, 13)


def test_a_waiver_after_the_due_date_of_the_reevaluation() -> None:
    """The parent may sign on the last day of the three years; a day later SER warns."""
    due = date(2020, 5, 2)

    in_time = scenario.decide(scenario.evaluated(), scenario.waive(due), on=due)
    assert codes(in_time) == set()
    late = scenario.decide(scenario.evaluated(), scenario.waive(due + DAY), on=due + DAY)
    assert isinstance(late, Accepted)
    assert [(one.code, one.facts["due"]) for one in late.warnings] == [("EVA-037", "2020-05-02")]


def test_a_waiver_for_a_student_who_is_not_eligible() -> None:
    """There is no re-evaluation to waive, so SER warns."""
    decision = scenario.decide(scenario.not_eligible(), scenario.waive())

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-038"}


def test_a_reevaluation_that_follows_no_evaluation_has_no_due_date() -> None:
    """A separation of State IDs may take the earlier evaluation away. SER then says what is missing."""
    begun = scenario.after(scenario.evaluated(), scenario.reevaluate())
    alone = [one for one in begun if not isinstance(one, Evaluation) or one is begun[-1]]

    for command in (
        scenario.explain(under="re-evaluation"),
        scenario.extend(on=AGAIN, under="re-evaluation"),
    ):
        decision = scenario.decide(alone, command)
        assert isinstance(decision, Refused)
        assert [(one.code, one.facts["day"]) for one in decision.findings] == [("EVA-035", "2017-08-14")]


def test_a_late_reevaluation_asks_for_the_reason() -> None:
    """The report of a re-evaluation more than three years after the last one raises a warning."""
    begin, late = date(2020, 4, 6), date(2020, 5, 4)
    begun = [
        *scenario.evaluated(),
        *new_records(scenario.decide(scenario.evaluated(), scenario.reevaluate(begin), on=begin)),
    ]

    assert codes(scenario.decide(begun, scenario.report(late, "re-evaluation"), on=late)) == {"EVA-015"}
