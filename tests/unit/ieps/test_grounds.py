"""The grounds of an IEP: initial, review or interim."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted, Known
from contracts.forms import PlannedService, ProgramServices, Signatures
from contracts.ieps import DraftIEP, IEPType, SpedActivity
from contracts.message import Record
from services.ieps.domain.validation import Light
from tests.unit.ieps import story
from tests.unit.ieps.test_validation import found, validated
from tests.unit.telling import actor, codes

DAY = timedelta(days=1)


def iep(under: str, iep_type: IEPType, day: date) -> DraftIEP:
    """A complete IEP of a type, whose meeting, signatures and begin fall on one day."""
    forms = story.complete_forms(
        SIG=Signatures(parent_signed_on=day, lea_signed_on=day),
        PRG=ProgramServices(
            services=(PlannedService(service_code="SPI", minutes_per_week=300, begin_on=day),)
        ),
    )
    return story.draft(under, iep_type, day, day, forms)


def grounds(history: list[Record], command: DraftIEP) -> list[tuple[str, str | None]]:
    """What is found against the IEP as a whole, once it is drafted."""
    validation = validated(story.after(history, command), "new")
    return [(finding.code, finding.field) for finding in validation.results[0].findings]


def exited(history: list[Record], on: date) -> list[Record]:
    """The student left special education on a day."""
    [activity] = Known(history).all(SpedActivity)
    return [*history, SpedActivity.of(activity, exited_on=on)]


def with_interim(history: list[Record], on: date = date(2017, 3, 1)) -> list[Record]:
    """An interim IEP was submitted."""
    return story.after(
        history,
        iep("interim", IEPType.INTERIM, on),
        story.make_official("interim", on),
        story.submit("interim"),
    )


@pytest.mark.parametrize(
    "history",
    [
        story.open_record(),
        story.after(story.open_record(), story.request(), story.parent_says(), story.report()),
        story.not_eligible(),
    ],
    ids=["not evaluated", "not determined", "not eligible"],
)
def test_an_initial_iep_needs_a_student_found_eligible(history: list[Record]) -> None:
    """Before a determination of eligibility, or after one that found nothing, there is no initial IEP."""
    assert grounds(history, iep("new", IEPType.INITIAL, story.MET)) == [("IEP-142", "iep_type")]


def test_the_last_determination_counts() -> None:
    """A student whom the last evaluation found not eligible has no initial IEP, whatever was found before."""
    later = story.after(
        story.evaluated(),
        story.request("second"),
        story.parent_says(under="second"),
        story.report(under="second"),
        story.determine(under="second", on=story.DETERMINED + DAY),
    )

    assert grounds(later, iep("new", IEPType.INITIAL, story.MET)) == [("IEP-142", "iep_type")]


def test_an_initial_iep_begins_after_eligibility() -> None:
    """An initial IEP begins on the day of the determination at the earliest."""
    early = story.DETERMINED - DAY

    assert grounds(story.evaluated(), iep("new", IEPType.INITIAL, early)) == [("IEP-143", "begin_on")]
    assert grounds(story.evaluated(), iep("new", IEPType.INITIAL, story.DETERMINED)) == []


def test_an_initial_iep_is_due_thirty_days_after_the_evaluation() -> None:
    """A meeting on the thirtieth calendar day after the report is in time; a day later it warns."""
    due = story.REPORTED + timedelta(days=30)

    assert grounds(story.evaluated(), iep("new", IEPType.INITIAL, due)) == []
    late = iep("new", IEPType.INITIAL, due + DAY)
    assert grounds(story.evaluated(), late) == [("IEP-144", "meeting_on")]
    assert validated(story.after(story.evaluated(), late), "new").light is Light.YELLOW


def test_a_student_who_is_served_needs_no_other_initial_iep() -> None:
    """After a submitted IEP the next one is a review, not initial."""
    assert grounds(story.submitted(), iep("new", IEPType.INITIAL, story.MET)) == [("IEP-145", "iep_type")]


def test_an_initial_iep_follows_an_interim_one() -> None:
    """A student served by an interim IEP while the evaluation ran gets an initial IEP."""
    history = story.after(
        with_interim(story.after(story.open_record(), story.request(), story.parent_says())),
        story.report(),
        story.determine("AUT"),
    )

    assert grounds(history, iep("new", IEPType.INITIAL, story.MET)) == []


def test_consent_precedes_the_first_services_of_every_kind() -> None:
    """The parent signs the first interim IEP, and the initial IEP after it: neither is in order without."""
    evaluating = story.after(story.open_record(), story.request(), story.parent_says())
    found_eligible = story.after(with_interim(evaluating), story.report(), story.determine("AUT"))

    for history, iep_type in ((evaluating, IEPType.INTERIM), (found_eligible, IEPType.INITIAL)):
        unsigned = iep("new", iep_type, story.MET).model_copy(
            update={"forms": story.complete_forms(SIG=Signatures(lea_signed_on=story.MET))}
        )
        validation = validated(story.after(history, unsigned), "new")
        assert ("IEP-121", "forms.SIG.parent_signed_on") in found(validation)


def test_an_initial_iep_follows_an_exit() -> None:
    """A student who left special education and comes back begins with an initial IEP again."""
    for left_on in (story.BEGINS, date(2017, 5, 31)):
        history = exited(story.submitted(), left_on)
        assert grounds(history, iep("new", IEPType.INITIAL, date(2017, 6, 1))) == []


def test_of_two_initial_drafts_one_is_submitted() -> None:
    """Two initial IEPs made official side by side: the second is refused when it is submitted."""
    history = story.after(
        story.evaluated(),
        iep("first", IEPType.INITIAL, story.MET),
        iep("new", IEPType.INITIAL, story.MET),
        story.make_official("first"),
        story.make_official("new"),
        story.submit("first"),
    )

    assert codes(story.decide(history, story.submit("new"))) == {"IEP-145"}


def test_a_review_needs_something_to_review() -> None:
    """A review follows a submitted IEP of an earlier meeting."""
    review = iep("new", IEPType.REVIEW, story.MET + DAY)

    assert grounds(story.evaluated(), review) == [("IEP-146", "iep_type")]
    assert grounds(story.drafted(), review) == [("IEP-146", "iep_type")]
    assert grounds(story.submitted(), review) == []
    assert grounds(story.submitted(), iep("new", IEPType.REVIEW, story.MET)) == [("IEP-146", "iep_type")]


def test_an_interim_iep_while_the_evaluation_runs() -> None:
    """While an initial evaluation is open, an interim IEP is in order."""
    history = story.after(story.open_record(), story.request())

    assert grounds(history, iep("new", IEPType.INTERIM, story.MET)) == []


def test_an_interim_iep_for_a_student_who_moved() -> None:
    """A student who came from another LEA may have an interim IEP, served before or not."""
    for history in (story.open_record(), story.submitted()):
        moved = story.heard(story.claimed("009", date(2017, 6, 1), "second claim"), after=history)
        draft_by_new_lea = iep("new", IEPType.INTERIM, date(2017, 6, 5))
        decision = story.decide(moved, draft_by_new_lea, by=actor("009"))
        assert isinstance(decision, Accepted)
        validation = validated([*moved, *decision.records], "new")
        assert validation.results[0].findings == ()


def test_an_interim_iep_without_an_evaluation_warns() -> None:
    """Without an open evaluation an interim IEP is right for newcomers only: a warning."""
    assert grounds(story.open_record(), iep("new", IEPType.INTERIM, story.MET)) == [("IEP-148", "iep_type")]
    history = story.after(story.open_record(), iep("new", IEPType.INTERIM, story.MET))
    assert validated(history, "new").light is Light.YELLOW


def test_no_interim_iep_beside_another() -> None:
    """A student who is served by the same LEA and not being evaluated gets no interim IEP."""
    assert grounds(story.submitted(), iep("new", IEPType.INTERIM, story.MET)) == [("IEP-147", "iep_type")]


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
    history = story.decide(story.open_record(), iep("new", IEPType.INTERIM, begin_on), on=date(2031, 1, 1))
    assert isinstance(history, Accepted)

    validation = validated([*story.open_record(), *history.records], "new")
    assert (("IEP-141", "begin_on") in found(validation)) is not of_age


def test_a_corrected_birth_date_is_taken_into_account() -> None:
    """When eScholar corrects the birth date, a draft is judged by the new one."""
    history = story.heard(story.corrected(date(2015, 1, 1)), after=story.drafted())

    assert ("IEP-141", "begin_on") in found(validated(history))
    assert ("IEP-111", "forms.LRE.environment") in found(validated(history))
