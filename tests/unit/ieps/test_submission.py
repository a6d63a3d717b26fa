"""From the draft to the submitted IEP, the entry into special education, and amendments."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from contracts.access import Role
from contracts.activities import SpedActivity, SpedActivityBegun
from contracts.decision import Accepted, Known, Refused
from contracts.forms import Accommodations, AmendmentForm, Placement, Signatures
from contracts.ieps import (
    IEP,
    IEPAmendmentBegun,
    IEPContents,
    IEPContentsMadeOfficial,
    IEPMadeOfficial,
    IEPStage,
    IEPSubmitted,
    IEPType,
    PlanKind,
)
from contracts.message import Record
from services.ieps.domain.activities import open_activity
from tests.unit.ieps import scenario
from tests.unit.ieps.test_grounds import exited, iep
from tests.unit.scenario import actor, codes, id_named, new_records


def _iep(history: list[Record], under: str = "IEP") -> IEP:
    found = Known(history).get(IEP, id_named(under))
    assert found is not None
    return found


def amended(times: int = 1) -> list[Record]:
    """The IEP was submitted and amended so many times, each amendment submitted."""
    history = scenario.submitted()
    names = ["IEP", *(f"amendment {number}" for number in range(1, times + 1))]
    for earlier, later in pairwise(names):
        history = scenario.after(
            history, scenario.amend(earlier, later), scenario.make_official(later), scenario.submit(later)
        )
    return history


def test_an_iep_becomes_official_by_signature() -> None:
    """A draft that passes validation becomes official when it is signed, and its forms are published."""
    contents, official = new_records(scenario.decide(scenario.drafted(), scenario.make_official()))

    assert isinstance(official, IEPMadeOfficial)
    assert (official.stage, official.signed_on, official.revision) == (IEPStage.OFFICIAL, scenario.MET, 2)
    assert isinstance(contents, IEPContentsMadeOfficial)
    assert (contents.official, contents.iep_id) == (True, official.iep_id)
    assert contents.forms == scenario.contents(scenario.drafted()).forms
    assert official.contents_revision == contents.revision


def test_the_first_submission_is_the_entry_into_special_education() -> None:
    """Submitting a first IEP also begins the student's sped activity, on the day the IEP begins."""
    official = scenario.after(scenario.drafted(), scenario.make_official())
    submitted, entered = new_records(scenario.decide(official, scenario.submit()))

    assert isinstance(submitted, IEPSubmitted)
    assert submitted.stage is IEPStage.SUBMITTED
    assert isinstance(entered, SpedActivityBegun)
    assert (entered.entered_on, entered.iep_id, entered.lea) == (scenario.BEGINS, id_named("IEP"), "017")
    assert new_records(scenario.decide(official, scenario.submit()))[1] == entered


def test_later_submissions_are_no_entry() -> None:
    """A review or an amendment continues the open sped activity."""
    review = scenario.after(
        scenario.submitted(),
        iep("review", IEPType.REVIEW, date(2018, 5, 10)),
        scenario.make_official("review", date(2018, 5, 10)),
        scenario.submit("review"),
        on=date(2018, 6, 1),
    )

    assert [one.submission for one in Known(review).all(IEP)] == [1, 2]
    assert len(Known(review).all(SpedActivity)) == 1
    assert len(Known(amended()).all(SpedActivity)) == 1


def test_after_an_exit_the_next_submission_is_an_entry_again() -> None:
    """A student who comes back enters special education a second time."""
    day = date(2017, 8, 15)
    left = exited(scenario.submitted(), date(2017, 6, 30))
    back = scenario.after(
        left, iep("new", IEPType.INITIAL, day), scenario.make_official("new", day), scenario.submit("new")
    )

    assert len(Known(back).all(SpedActivity)) == 2
    activity = open_activity(Known(back))
    assert activity is not None
    assert activity.entered_on == day


@pytest.mark.parametrize("history", [scenario.drafted(), scenario.submitted()])
def test_only_an_official_iep_is_submitted(history: list[Record]) -> None:
    """A draft cannot be submitted, and an IEP cannot be submitted twice."""
    decision = scenario.decide(history, scenario.submit())

    assert isinstance(decision, Refused)
    assert codes(decision) == {"IEP-008"}
    writer = actor("017", Role.WRITER)
    assert codes(scenario.decide(history, scenario.submit(), by=writer)) == {"ACC-004", "IEP-008"}


def test_an_amendment_is_a_draft_with_the_forms_of_before() -> None:
    """An amendment keeps type, meeting date and unchanged forms, without the earlier Amendments form."""
    changed = Accommodations(instruction=("extended time", "calculator"))
    contents, amendment = new_records(scenario.decide(scenario.submitted(), scenario.amend(forms=(changed,))))
    before, forms_before = _iep(scenario.submitted()), scenario.contents(scenario.submitted()).forms

    assert isinstance(amendment, IEPAmendmentBegun)
    assert (amendment.stage, amendment.amendment, amendment.amends) == (IEPStage.DRAFT, 1, before.iep_id)
    assert (amendment.iep_type, amendment.meeting_on) == (before.iep_type, before.meeting_on)
    assert amendment.signed_on is None
    assert isinstance(contents, IEPContents)
    kept = {form for form in forms_before if not isinstance(form, Accommodations)}
    assert kept < set(contents.forms)
    assert {form.form for form in set(contents.forms) - kept} == {"ACC", "AMD"}
    assert amendment.forms == tuple(form.form for form in contents.forms)


def test_an_amendment_changes_the_placement() -> None:
    """An amendment with another placement has another environment; the IEP it amends keeps its own."""
    other = Placement(environment="RC39", percent_in_regular_class=20, justification="Because.")
    history = scenario.after(scenario.submitted(), scenario.amend(forms=(other,)))

    assert _iep(history, "amendment").environment == "RC39"
    assert _iep(history).environment == "RC80"


def test_amendments_form_one_line() -> None:
    """Amendments are numbered along their line, and each has an Amendments form of its own only."""
    history = amended(3)

    line = [_iep(history, under) for under in ("IEP", "amendment 1", "amendment 2", "amendment 3")]
    assert [member.amendment for member in line] == [0, 1, 2, 3]
    assert [member.amends for member in line[1:]] == [member.iep_id for member in line[:-1]]
    assert {member.meeting_on for member in line} == {scenario.MET}
    for number in (1, 2, 3):
        forms = scenario.contents(history, f"amendment {number}").forms
        assert sum(isinstance(form, AmendmentForm) for form in forms) == 1


def test_only_one_amendment_is_open() -> None:
    """While one amendment is open, the service refuses another."""
    begun = scenario.after(scenario.submitted(), scenario.amend())

    assert codes(scenario.decide(begun, scenario.amend(under="other"))) == {"IEP-016"}
    official = scenario.after(begun, scenario.make_official("amendment"))
    assert codes(scenario.decide(official, scenario.amend(under="other"))) == {"IEP-016"}


def test_only_the_newest_is_amended() -> None:
    """An LEA amends the newest amendment, not an earlier one."""
    decision = scenario.decide(amended(2), scenario.amend("amendment 1", "other"))

    assert isinstance(decision, Refused)
    assert codes(decision) == {"IEP-017"}
    assert str(id_named("amendment 2")) in decision.findings[0].message


@pytest.mark.parametrize(
    "history", [scenario.drafted(), scenario.after(scenario.drafted(), scenario.make_official())]
)
def test_only_what_was_submitted_is_amended(history: list[Record]) -> None:
    """The service refuses to amend a draft or an official IEP that is not submitted."""
    decision = scenario.decide(history, scenario.amend())

    assert isinstance(decision, Refused)
    assert [(finding.code, finding.field) for finding in decision.findings] == [("IEP-008", "amends")]
    same_id = scenario.decide(history, scenario.amend(under="IEP"))
    assert codes(same_id) == {"IEP-006", "IEP-008"}


def test_an_amendment_begins_no_earlier_than_what_it_amends() -> None:
    """An amendment cannot begin before the IEP it amends did."""
    assert codes(scenario.decide(scenario.submitted(), scenario.amend(begin_on=date(2017, 5, 21)))) == {
        "IEP-018"
    }
    assert isinstance(
        scenario.decide(scenario.submitted(), scenario.amend(begin_on=scenario.BEGINS)), Accepted
    )


def test_an_amendment_is_validated_like_an_iep() -> None:
    """An amendment that takes the LEA's signature away cannot be made official."""
    history = scenario.after(
        scenario.submitted(), scenario.amend(forms=(Signatures(parent_signed_on=scenario.MET),))
    )

    assert codes(scenario.decide(history, scenario.make_official("amendment"))) == {"IEP-102"}


def test_the_new_lea_amends_what_the_old_one_submitted() -> None:
    """After a move the new LEA amends the IEP, and the old LEA cannot."""
    moved = scenario.records_after(
        scenario.claimed("009", date(2017, 9, 1), "second claim"), after=scenario.submitted()
    )
    contents, amendment = new_records(scenario.decide(moved, scenario.amend(), by=actor("009")))

    assert isinstance(amendment, IEP)
    assert isinstance(contents, IEPContents)
    assert (amendment.lea, contents.lea) == ("009", "009")
    assert codes(scenario.decide(moved, scenario.amend())) == {"ACC-005"}


def test_an_amendment_past_the_year_warns() -> None:
    """An amendment that begins after the IEP's year warns: a review is due."""
    last = date(2018, 5, 21)
    for begin_on, found in ((last, set()), (last + timedelta(days=1), {"IEP-023"})):
        decision = scenario.decide(scenario.submitted(), scenario.amend(begin_on=begin_on), on=last)
        assert isinstance(decision, Accepted)
        assert codes(decision) == found


def test_an_amendment_is_a_plan_of_the_same_kind() -> None:
    """The amendment of a services plan is a services plan."""
    history = scenario.after(
        scenario.evaluated(),
        scenario.draft(plan_kind=PlanKind.SERVICES_PLAN, forms=scenario.services_plan()),
        scenario.make_official(),
        scenario.submit(),
        scenario.amend(),
    )

    assert _iep(history, "amendment").plan_kind is PlanKind.SERVICES_PLAN
