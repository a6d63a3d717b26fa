"""Discarding a draft, and deleting an official or submitted IEP by two people."""

from datetime import timedelta

import pytest

from contracts.access import STATE, Actor, Role
from contracts.activities import SpedActivity, SpedActivityCorrected, SpedActivityVoided
from contracts.decision import Accepted, Known
from contracts.ieps import (
    IEP,
    DeletionState,
    IEPDeleted,
    IEPDeletion,
    IEPDeletionApproved,
    IEPDeletionDeclined,
    IEPDeletionRequested,
    IEPDiscarded,
    IEPStage,
    IEPSubmitted,
    IEPType,
)
from contracts.message import Guest, Record
from tests.unit.ieps import scenario
from tests.unit.ieps.test_grounds import grounds, iep
from tests.unit.scenario import STUDENT, actor, codes, id_named, new_records

OTHER = Actor(sub="the.other", lea="017", roles=frozenset({Role.COORDINATOR}))
STATE_OFFICE = Actor(sub="s.office", lea=STATE, roles=frozenset({Role.STATE}))
OFFICIAL = scenario.after(scenario.drafted(), scenario.make_official())
REQUESTED = scenario.after(scenario.submitted(), scenario.request_deletion())


def deleted() -> list[Record]:
    """The submitted IEP was deleted."""
    return scenario.after(REQUESTED, scenario.approve_deletion(), by=OTHER)


def test_a_draft_is_discarded() -> None:
    """The LEA discards a draft. Afterwards no step of it is possible, and its forms stay stored."""
    [discarded] = new_records(scenario.decide(scenario.drafted(), scenario.discard()))

    assert isinstance(discarded, IEPDiscarded)
    assert (discarded.stage, discarded.over) == (IEPStage.DISCARDED, True)
    history = [*scenario.drafted(), discarded]
    for step in (scenario.discard(), scenario.make_official(), scenario.save(*scenario.complete_forms())):
        assert codes(scenario.decide(history, step)) == {"IEP-008"}


@pytest.mark.parametrize("history", [OFFICIAL, scenario.submitted()], ids=["official", "submitted"])
def test_only_a_draft_is_discarded(history: list[Record]) -> None:
    """An official or submitted IEP is not discarded."""
    assert codes(scenario.decide(history, scenario.discard())) == {"IEP-008"}


def test_another_amendment_after_a_discarded_one() -> None:
    """The draft of an amendment is discarded; the IEP can be amended again."""
    history = scenario.after(scenario.submitted(), scenario.amend(), scenario.discard("amendment"))
    _, again = new_records(scenario.decide(history, scenario.amend(under="other")))

    assert isinstance(again, IEP)
    assert again.amendment == 1


@pytest.mark.parametrize("history", [OFFICIAL, scenario.submitted()], ids=["official", "submitted"])
def test_two_people_delete_an_iep(history: list[Record]) -> None:
    """One person requests the deletion; the IEP stays until another approves."""
    [requested] = new_records(scenario.decide(history, scenario.request_deletion()))
    assert isinstance(requested, IEPDeletionRequested)
    assert (requested.requested_by, requested.reason) == ("017/a.coordinator", "Of another student.")

    for approver in (OTHER, STATE_OFFICE):
        decision = scenario.decide([*history, requested], scenario.approve_deletion(), by=approver)
        approved, header, *_ = new_records(decision)
        assert isinstance(approved, IEPDeletionApproved)
        assert (approved.state, approved.decided_by) == (DeletionState.APPROVED, approver.sender)
        assert isinstance(header, IEPDeleted)
        before = Known(history).get(IEP, id_named("IEP"))
        assert before is not None
        changed = {"stage": IEPStage.DELETED, "revision": before.revision + 1}
        assert dict(header) == dict(before) | changed


def test_the_requester_does_not_approve() -> None:
    """Nobody approves the deletion that he or she requested, not even with the state's role."""
    for lea, roles in (("017", {Role.COORDINATOR}), (STATE, {Role.STATE})):
        same = Actor(sub=actor().sub, lea=lea, roles=frozenset(roles))
        assert codes(scenario.decide(REQUESTED, scenario.approve_deletion(), by=same)) >= {"IEP-027"}


def test_coordinators_and_the_state_decide() -> None:
    """A writer, another LEA's coordinator and an auditor do not decide about a deletion."""
    for command in (scenario.approve_deletion(), scenario.decline_deletion()):
        assert codes(scenario.decide(REQUESTED, command)) >= {"ACC-004"}
        other = Actor(sub="c", lea="009", roles=frozenset({Role.COORDINATOR}))
        assert codes(scenario.decide(REQUESTED, command, by=other)) == {"ACC-005"}
        auditor = Actor(sub="c", lea=STATE, roles=frozenset({Role.AUDITOR}))
        assert codes(scenario.decide(REQUESTED, command, by=auditor)) == {"ACC-004", "ACC-005"}
    assert codes(scenario.decide(REQUESTED, scenario.submit(), by=STATE_OFFICE)) == {"ACC-004", "ACC-005"}


def test_a_declined_request() -> None:
    """A declined request leaves the IEP as it is, and somebody may request the deletion again."""
    [declined] = new_records(scenario.decide(REQUESTED, scenario.decline_deletion(), by=OTHER))

    assert isinstance(declined, IEPDeletionDeclined)
    assert (declined.decided_by, declined.declined_because) == ("017/the.other", "It is this student's.")
    history = [*REQUESTED, declined]
    assert codes(scenario.decide(history, scenario.approve_deletion(), by=OTHER)) == {"IEP-026"}
    [again] = new_records(scenario.decide(history, scenario.request_deletion()))
    assert isinstance(again, IEPDeletion)
    assert (again.revision, again.state, again.declined_because) == (3, DeletionState.REQUESTED, None)


def test_what_is_deleted_upon_request() -> None:
    """The service refuses a request for an unknown IEP, for a draft, and beside an open request."""
    ask = scenario.request_deletion()
    assert codes(scenario.decide(scenario.evaluated(), ask)) == {"IEP-007"}
    assert codes(scenario.decide(scenario.drafted(), ask)) == {"IEP-024"}
    assert codes(scenario.decide(deleted(), ask)) == {"IEP-024"}
    assert codes(scenario.decide(REQUESTED, ask)) == {"IEP-025"}
    for decide in (scenario.approve_deletion(), scenario.decline_deletion()):
        assert codes(scenario.decide(scenario.submitted(), decide, by=OTHER)) == {"IEP-026"}


def test_an_amended_iep_is_not_deleted() -> None:
    """While an amendment of it stands, the service refuses to delete an IEP."""
    begun = scenario.after(scenario.submitted(), scenario.amend())
    assert codes(scenario.decide(begun, scenario.request_deletion())) == {"IEP-028"}

    asked = scenario.after(REQUESTED, scenario.amend())
    assert "IEP-028" in codes(scenario.decide(asked, scenario.approve_deletion(), by=OTHER))
    discarded = scenario.after(asked, scenario.discard("amendment"))
    assert isinstance(scenario.decide(discarded, scenario.approve_deletion(), by=OTHER), Accepted)


def test_the_entry_that_rested_on_a_deleted_iep_is_voided() -> None:
    """An entry that rests on the deleted IEP alone is voided with the deletion, and the service says so."""
    decision = scenario.decide(REQUESTED, scenario.approve_deletion(), by=OTHER)

    assert isinstance(decision, Accepted)
    assert codes(decision) == {"IEP-029"}
    voided = new_records(decision)[-1]
    assert isinstance(voided, SpedActivityVoided)
    assert (voided.voided, voided.explanation) == (True, "Of another student.")


def test_an_ended_entry_is_voided_too() -> None:
    """The student has exited; the entry did not happen all the same."""
    left = scenario.after(scenario.submitted(), scenario.leave(), scenario.request_deletion())
    voided = Known(scenario.after(left, scenario.approve_deletion(), by=OTHER)).all(SpedActivity)

    assert [(one.voided, one.exited_on is None) for one in voided] == [(True, False)]


def test_an_entry_rests_on_the_next_iep() -> None:
    """A submitted review keeps the student in special education: the entry is on the day it begins."""
    review = {"begin_on": scenario.MET + timedelta(90), "meeting_on": scenario.MET + timedelta(80)}
    [submitted] = [one for one in scenario.submitted() if isinstance(one, IEPSubmitted)]
    other = submitted.model_copy(update=review | {"iep_id": id_named("review"), "iep_type": IEPType.REVIEW})
    decision = scenario.decide([*REQUESTED, other], scenario.approve_deletion(), by=OTHER)

    assert codes(decision) == {"IEP-030"}
    corrected = new_records(decision)[-1]
    assert isinstance(corrected, SpedActivityCorrected)
    assert (corrected.iep_id, corrected.entered_on) == (other.iep_id, other.begin_on)
    assert corrected.open


def test_an_entry_rests_on_no_iep_of_a_merged_state_id() -> None:
    """If eScholar separates the two again, the other child's IEP leaves. So the entry is voided."""
    [submitted] = [one for one in scenario.submitted() if isinstance(one, IEPSubmitted)]
    guest = submitted.model_copy(
        update={"iep_id": id_named("the guest's"), "belongs_to": "1000000002", "begin_on": scenario.LEFT}
    )
    here = Guest(student_id=STUDENT, revision=1, guest_id="1000000002", here=True)
    decision = scenario.decide([*REQUESTED, here, guest], scenario.approve_deletion(), by=OTHER)

    assert codes(decision) == {"IEP-029"}


def test_a_deleted_iep_that_is_no_entry() -> None:
    """The deletion of another IEP leaves the entry as it is."""
    [submitted] = [one for one in scenario.submitted() if isinstance(one, IEPSubmitted)]
    other = submitted.model_copy(update={"iep_id": id_named("review"), "iep_type": IEPType.REVIEW})
    asked = scenario.after([*scenario.submitted(), other], scenario.request_deletion("review"))
    decision = scenario.decide(asked, scenario.approve_deletion("review"), by=OTHER)

    assert codes(decision) == set()
    assert len(new_records(decision)) == 2


def test_a_deleted_iep_counts_nowhere() -> None:
    """After the deletion, which voids the entry, the student gets an initial IEP, not a review."""
    history = deleted()

    assert grounds(history, iep("new", IEPType.INITIAL, scenario.MET)) == []
    assert grounds(history, iep("new", IEPType.REVIEW, scenario.LEFT)) == [("IEP-146", "iep_type")]
    assert codes(scenario.decide(history, scenario.amend())) == {"IEP-008"}
    assert Known(history).get(IEPDeletion, id_named("IEP")) is not None
    assert {record.subject for record in history} == {STUDENT}
