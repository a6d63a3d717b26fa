"""The initial evaluation, from the request for permission to the determination."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.decision import Accepted, Known, Refused
from contracts.evaluations import (
    EligibilityDetermined,
    Evaluation,
    EvaluationCompleted,
    EvaluationRequested,
    EvaluationStage,
    Exceptionality,
    ParentDecision,
    ParentDecisionRecorded,
)
from contracts.message import Command
from tests.unit.ieps import scenario
from tests.unit.scenario import codes, id_named, new_records

DAY = timedelta(days=1)


def _evaluation(history: list[Any], under: str = "evaluation") -> Evaluation:
    found = Known(history).get(Evaluation, id_named(under))
    assert found is not None
    return found


def test_an_evaluation_goes_through_its_stages() -> None:
    """Request, consent, report and determination each move the evaluation one stage on and keep its dates."""
    history = scenario.evaluated("SLD", "SLI")

    assert [type(record) for record in history[-4:]] == [
        EvaluationRequested,
        ParentDecisionRecorded,
        EvaluationCompleted,
        EligibilityDetermined,
    ]
    evaluation = _evaluation(history)
    assert (evaluation.stage, evaluation.revision, evaluation.lea) == (EvaluationStage.DETERMINED, 4, "017")
    assert (evaluation.permission_requested_on, evaluation.decided_on) == (scenario.ASKED, scenario.CONSENTED)
    assert (evaluation.report_disseminated_on, evaluation.determined_on) == (
        scenario.REPORTED,
        scenario.DETERMINED,
    )
    assert evaluation.primary == Exceptionality(code="SLD", primary=True)


@pytest.mark.parametrize("decision", [ParentDecision.REFUSED, ParentDecision.NO_RESPONSE])
def test_without_consent_the_evaluation_is_closed(decision: ParentDecision) -> None:
    """A refusal or no answer of the parent ends the evaluation. The LEA may request another one later."""
    history = scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says(decision))

    assert _evaluation(history).stage is EvaluationStage.CLOSED
    assert codes(scenario.decide(history, scenario.report())) == {"EVA-004"}
    assert isinstance(scenario.decide(history, scenario.request("second")), Accepted)


def test_a_student_may_be_found_not_eligible() -> None:
    """A determination without exceptionalities means that the student is not eligible."""
    evaluation = _evaluation(scenario.not_eligible())

    assert evaluation.stage is EvaluationStage.DETERMINED
    assert evaluation.primary is None


STEPS: list[Command] = [scenario.parent_says(), scenario.report(), scenario.determine("AUT")]
STAGES = [
    scenario.after(scenario.open_record(), scenario.request()),
    scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says()),
    scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says(), scenario.report()),
    scenario.evaluated(),
]


@pytest.mark.parametrize("step", range(3))
@pytest.mark.parametrize("stage", range(4))
def test_no_step_is_taken_out_of_turn(step: int, stage: int) -> None:
    """Each step needs one stage. At every other stage the service refuses it and names the needed stage."""
    decision = scenario.decide(STAGES[stage], STEPS[step])

    if step == stage:
        assert isinstance(decision, Accepted)
    else:
        assert isinstance(decision, Refused)
        assert codes(decision) == {"EVA-004"}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_no_step_without_a_request(step: Command) -> None:
    """An evaluation needs a request before any other command."""
    assert codes(scenario.decide(scenario.open_record(), step)) == {"EVA-003"}


@pytest.mark.parametrize("stage", range(3))
def test_one_open_evaluation_at_a_time(stage: int) -> None:
    """A second initial evaluation is refused while the first is open."""
    assert codes(scenario.decide(STAGES[stage], scenario.request("second"))) == {"EVA-002"}


def test_the_same_evaluation_is_not_requested_twice() -> None:
    """The service refuses an evaluation id that was used before, open or not."""
    assert codes(scenario.decide(STAGES[0], scenario.request())) == {"EVA-001", "EVA-002"}
    assert codes(scenario.decide(STAGES[3], scenario.request())) == {"EVA-001"}


@pytest.mark.parametrize(
    ("history", "command"),
    [
        (scenario.open_record(), scenario.request(referred_on=scenario.ASKED + DAY)),
        (STAGES[0], scenario.parent_says(on=scenario.ASKED - DAY)),
        (STAGES[1], scenario.report(on=scenario.CONSENTED - DAY)),
        (STAGES[2], scenario.determine("AUT", on=scenario.REPORTED - DAY)),
    ],
    ids=[
        "request before referral",
        "decision before request",
        "report before consent",
        "determined before report",
    ],
)
def test_dates_follow_one_another(history: list[Any], command: Command) -> None:
    """The dates of referral, request, decision, report and determination are in this order."""
    assert codes(scenario.decide(history, command)) == {"EVA-005"}


def test_every_date_may_fall_on_one_day() -> None:
    """All steps of an evaluation may be on one day."""
    day = scenario.ASKED
    scenario.after(
        scenario.open_record(),
        scenario.request(referred_on=day),
        scenario.parent_says(on=day),
        scenario.report(on=day),
        scenario.determine("AUT", on=day),
    )


COMPLETED = STAGES[2]


@pytest.mark.parametrize("primaries", [(False, False), (True, True)])
def test_exactly_one_exceptionality_is_primary(primaries: tuple[bool, bool]) -> None:
    """A determination names exactly one primary exceptionality."""
    found = [
        Exceptionality(code=code, primary=primary)
        for code, primary in zip(("SLD", "SLI"), primaries, strict=True)
    ]

    assert codes(scenario.decide(COMPLETED, scenario.finding(*found))) == {"EVA-006"}


def test_a_disability_comes_before_a_gift() -> None:
    """A gifted student with a disability has the disability as primary exceptionality."""
    assert codes(scenario.decide(COMPLETED, scenario.determine("GFT", "SLI"))) == {"EVA-007"}
    assert isinstance(scenario.decide(COMPLETED, scenario.determine("SLI", "GFT")), Accepted)


def test_a_gift_alone_is_an_exceptionality() -> None:
    """A student may be gifted or talented and nothing else."""
    assert isinstance(scenario.decide(COMPLETED, scenario.determine("GFT", "TLM")), Accepted)


def test_no_exceptionality_twice() -> None:
    """The service refuses a determination that names an exceptionality twice."""
    found = (Exceptionality(code="SLI", primary=True), Exceptionality(code="SLI"))

    assert codes(scenario.decide(COMPLETED, scenario.finding(*found))) == {"EVA-008"}


@pytest.mark.parametrize(
    ("details", "code"),
    [(("SLD-BR",), "EVA-032"), (("SLI-AR", "SLI-AR"), "EVA-033"), (("SLI-AR", "SLI-VO"), "")],
)
def test_details_belong_to_their_exceptionality(details: tuple[str, ...], code: str) -> None:
    """Articulation is an area of a speech impairment, basic reading is none. Each is named once."""
    decision = scenario.decide(
        COMPLETED,
        scenario.finding(
            Exceptionality(code="OI"), Exceptionality(code="SLI", primary=True, details=details)
        ),
    )
    assert codes(decision) == ({code} if code else set())
    if isinstance(decision, Refused):
        (finding,) = decision.findings
        assert finding.field == "exceptionalities.1.details"
    else:
        (determined,) = new_records(decision)
        assert isinstance(determined, EligibilityDetermined)
        assert determined.exceptionalities[1].details == details


def test_deafness_with_blindness_is_deaf_blindness() -> None:
    """Deafness and visual impairment as the only disabilities raise a warning only."""
    decision = scenario.decide(COMPLETED, scenario.determine("DEAF", "VI"))

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-010"}
    assert codes(scenario.decide(COMPLETED, scenario.determine("DEAF", "VI", "OI"))) == set()


@pytest.mark.parametrize(
    ("age", "on_birthday", "accepted"),
    [(2, -DAY, False), (2, timedelta(), True), (3, -DAY, True), (9, -DAY, True), (9, timedelta(), False)],
)
def test_developmental_delay_is_for_ages_three_through_eight(
    age: int, on_birthday: timedelta, accepted: bool
) -> None:
    """Developmental delay can be determined until the day before the ninth birthday, and from a year before
    the third, because the plan may begin on that birthday."""
    determined_on = date(2017, 5, 4)
    born = date(2017 - age, 5, 4) - on_birthday
    history = scenario.after(
        scenario.open_record(born), scenario.request(), scenario.parent_says(), scenario.report()
    )

    decision = scenario.decide(history, scenario.determine("DD", on=determined_on))
    assert codes(decision) == (set() if accepted else {"EVA-009"})


def test_a_refusal_names_everything_that_is_wrong() -> None:
    """A refusal names all four mistakes of a command."""
    found = (
        Exceptionality(code="GFT", primary=True),
        Exceptionality(code="DD"),
        Exceptionality(code="DD", primary=True),
    )

    decision = scenario.decide(COMPLETED, scenario.finding(*found, on=date(2017, 12, 1)))
    assert codes(decision) == {"EVA-006", "EVA-007", "EVA-008", "EVA-009", "MSG-049"}
