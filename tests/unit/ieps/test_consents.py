"""A parent's decision against services: the first ones refused, or the consent revoked."""

from datetime import date, timedelta

import pytest

from contracts.activities import ConsentRevoked, InitialServicesRefused, SpedActivityEnded
from contracts.decision import Accepted
from contracts.ieps import IEPType
from contracts.message import Record
from tests.unit.ieps import scenario
from tests.unit.ieps.scenario import BEGINS, DETERMINED, LEFT, MET
from tests.unit.ieps.test_grounds import grounds, iep, when_official
from tests.unit.scenario import codes, id_named, new_records

DAY = timedelta(days=1)


def test_the_parent_refuses_the_first_services() -> None:
    """The parent of a student who was found eligible may refuse the first services."""
    [refused] = new_records(scenario.decide(scenario.evaluated(), scenario.refuse()))

    assert isinstance(refused, InitialServicesRefused)
    assert (refused.refused_on, refused.revoked_on, refused.lea) == (DETERMINED, None, "017")


@pytest.mark.parametrize(
    ("history", "day", "code"),
    [
        (scenario.submitted(), LEFT, "ACT-010"),
        (scenario.open_record(), LEFT, "ACT-011"),
        (scenario.not_eligible(), LEFT, "ACT-011"),
        (scenario.evaluated(), DETERMINED - DAY, "ACT-012"),
        (scenario.after(scenario.evaluated(), scenario.refuse()), LEFT, "ACT-015"),
    ],
)
def test_a_refusal_of_no_first_services(history: list[Record], day: date, code: str) -> None:
    """Only the parent of an eligible student who is not served yet refuses the first services."""
    assert codes(scenario.decide(history, scenario.refuse(day))) == {code}


def test_an_iep_after_a_refusal_warns() -> None:
    """An IEP of a meeting before the refusal warns. One of a later meeting does not."""
    history = scenario.after(scenario.evaluated(), scenario.refuse(MET))

    assert grounds(history, iep("new", IEPType.INITIAL, MET)) == [("IEP-150", "meeting_on")]
    assert when_official(history, iep("new", IEPType.INITIAL, MET)) == {"IEP-150"}
    assert grounds(history, iep("new", IEPType.INITIAL, MET + DAY)) == []


def test_the_parent_revokes_the_consent() -> None:
    """The revocation ends the sped activity on its day, for the reason that federal reports know."""
    revoked, ended = new_records(scenario.decide(scenario.submitted(), scenario.revoke()))

    assert isinstance(revoked, ConsentRevoked)
    assert (revoked.revoked_on, revoked.notice_on) == (LEFT, LEFT)
    assert isinstance(ended, SpedActivityEnded)
    assert (ended.exited_on, ended.exit_reason, ended.ends_services) == (LEFT, "REV", True)


def test_a_corrected_exit_leaves_the_revocation() -> None:
    """Another day, or no exit, corrects the sped activity and warns. The entry is corrected without it."""
    revoked = scenario.after(scenario.submitted(), scenario.revoke())
    for corrected in (scenario.correct(never_left=True), scenario.correct(exited_on=LEFT - DAY)):
        decision = scenario.decide(revoked, corrected)
        assert isinstance(decision, Accepted)
        assert codes(decision) == {"ACT-017"}

    assert codes(scenario.decide(revoked, scenario.correct(entered_on=BEGINS + DAY))) == set()


def test_a_refusal_that_is_recorded_twice() -> None:
    """A second refusal of the same day under another id warns, and names the first."""
    refused = scenario.after(scenario.evaluated(), scenario.refuse())
    decision = scenario.decide(refused, scenario.refuse(under="the same refusal"))

    assert isinstance(decision, Accepted)
    assert [(one.code, one.facts["consent"]) for one in decision.warnings] == [
        ("ACT-018", str(id_named("refusal")))
    ]
    later = scenario.refuse(on=DETERMINED + DAY, under="a later refusal")
    assert codes(scenario.decide(refused, later)) == set()


def test_the_notice_of_the_end_of_services() -> None:
    """The LEA's notice follows the revocation. A revocation without one warns."""
    early = scenario.revoke(notice_on=LEFT - DAY)
    assert codes(scenario.decide(scenario.submitted(), early)) == {"ACT-013"}
    later = scenario.decide(scenario.submitted(), scenario.revoke(notice_on=None))
    assert isinstance(later, Accepted)
    assert codes(later) == {"ACT-014"}


@pytest.mark.parametrize(
    ("history", "day", "code"),
    [
        (scenario.drafted(), LEFT, "ACT-001"),
        (scenario.after(scenario.submitted(), scenario.leave()), LEFT, "ACT-001"),
        (scenario.submitted(), BEGINS - DAY, "ACT-002"),
    ],
)
def test_a_revocation_that_is_refused(history: list[Record], day: date, code: str) -> None:
    """Only the consent to services that the student gets is revoked."""
    assert codes(scenario.decide(history, scenario.revoke(day))) == {code}
