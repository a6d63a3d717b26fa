"""The screen of a student's evaluations: which act comes first."""

from datetime import date
from typing import Any
from uuid import uuid4

from console.answers import DatedEvaluation
from console.pages.evaluations import DELAY, EXCEPTION, acts, is_late, offered
from contracts.evaluations import EvaluationStage, EvaluationType, Exceptionality


def evaluation(stage: EvaluationStage, **more: Any) -> DatedEvaluation:
    """An initial evaluation, unless it says otherwise."""
    return DatedEvaluation(
        **{"student_id": "1000000001", "revision": 1, "evaluation_id": uuid4(), "lea": "017"}
        | {"evaluation_type": EvaluationType.INITIAL, "stage": stage, "due": None, "due_on": None}
        | {"consent_due": None, "permission_requested_on": date(2026, 1, 5)}
        | more
    )


def determined(*codes: str) -> DatedEvaluation:
    """An initial evaluation that found these exceptionalities, the first of them primary."""
    return evaluation(
        EvaluationStage.DETERMINED,
        determined_on=date(2026, 4, 1),
        determination=1,
        exceptionalities=tuple(Exceptionality(code=code, primary=code == codes[0]) for code in codes),
    )


def names(*evaluations: DatedEvaluation) -> list[str]:
    """The buttons, in their order."""
    return [name for _, name in acts(evaluations)]


def test_a_student_without_an_evaluation_gets_an_initial_one() -> None:
    """There is nothing else to begin."""
    assert names() == ["New initial evaluation"]


def test_an_eligible_student_is_evaluated_again() -> None:
    """The re-evaluation comes first, as every three years. A new initial evaluation comes last."""
    assert names(determined("SLD")) == ["Re-evaluation", "Triennial waiver", "New initial evaluation"]


def test_a_student_who_was_not_eligible_may_be_referred_again() -> None:
    """The next evaluation is initial again."""
    assert names(determined())[0] == "New initial evaluation"


def test_an_open_evaluation_goes_on() -> None:
    """SER refuses any other evaluation until the open one is over, so the page offers none."""
    going_on = evaluation(EvaluationStage.CONSENTED)
    assert acts([going_on, determined("SLD")]) == [
        (str(going_on.evaluation_id), "Go on with the open evaluation")
    ]


def test_a_closed_evaluation_without_a_report_is_not_late() -> None:
    """No report is to come. So the page neither says that it is late, nor asks why."""
    due = date(2026, 5, 1)
    closed = evaluation(EvaluationStage.CLOSED, due_on=due, closed_on=date(2026, 3, 2))
    assert not is_late(closed, date(2026, 6, 1))
    assert is_late(evaluation(EvaluationStage.CONSENTED, due_on=due), date(2026, 6, 1))


def test_only_a_step_that_ser_takes_is_offered() -> None:
    """An exception needs the parent's consent, and nobody explains the delay of a closed evaluation."""
    today, due = date(2026, 6, 1), date(2026, 5, 1)
    closed = evaluation(EvaluationStage.CLOSED, due_on=due, report_disseminated_on=date(2026, 5, 4))
    again = {"evaluation_type": EvaluationType.REEVALUATION, "permission_requested_on": None}
    begun = evaluation(EvaluationStage.BEGUN, due_on=due, begun_on=date(2026, 4, 1), **again)

    assert DELAY not in list(offered(closed, today))
    assert EXCEPTION not in list(offered(begun, today))
    assert EXCEPTION not in list(offered(evaluation(EvaluationStage.REQUESTED), today))
    assert {DELAY, EXCEPTION} < set(offered(evaluation(EvaluationStage.CONSENTED, due_on=due), today))
