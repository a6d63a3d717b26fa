"""Correcting a date of an evaluation, and what early intervention did before the third birthday."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted, Known, Refused
from contracts.evaluations import (
    CorrectEvaluation,
    Correction,
    EvaluationCorrected,
    EvaluationDate,
    PartCTransition,
)
from tests.unit.ieps import scenario
from tests.unit.scenario import codes

DAY = timedelta(days=1)
WAIVED = scenario.after(scenario.evaluated(), scenario.waive())


def test_a_correction_says_what_was_there_before() -> None:
    """A date of a finished evaluation is corrected, and the event has both days and the reason."""
    [corrected] = scenario.after(scenario.evaluated(), scenario.correct_date())[len(scenario.evaluated()) :]

    assert isinstance(corrected, EvaluationCorrected)
    assert corrected.report_disseminated_on == date(2017, 5, 3)
    assert corrected.correction == Correction(
        field=EvaluationDate.REPORT_DISSEMINATED,
        before=scenario.REPORTED,
        after=date(2017, 5, 3),
        reason="Mistyped.",
    )
    assert corrected.stage == "determined"


@pytest.mark.parametrize(
    "correction",
    [
        scenario.correct_date(day=scenario.CONSENTED - DAY),
        scenario.correct_date(day=scenario.DETERMINED + DAY),
        scenario.correct_date(EvaluationDate.REFERRED, scenario.ASKED + DAY),
    ],
    ids=["before the step before", "after the step after", "a new date in the wrong place"],
)
def test_a_corrected_date_keeps_the_order(correction: CorrectEvaluation) -> None:
    """The dates of all steps stay in order."""
    assert codes(scenario.decide(scenario.evaluated(), correction)) == {"EVA-005"}


def test_a_correction_corrects_something() -> None:
    """The same day again is refused."""
    assert codes(scenario.decide(scenario.evaluated(), scenario.correct_date(day=scenario.REPORTED))) == {
        "EVA-024"
    }


def test_a_step_is_no_correction() -> None:
    """A date of a step that was not taken is refused. Only the referral's dates may be added later."""
    requested = scenario.after(scenario.open_record(), scenario.request())

    assert codes(scenario.decide(requested, scenario.correct_date())) == {"EVA-025"}
    assert codes(scenario.decide(WAIVED, scenario.correct_date(EvaluationDate.REFERRED, under="waiver"))) == {
        "EVA-025"
    }
    begun = scenario.after(scenario.evaluated(), scenario.reevaluate())
    received = scenario.correct_date(EvaluationDate.RECEIVED_BY_APPRAISAL, scenario.AGAIN, "re-evaluation")
    assert codes(scenario.decide(begun, received)) == {"EVA-025"}
    added = scenario.decide(requested, scenario.correct_date(EvaluationDate.REFERRED, scenario.ASKED - DAY))
    assert isinstance(added, Accepted)
    [corrected] = added.records
    assert isinstance(corrected, EvaluationCorrected)
    assert (corrected.referred_on, corrected.correction.before) == (scenario.ASKED - DAY, None)


def test_a_corrected_waiver() -> None:
    """The day of the signature can be corrected."""
    day = scenario.AGAIN - DAY
    history = scenario.after(WAIVED, scenario.correct_date(EvaluationDate.PARENT_SIGNED, day, "waiver"))

    assert history[-1].evaluated_on == day  # type: ignore[attr-defined]


def test_a_corrected_reevaluation_still_follows_an_evaluation() -> None:
    """A re-evaluation and a waiver come after the first determination, also by a corrected day."""
    before = scenario.DETERMINED - DAY
    begun = scenario.after(scenario.evaluated(), scenario.reevaluate())

    for history, field, under in (
        (begun, EvaluationDate.BEGUN, "re-evaluation"),
        (WAIVED, EvaluationDate.PARENT_SIGNED, "waiver"),
    ):
        assert codes(scenario.decide(history, scenario.correct_date(field, before, under))) == {"EVA-005"}
        after = scenario.correct_date(field, scenario.DETERMINED, under)
        assert codes(scenario.decide(history, after)) == set()


def test_a_correction_keeps_the_order_of_all_evaluations() -> None:
    """A waiver follows the re-evaluation before it, and not only the first evaluation."""
    signed = scenario.AGAIN + 2 * DAY
    history = scenario.after(scenario.reevaluated("AUT"), scenario.waive(signed))

    early = scenario.correct_date(EvaluationDate.PARENT_SIGNED, scenario.AGAIN - DAY, "waiver")
    assert codes(scenario.decide(history, early)) == {"EVA-005"}
    same_day = scenario.correct_date(EvaluationDate.PARENT_SIGNED, scenario.AGAIN, "waiver")
    assert codes(scenario.decide(history, same_day)) == set()

    begun = scenario.correct_date(EvaluationDate.BEGUN, scenario.AGAIN - DAY, "re-evaluation")
    assert codes(scenario.decide(history, begun)) == set()


def test_a_clock_that_starts_after_an_extension_warns() -> None:
    """The day of consent is corrected to after an extension or an exception, whose day nobody corrects."""
    consented = scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says())
    corrected = scenario.correct_date(EvaluationDate.DECIDED, scenario.CONSENTED + DAY)

    assert codes(scenario.decide(consented, corrected)) == set()
    for step in (scenario.extend(), scenario.exception()):
        decision = scenario.decide(scenario.after(consented, step), corrected)
        assert isinstance(decision, Accepted)
        assert [(one.code, one.facts["earlier"]) for one in decision.warnings] == [("EVA-039", "2017-02-08")]


def test_a_corrected_determination_comes_before_the_next_evaluation() -> None:
    """The day of a determination is not corrected to after the begin of the evaluation that follows it."""
    begun = scenario.after(scenario.evaluated(), scenario.reevaluate())

    for history in (begun, WAIVED):
        after = scenario.correct_date(EvaluationDate.DETERMINED, scenario.AGAIN + DAY)
        assert codes(scenario.decide(history, after)) == {"EVA-005"}
        same_day = scenario.correct_date(EvaluationDate.DETERMINED, scenario.AGAIN)
        assert codes(scenario.decide(history, same_day)) == set()

    determined = scenario.correct_date(EvaluationDate.DETERMINED, scenario.AGAIN + DAY, "re-evaluation")
    assert codes(scenario.decide(scenario.reevaluated("AUT"), determined)) == set()


def test_a_corrected_determination_fits_the_age() -> None:
    """The exceptionalities fit the student's age on the corrected day, too."""
    ninth_birthday = date(2017, 5, 20)
    found = scenario.evaluated("DD", born=date(2008, 5, 20))

    decision = scenario.decide(found, scenario.correct_date(EvaluationDate.DETERMINED, ninth_birthday))
    assert codes(decision) == {"EVA-009"}
    assert (
        codes(scenario.decide(found, scenario.correct_date(EvaluationDate.DETERMINED, ninth_birthday - DAY)))
        == set()
    )


def test_an_evaluation_that_has_changed_is_not_corrected_unseen() -> None:
    """A correction for an earlier revision is refused."""
    assert codes(scenario.decide(scenario.evaluated(), scenario.correct_date(on_revision=3))) == {"MSG-031"}
    assert codes(scenario.decide(scenario.evaluated(), scenario.correct_date(on_revision=4))) == set()
    assert codes(scenario.decide(scenario.open_record(), scenario.correct_date())) == {"EVA-003"}


def test_what_early_intervention_did_is_recorded_once_and_then_replaced() -> None:
    """A student has one such record. A later command replaces it."""
    first = scenario.part_c(referred_on=date(2011, 6, 1), eligible_for_part_c_on=date(2010, 3, 1))
    history = scenario.after(scenario.open_record(), first, scenario.part_c(continues_in_part_c=True))

    transition = Known(history).one(PartCTransition)
    assert transition is not None
    assert (transition.revision, transition.referred_on, transition.continues_in_part_c) == (2, None, True)
    assert codes(scenario.decide(history, scenario.part_c(on_revision=1))) == {"MSG-031"}


def test_a_child_who_was_not_served_was_not_found_eligible() -> None:
    """Facts of early intervention need a child whom it served."""
    decision = scenario.decide(
        scenario.open_record(),
        scenario.part_c(served=False, eligible_for_part_c_on=date(2010, 3, 1), continues_in_part_c=True),
    )

    assert isinstance(decision, Refused)
    assert [(one.code, one.field) for one in decision.findings] == [
        ("EVA-026", "eligible_for_part_c_on"),
        ("EVA-026", "continues_in_part_c"),
    ]


def test_early_intervention_ends_with_the_third_birthday() -> None:
    """A child is found eligible for it before that day."""
    birthday = scenario.BORN.replace(year=scenario.BORN.year + 3)

    decision = scenario.decide(scenario.open_record(), scenario.part_c(eligible_for_part_c_on=birthday))
    assert codes(decision) == {"EVA-027"}
    last = scenario.part_c(eligible_for_part_c_on=birthday - DAY)
    assert codes(scenario.decide(scenario.open_record(), last)) == set()
