"""What may happen to an evaluation besides its stages: coordinator, extension, delay, exception, closing."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.calendars import Calendar, ExtendedEvaluation, ExtensionKind
from contracts.deadlines import Due
from contracts.decision import Accepted, Known, Refused
from contracts.evaluations import (
    CloseReason,
    DelayReason,
    Evaluation,
    EvaluationExceptionKind,
    EvaluationStage,
)
from contracts.examples import example
from contracts.message import Command, Record
from services.ieps.domain import stages
from services.ieps.domain.stages import due_on
from tests.unit.ieps import scenario
from tests.unit.scenario import codes, id_named

DAY = timedelta(days=1)
ELSEWHERE = EvaluationExceptionKind.ENROLLED_ELSEWHERE
DUE = date(2017, 5, 3)
TEN_DAYS_LATER = date(2017, 5, 17)
"""The tenth business day after the due date."""
LAST = date(2017, 8, 14)
REQUESTED = scenario.after(scenario.open_record(), scenario.request())
CONSENTED = scenario.after(REQUESTED, scenario.parent_says())
COMPLETED = scenario.after(CONSENTED, scenario.report())


def the(history: list[Record], under: str = "evaluation") -> Evaluation:
    """The newest state of an evaluation."""
    found = Known(history).get(Evaluation, id_named(under))
    assert found is not None
    return found


def why(history: list[Record]) -> Due:
    """The due date of the evaluation, which explains itself."""
    found = stages.due(the(history), Known(history).all(Evaluation))
    assert found is not None
    return found


def due(history: list[Record]) -> date | None:
    """When the evaluation is due."""
    return due_on(the(history), Known(history).all(Evaluation))


@pytest.mark.parametrize(
    "command",
    [scenario.assign(), scenario.extend(), scenario.explain(), scenario.exception(), scenario.close()],
)
def test_a_step_needs_an_evaluation(command: Command) -> None:
    """A step of an unknown evaluation is refused."""
    assert codes(scenario.decide(scenario.open_record(), command)) == {"EVA-003"}


@pytest.mark.parametrize(
    "command", [scenario.assign(), scenario.extend(), scenario.exception(), scenario.close()]
)
def test_a_step_needs_an_open_evaluation(command: Command) -> None:
    """An evaluation that is over has no next step."""
    decision = scenario.decide(scenario.evaluated(), command)

    assert isinstance(decision, Refused)
    assert codes(decision) == {"EVA-004"}


def test_another_coordinator() -> None:
    """A coordinator may be named at any open stage."""
    for history in (REQUESTED, CONSENTED, COMPLETED):
        assert the(scenario.after(history, scenario.assign())).coordinator_id == "A-0207"


def test_extensions_add_up_in_the_order_of_recording() -> None:
    """An extension moves the due date by business days, or to a day."""
    assert due(CONSENTED) == DUE
    by_days = scenario.after(CONSENTED, scenario.extend(5))
    assert due(by_days) == date(2017, 5, 10)
    assert due(scenario.after(by_days, scenario.extend(None, date(2017, 8, 14)))) == date(2017, 8, 14)


@pytest.mark.parametrize("extension", [scenario.extend(None), scenario.extend(5, date(2017, 8, 14))])
def test_an_extension_is_by_days_or_to_a_day(extension: Command) -> None:
    """Neither or both are refused."""
    assert codes(scenario.decide(CONSENTED, extension)) == {"EVA-016"}


def test_an_extension_ends_later_than_the_due_date() -> None:
    """The due date never becomes earlier."""
    assert codes(scenario.decide(CONSENTED, scenario.extend(None, DUE))) == {"EVA-017"}


def test_an_extension_that_was_approved_too_late() -> None:
    """An approval after the due date raises a warning; one before the consent is refused."""
    decision = scenario.decide(CONSENTED, scenario.extend(on=DUE + DAY))

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-018"}
    assert codes(scenario.decide(CONSENTED, scenario.extend(on=scenario.CONSENTED - DAY))) == {"EVA-005"}


def with_rule(year: int = 2017, **changes: Any) -> list[Record]:
    """The parent consented in February, and the state's calendar allows at most ten business days more to
    initial evaluations that begin in that month."""
    rule: dict[str, Any] = {
        "kind": ExtensionKind.PARENT_AGREED,
        "applies_to": [ExtendedEvaluation.INITIAL],
        "window_begin": date(year, 2, 1),
        "window_end": date(year, 2, 28),
        "business_days": 10,
        "parent_approval": False,
        "source": "made up",
    }
    calendar = Calendar.model_validate(
        example("CalendarPublished.v1")
        | {"year": str(year), "days": [], "terms": [], "extension_rules": [rule | changes]}
    )
    return [*CONSENTED, calendar]


@pytest.mark.parametrize(
    ("history", "command", "expected"),
    [
        (with_rule(), scenario.extend(10), set()),
        (with_rule(), scenario.extend(11), {"EVA-030"}),
        (with_rule(parent_approval=True), scenario.extend(10), {"EVA-031"}),
        (with_rule(parent_approval=True), scenario.extend(10, agreed_on=scenario.CONSENTED), set()),
        (with_rule(most_business_days=15), scenario.extend(11), set()),
        (with_rule(business_days=None, until=LAST), scenario.extend(None, LAST), set()),
        (with_rule(business_days=None, until=LAST), scenario.extend(None, LAST + DAY), {"EVA-030"}),
        (with_rule(), scenario.extend(None, TEN_DAYS_LATER), set()),
        (with_rule(), scenario.extend(None, TEN_DAYS_LATER + DAY), {"EVA-030"}),
        (with_rule(business_days=None, until=TEN_DAYS_LATER), scenario.extend(10), set()),
        (with_rule(business_days=None, until=TEN_DAYS_LATER), scenario.extend(11), {"EVA-030"}),
        (with_rule(window_begin=scenario.CONSENTED + DAY), scenario.extend(10), {"EVA-029"}),
        (with_rule(window_end=scenario.CONSENTED - DAY), scenario.extend(10), {"EVA-029"}),
        (with_rule(kind=ExtensionKind.EXTRAORDINARY), scenario.extend(99), set()),
        (with_rule(applies_to=[ExtendedEvaluation.REEVALUATION]), scenario.extend(99), set()),
        (with_rule(2016), scenario.extend(99), set()),
    ],
)
def test_an_extension_that_the_calendar_does_not_allow(
    history: list[Record], command: Command, expected: set[str]
) -> None:
    """The LEA is warned of an extension against the rules of the calendar in which the clock started. Rules
    of another kind, type or year say nothing."""
    decision = scenario.decide(history, command)

    assert isinstance(decision, Accepted)
    assert codes(decision) == expected


def test_an_extension_names_the_rule_that_allows_it() -> None:
    """The due date of the evaluation explains itself: who agreed when, and which rule of the calendar allows
    the extension. An extension outside the rules names none."""
    extension = scenario.extend(10, agreed_on=scenario.CONSENTED)
    allowed = why(scenario.after(with_rule(), extension))
    assert [(one.allowed_by, one.parent_agreed_on) for one in allowed.extensions] == [
        ("made up", scenario.CONSENTED)
    ]
    outside = scenario.after(with_rule(window_end=scenario.CONSENTED - DAY), scenario.extend(10))
    assert [one.allowed_by for one in why(outside).extensions] == [None]


def test_the_parent_agrees_after_the_clock_began() -> None:
    """An agreement before the consent is refused."""
    early = scenario.extend(agreed_on=scenario.CONSENTED - DAY)
    assert codes(scenario.decide(CONSENTED, early)) == {"EVA-005"}


def test_a_late_report_asks_for_the_reason() -> None:
    """A report after the due date raises a warning, unless the delay was explained before."""
    late = scenario.report(DUE + DAY)

    assert codes(scenario.decide(CONSENTED, scenario.report(DUE))) == set()
    assert codes(scenario.decide(CONSENTED, late)) == {"EVA-015"}
    explained = scenario.after(CONSENTED, scenario.explain())
    assert codes(scenario.decide(explained, late)) == set()


def test_a_delay_is_explained_when_it_is_recorded_or_later() -> None:
    """The reason stays with the evaluation."""
    history = scenario.after(CONSENTED, scenario.report(DUE + DAY), scenario.explain(DelayReason.SCHEDULING))

    assert the(history).delay_reason is DelayReason.SCHEDULING
    assert codes(scenario.decide(REQUESTED, scenario.explain())) == {"EVA-004"}


def test_another_reason_needs_words() -> None:
    """The reason `other` needs an explanation."""
    assert codes(scenario.decide(CONSENTED, scenario.explain(DelayReason.OTHER))) == {"EVA-020"}
    told = scenario.explain(DelayReason.OTHER, "The school burned down.")
    assert codes(scenario.decide(CONSENTED, told)) == set()


def test_no_delay_no_reason() -> None:
    """A reason for an evaluation in time raises a warning."""
    decision = scenario.decide(COMPLETED, scenario.explain())

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-021"}


def test_a_holiday_makes_the_due_date_of_a_delay_later() -> None:
    """The state's calendars count: on the day after a due date without holidays the evaluation is in time."""
    holiday = {"day": "2017-02-28", "reason": "Mardi Gras"}
    given = {"year": "2017", "days": [holiday], "terms": [], "extension_rules": []}
    calendar = Calendar.model_validate(example("CalendarPublished.v1") | given)
    late = scenario.after(CONSENTED, scenario.report(DUE + DAY))

    assert codes(scenario.decide(late, scenario.explain())) == set()
    assert codes(scenario.decide([*late, calendar], scenario.explain())) == {"EVA-021"}


def test_no_due_date_for_a_student_who_is_not_produced() -> None:
    """The limit does not apply, so there is nothing to extend and no delay to explain."""
    history = scenario.after(CONSENTED, scenario.exception())

    assert due(history) is None
    for command in (scenario.extend(), scenario.explain()):
        assert codes(scenario.decide(history, command)) == {"EVA-019"}


def test_an_extension_or_exception_that_is_recorded_twice() -> None:
    """A second one of the same kind and day warns; one of another day does not."""
    for twice in (scenario.extend(), scenario.exception(ELSEWHERE, agreed_due_on=LAST)):
        history = scenario.after(CONSENTED, twice)
        decision = scenario.decide(history, twice)
        assert isinstance(decision, Accepted)
        assert "EVA-040" in codes(decision)
    assert "EVA-040" not in codes(scenario.decide(history, scenario.exception(ELSEWHERE, agreed_due_on=DUE)))


def test_an_evaluation_has_at_most_fifty_extensions_and_exceptions() -> None:
    """The fifty-first is refused, so that no record grows without end. A withdrawn consent is taken."""
    [*before, evaluation] = scenario.after(CONSENTED, scenario.extend(), scenario.exception(ELSEWHERE))
    assert isinstance(evaluation, Evaluation)
    many = {"extensions": evaluation.extensions * 50, "exceptions": evaluation.exceptions * 50}
    full = [*before, evaluation.model_copy(update=many)]

    for command in (scenario.extend(), scenario.exception(ELSEWHERE)):
        decision = scenario.decide(full, command)
        assert isinstance(decision, Refused)
        assert "EVA-036" in codes(decision)
    withdrawn = scenario.exception(EvaluationExceptionKind.CONSENT_WITHDRAWN)
    assert isinstance(scenario.decide(full, withdrawn), Accepted)


def test_an_agreed_day_replaces_the_limit() -> None:
    """The parent and the new LEA agree on a day, if the student enrolled there."""
    agreed = scenario.exception(ELSEWHERE, agreed_due_on=date(2017, 9, 29), sufficient_progress=True)
    assert due(scenario.after(CONSENTED, agreed)) == date(2017, 9, 29)

    decision = scenario.decide(CONSENTED, scenario.exception(ELSEWHERE))
    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-023"}


def test_an_agreed_day_is_not_before_the_enrollment() -> None:
    """The parent and the new LEA agree on no day that is past when the student enrolls."""
    enrolled_on = scenario.CONSENTED + DAY
    agreed = scenario.exception(ELSEWHERE, enrolled_on, agreed_due_on=scenario.CONSENTED)
    decision = scenario.decide(CONSENTED, agreed)

    assert isinstance(decision, Refused)
    assert [(one.code, one.field) for one in decision.findings] == [("EVA-005", "agreed_due_on")]
    same_day = scenario.exception(ELSEWHERE, enrolled_on, agreed_due_on=enrolled_on)
    assert codes(scenario.decide(CONSENTED, same_day)) == set()


def test_no_extension_moves_an_agreed_day() -> None:
    """The agreed day stays the due date, and the service says so."""
    agreed_on = date(2017, 5, 12)
    history = scenario.after(CONSENTED, scenario.exception(ELSEWHERE, agreed_due_on=agreed_on))
    decision = scenario.decide(history, scenario.extend(10))

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"EVA-034"}
    assert due([*history, *decision.records]) == agreed_on


def test_only_a_student_enrolled_elsewhere_has_an_agreed_day() -> None:
    """Both fields of that exception are refused with another one."""
    exception = scenario.exception(agreed_due_on=date(2017, 9, 29), sufficient_progress=False)
    decision = scenario.decide(CONSENTED, exception)

    assert isinstance(decision, Refused)
    assert {(one.code, one.field) for one in decision.findings} == {
        ("EVA-022", "agreed_due_on"),
        ("EVA-022", "sufficient_progress"),
    }


def test_an_exception_follows_the_consent() -> None:
    """Before the consent no clock runs."""
    assert codes(scenario.decide(CONSENTED, scenario.exception(on=scenario.CONSENTED - DAY))) == {"EVA-005"}
    assert codes(scenario.decide(REQUESTED, scenario.exception())) == {"EVA-004"}


def test_a_withdrawn_consent_closes_the_evaluation() -> None:
    """Another evaluation may then be requested."""
    withdrawn = scenario.exception(EvaluationExceptionKind.CONSENT_WITHDRAWN, date(2017, 3, 1))
    history = scenario.after(CONSENTED, withdrawn)

    evaluation = the(history)
    assert (evaluation.stage, evaluation.closed_on) == (EvaluationStage.CLOSED, date(2017, 3, 1))
    assert isinstance(scenario.decide(history, scenario.request("second")), Accepted)


@pytest.mark.parametrize("history", [REQUESTED, CONSENTED, COMPLETED])
def test_an_open_evaluation_is_closed(history: list[Record]) -> None:
    """An evaluation ends before its determination, such as when the student leaves the state."""
    closed = the(scenario.after(history, scenario.close()))

    assert (closed.stage, closed.close_reason) == (EvaluationStage.CLOSED, CloseReason.LEFT_STATE)
    assert closed.closed_on == scenario.AGAIN
    assert not closed.open


def test_an_evaluation_is_closed_after_its_last_step() -> None:
    """The day of the closing follows every other date."""
    assert codes(scenario.decide(COMPLETED, scenario.close(scenario.REPORTED - DAY))) == {"EVA-005"}
    assert codes(scenario.decide(COMPLETED, scenario.close(scenario.REPORTED))) == set()
