"""The grounds of an IEP: initial, review or interim."""

from datetime import date, timedelta

import pytest

from contracts.activities import SpedActivity
from contracts.decision import Accepted, Known, Refused
from contracts.forms import ProgramServices, Signatures
from contracts.ieps import IEP, DraftIEP, IEPType, PlanKind
from contracts.message import Record
from services.ieps.domain.validation import Light
from tests.unit.ieps import scenario
from tests.unit.ieps.test_validation import found, validated
from tests.unit.scenario import TODAY, actor, codes, id_named

DAY = timedelta(days=1)


def iep(under: str, iep_type: IEPType, day: date) -> DraftIEP:
    """A complete IEP of a type. Its meeting, signatures and begin are on one day."""
    forms = scenario.complete_forms(
        SIG=Signatures(parent_signed_on=day, lea_signed_on=day, parent_consents=True),
        PRG=ProgramServices(services=(scenario.planned(begin_on=day),)),
    )
    return scenario.draft(under, iep_type, day, day, forms)


def grounds(history: list[Record], command: DraftIEP) -> list[tuple[str, str | None]]:
    """The findings about a drafted IEP as a whole."""
    validation = validated(scenario.after(history, command), "new")
    return [(finding.code, finding.field) for finding in validation.results[0].findings]


def when_official(history: list[Record], command: DraftIEP) -> set[str]:
    """The codes of the answer to whoever makes a drafted IEP official on the day of its meeting."""
    drafted = scenario.after(history, command)
    official = scenario.make_official("new", command.meeting_on)
    return codes(scenario.decide(drafted, official, on=max(TODAY, command.meeting_on)))


def exited(history: list[Record], on: date) -> list[Record]:
    """The student left special education on a day."""
    [activity] = Known(history).all(SpedActivity)
    return [*history, SpedActivity.of(activity, exited_on=on)]


def with_interim(history: list[Record], on: date = date(2017, 3, 1)) -> list[Record]:
    """An interim IEP was submitted."""
    return scenario.after(
        history,
        iep("interim", IEPType.INTERIM, on),
        scenario.make_official("interim", on),
        scenario.submit("interim"),
    )


@pytest.mark.parametrize(
    "history",
    [
        scenario.open_record(),
        scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says(), scenario.report()),
        scenario.not_eligible(),
    ],
    ids=["not evaluated", "not determined", "not eligible"],
)
def test_an_initial_iep_needs_a_student_found_eligible(history: list[Record]) -> None:
    """Before a determination of eligibility, or after one that found nothing, there is no initial IEP."""
    assert grounds(history, iep("new", IEPType.INITIAL, scenario.MET)) == [("IEP-142", "iep_type")]


def test_the_last_determination_counts() -> None:
    """A student whom the last evaluation found not eligible gets no initial IEP."""
    later = scenario.after(
        scenario.evaluated(),
        scenario.request("second"),
        scenario.parent_says(under="second"),
        scenario.report(under="second"),
        scenario.determine(under="second", on=scenario.DETERMINED + DAY),
    )

    assert grounds(later, iep("new", IEPType.INITIAL, scenario.MET)) == [("IEP-142", "iep_type")]


def test_an_initial_iep_begins_after_eligibility() -> None:
    """An initial IEP begins on the day of the determination at the earliest."""
    early = scenario.DETERMINED - DAY

    findings = grounds(scenario.evaluated(), iep("new", IEPType.INITIAL, early))
    assert findings == [("IEP-143", "begin_on"), ("IEP-154", "meeting_on")]
    assert grounds(scenario.evaluated(), iep("new", IEPType.INITIAL, scenario.DETERMINED)) == []


def test_a_team_that_met_before_the_student_was_found_eligible() -> None:
    """The team of an initial IEP meets after the determination; otherwise validation warns."""
    early = scenario.draft("new", meeting_on=scenario.DETERMINED - DAY)

    assert grounds(scenario.evaluated(), early) == [("IEP-154", "meeting_on")]
    assert validated(scenario.after(scenario.evaluated(), early), "new").light is Light.YELLOW


def test_an_iep_begins_when_the_child_has_the_age_of_the_exceptionality() -> None:
    """Developmental delay found before the third birthday leads to an IEP that begins on it."""
    born = scenario.BEGINS.replace(year=scenario.BEGINS.year - 3)
    found = scenario.evaluated("DD", born=born)

    early = grounds(found, scenario.draft("new", begin_on=scenario.BEGINS - DAY))
    assert early == [("IEP-141", "begin_on"), ("IEP-155", "begin_on")]
    assert "IEP-155" in when_official(found, scenario.draft("new", begin_on=scenario.BEGINS - DAY))
    assert grounds(found, scenario.draft("new", begin_on=scenario.BEGINS)) == []


def test_no_review_for_a_student_who_is_no_longer_eligible() -> None:
    """A re-evaluation that finds no exceptionality ends special education: there is no further IEP."""
    again = (
        scenario.reevaluate(),
        scenario.report(scenario.AGAIN, "re-evaluation"),
        scenario.determine_by_report(),
    )
    history = scenario.after(scenario.submitted(), *again)

    review = iep("new", IEPType.REVIEW, scenario.AGAIN)
    assert ("IEP-156", "iep_type") in grounds(history, review)
    assert "IEP-156" in when_official(history, review)
    assert grounds(scenario.submitted(), review) == []

    begun_before = iep("new", IEPType.REVIEW, scenario.AGAIN - DAY)
    assert grounds(history, begun_before) == []


def test_a_plan_for_developmental_delay_begins_before_the_ninth_birthday() -> None:
    """From the ninth birthday an IEP rests on another exceptionality. Otherwise SER warns."""
    ninth_birthday = scenario.AGAIN
    found = scenario.evaluated("DD", born=ninth_birthday.replace(year=ninth_birthday.year - 9))
    served = scenario.after(found, scenario.draft(), scenario.make_official(), scenario.submit())

    review = iep("new", IEPType.REVIEW, ninth_birthday)
    assert grounds(served, review) == [("IEP-157", "begin_on")]
    assert when_official(served, review) == {"IEP-157"}
    assert grounds(served, iep("new", IEPType.REVIEW, ninth_birthday - DAY)) == []
    assert ("IEP-157", "begin_on") in grounds(found, iep("new", IEPType.INITIAL, ninth_birthday))


def test_an_initial_iep_is_due_thirty_days_after_the_evaluation() -> None:
    """A meeting on the thirtieth calendar day after the report is in time; a day later it warns."""
    due = scenario.REPORTED + timedelta(days=30)

    assert grounds(scenario.evaluated(), iep("new", IEPType.INITIAL, due)) == []
    late = iep("new", IEPType.INITIAL, due + DAY)
    assert grounds(scenario.evaluated(), late) == [("IEP-144", "meeting_on")]
    assert validated(scenario.after(scenario.evaluated(), late), "new").light is Light.YELLOW


def test_a_student_who_is_served_needs_no_other_initial_iep() -> None:
    """After a submitted IEP the next one is a review, not initial."""
    assert grounds(scenario.submitted(), iep("new", IEPType.INITIAL, scenario.MET)) == [
        ("IEP-145", "iep_type")
    ]


def test_an_initial_iep_follows_an_interim_one() -> None:
    """A student served by an interim IEP while the evaluation ran gets an initial IEP."""
    history = scenario.after(
        with_interim(scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says())),
        scenario.report(),
        scenario.determine("AUT"),
    )

    assert grounds(history, iep("new", IEPType.INITIAL, scenario.MET)) == []


def test_consent_precedes_the_first_services_of_every_kind() -> None:
    """The parent must sign the first interim IEP, and also the initial IEP after it."""
    evaluating = scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says())
    found_eligible = scenario.after(with_interim(evaluating), scenario.report(), scenario.determine("AUT"))

    for history, iep_type in ((evaluating, IEPType.INTERIM), (found_eligible, IEPType.INITIAL)):
        unsigned = iep("new", iep_type, scenario.MET).model_copy(
            update={"forms": scenario.complete_forms(SIG=Signatures(lea_signed_on=scenario.MET))}
        )
        validation = validated(scenario.after(history, unsigned), "new")
        assert ("IEP-121", "forms.SIG.parent_signed_on") in found(validation)


def test_an_initial_iep_follows_an_exit() -> None:
    """A student who comes back after an exit begins with an initial IEP again."""
    for left_on in (scenario.BEGINS, date(2017, 5, 31)):
        history = exited(scenario.submitted(), left_on)
        assert grounds(history, iep("new", IEPType.INITIAL, date(2017, 6, 1))) == []


def test_of_two_initial_drafts_one_is_submitted() -> None:
    """If two initial IEPs are official, the service refuses to submit the second."""
    history = scenario.after(
        scenario.evaluated(),
        iep("first", IEPType.INITIAL, scenario.MET),
        iep("new", IEPType.INITIAL, scenario.MET),
        scenario.make_official("first"),
        scenario.make_official("new"),
        scenario.submit("first"),
    )

    assert codes(scenario.decide(history, scenario.submit("new"))) == {"IEP-145"}


def test_a_review_needs_something_to_review() -> None:
    """A review follows a submitted IEP of an earlier meeting."""
    review = iep("new", IEPType.REVIEW, scenario.MET + DAY)

    assert grounds(scenario.evaluated(), review) == [("IEP-146", "iep_type")]
    assert grounds(scenario.drafted(), review) == [("IEP-146", "iep_type")]
    assert grounds(scenario.submitted(), review) == []
    assert grounds(scenario.submitted(), iep("new", IEPType.REVIEW, scenario.MET)) == [
        ("IEP-146", "iep_type")
    ]


def test_an_interim_iep_while_the_evaluation_runs() -> None:
    """During an initial evaluation the LEA may write an interim IEP."""
    history = scenario.after(scenario.open_record(), scenario.request())

    assert grounds(history, iep("new", IEPType.INTERIM, scenario.MET)) == []


def test_an_interim_iep_for_a_student_who_moved() -> None:
    """A student from another LEA may have an interim IEP."""
    for history in (scenario.open_record(), scenario.submitted()):
        moved = scenario.records_after(
            scenario.claimed("009", date(2017, 6, 1), "second claim"), after=history
        )
        draft_by_new_lea = iep("new", IEPType.INTERIM, date(2017, 6, 5))
        decision = scenario.decide(moved, draft_by_new_lea, by=actor("009"))
        assert isinstance(decision, Accepted)
        validation = validated([*moved, *decision.records], "new")
        assert validation.results[0].findings == ()


def test_an_interim_iep_without_an_evaluation_warns() -> None:
    """An interim IEP without an open evaluation is right for newcomers only, so there is a warning."""
    assert grounds(scenario.open_record(), iep("new", IEPType.INTERIM, scenario.MET)) == [
        ("IEP-148", "iep_type")
    ]
    history = scenario.after(scenario.open_record(), iep("new", IEPType.INTERIM, scenario.MET))
    assert validated(history, "new").light is Light.YELLOW


def test_no_interim_iep_beside_another() -> None:
    """The service refuses an interim IEP for a student whom the same LEA serves and does not evaluate."""
    draft = iep("new", IEPType.INTERIM, scenario.MET)
    assert grounds(scenario.submitted(), draft) == [("IEP-147", "iep_type")]
    drafted = scenario.after(scenario.submitted(), draft)
    assert "IEP-147" in codes(scenario.decide(drafted, scenario.make_official("new")))


@pytest.mark.parametrize(
    ("begin_on", "of_age"),
    [
        (date(2011, 11, 19), False),
        (date(2011, 11, 20), True),
        (date(2031, 11, 19), True),
        (date(2031, 11, 20), False),
    ],
)
def test_an_iep_is_for_ages_three_through_twenty_two(begin_on: date, of_age: bool) -> None:
    """An IEP begins from the third birthday on, and before the twenty-third."""
    history = scenario.decide(
        scenario.open_record(), iep("new", IEPType.INTERIM, begin_on), on=date(2031, 1, 1)
    )
    assert isinstance(history, Accepted)

    validation = validated([*scenario.open_record(), *history.records], "new")
    assert (("IEP-141", "begin_on") in found(validation)) is not of_age


def test_a_corrected_birth_date_is_taken_into_account() -> None:
    """After eScholar corrects the birth date, the service checks a draft with the new date."""
    history = scenario.records_after(scenario.corrected(date(2015, 1, 1)), after=scenario.drafted())

    assert ("IEP-141", "begin_on") in found(validated(history))
    assert ("IEP-111", "forms.LRE.environment") in found(validated(history))


def test_a_reason_for_a_late_meeting() -> None:
    """A late first meeting warns until the LEA gives the reason, which the IEP then keeps."""
    late = scenario.REPORTED + timedelta(days=31)
    history = scenario.after(scenario.evaluated(), iep("new", IEPType.INITIAL, late))

    assert codes(scenario.decide(history, scenario.make_official("new", late))) == {"IEP-144"}
    explained = scenario.make_official("new", late, late_reason="The parent was ill.")
    decision = scenario.decide(history, explained)
    assert codes(decision) == set()
    official = Known(scenario.after(history, explained)).get(IEP, id_named("new"))
    assert official is not None
    assert official.late_reason == "The parent was ill."


def test_an_initial_iep_after_an_exit_is_not_late() -> None:
    """An initial IEP after an exit may rest on the evaluation that led to the first IEP. Then it is not late.
    After another evaluation it is."""
    left = scenario.after(scenario.submitted(), scenario.leave())
    long_after = date(2017, 8, 25)
    assert grounds(left, iep("new", IEPType.INITIAL, long_after)) == []

    again = scenario.after(
        left,
        scenario.request("second", scenario.LEFT),
        scenario.parent_says(on=scenario.LEFT, under="second"),
        scenario.report(date(2017, 7, 3), "second"),
        scenario.determine("AUT", on=date(2017, 7, 3), under="second"),
    )
    assert grounds(again, iep("new", IEPType.INITIAL, long_after)) == [("IEP-144", "meeting_on")]


def test_a_review_is_due_a_year_after_the_meeting() -> None:
    """A review on the anniversary of the last meeting is in time; a day later it warns."""
    anniversary = scenario.MET.replace(year=2018)

    assert grounds(scenario.submitted(), iep("new", IEPType.REVIEW, anniversary)) == []
    late = iep("new", IEPType.REVIEW, anniversary + DAY)
    assert grounds(scenario.submitted(), late) == [("IEP-149", "meeting_on")]
    assert when_official(scenario.submitted(), late) == {"IEP-149"}


def test_a_plan_of_another_kind() -> None:
    """A student with a disability has no gifted/talented IEP. An IEP without a disability warns."""
    gifted = iep("new", IEPType.INITIAL, scenario.MET).model_copy(update={"plan_kind": PlanKind.GIFTED})
    assert grounds(scenario.evaluated("AUT", "GFT"), gifted) == [("IEP-151", "plan_kind")]
    assert "IEP-151" in when_official(scenario.evaluated("AUT", "GFT"), gifted)
    assert grounds(scenario.evaluated("GFT"), gifted) == []

    plain = iep("new", IEPType.INITIAL, scenario.MET)
    assert grounds(scenario.evaluated("GFT"), plain) == [("IEP-152", "plan_kind")]
    assert when_official(scenario.evaluated("GFT"), plain) == {"IEP-152"}


def test_no_iep_is_official_before_its_meeting() -> None:
    """The service refuses to make an IEP official before the day of its team meeting."""
    tomorrow = TODAY + DAY
    history = scenario.after(scenario.evaluated(), iep("new", IEPType.INITIAL, tomorrow))
    decision = scenario.decide(history, scenario.make_official("new", TODAY))

    assert isinstance(decision, Refused)
    assert ("MSG-049", "meeting_on") in {(one.code, one.field) for one in decision.findings}
