"""Secure ID managers propose and approve changes of State IDs. The last word stands, theirs or eScholar's."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from contracts.access import STATE, Actor, Role
from contracts.decision import Decision
from contracts.identity import IdentityAssigned
from contracts.message import Command, Guest, Record
from contracts.state_ids import (
    ApproveStateId,
    DeclineStateId,
    ModifyStateId,
    StateIdChange,
    StateIdChangeApproved,
    StateIdChangeDeclined,
    StateIdChangeProposed,
    StateIdMerged,
    StateIdRetired,
    StateIdSeparated,
)
from services.students.domain import DECIDERS
from services.students.domain.addresses import StandingLink
from services.students.domain.state_id_changes import Approval, KnownLink, modify
from tests.unit.chassis.memory_service import MemoryService
from tests.unit.scenario import actor, codes, decide_with, new_records
from tests.unit.students.events import added, person
from tests.unit.students.links import A, AnyLink, B, C, heard, merged, retired, separated, students

MANAGER = Actor(sub="r.thibodeaux", lea="017", roles=frozenset({Role.SECURE_ID_MANAGER}))
SECOND = Actor(sub="k.arceneaux", lea="026", roles=frozenset({Role.SECURE_ID_MANAGER}))
OFFICE = Actor(sub="s.office", lea=STATE, roles=frozenset({Role.STATE, Role.SECURE_ID_MANAGER}))
BOTH: tuple[IdentityAssigned, ...] = tuple(
    IdentityAssigned(student_id=state_id, revision=1, person=person()) for state_id in (A, B)
)


def proposed(into: str | None = B, by: Actor = MANAGER) -> StateIdChangeProposed:
    """A change that waits for approval."""
    return StateIdChangeProposed(
        student_id=A, revision=1, into=into, reason="one child", state="proposed", proposed_by=by.sender
    )


def decided(history: Sequence[Record], command: Command, by: Actor = MANAGER) -> Decision:
    """The decision on a manager's command after a history."""
    return decide_with(DECIDERS, history, command, by=by)


def propose(history: Sequence[Record] = BOTH, into: str | None = B, by: Actor = MANAGER) -> Decision:
    """The decision on a proposal that the student A bears `into`."""
    return decided(history, ModifyStateId(student_id=A, into=into, reason="one child"), by)


def approve(history: Sequence[Record], by: Actor = SECOND, seen: int | None = None) -> Decision:
    """The decision on an approval."""
    return decided(history, ApproveStateId(student_id=A, on_revision=seen), by)


def decline(history: Sequence[Record], by: Actor = SECOND) -> Decision:
    """The decision on a refusal."""
    return decided(history, DeclineStateId(student_id=A, reason="twins"), by)


def test_a_proposal_waits() -> None:
    """A proposal changes no address; it waits for a second secure ID manager."""
    assert new_records(propose()) == [proposed()]


def test_a_second_person_approves() -> None:
    """The approval merges the State ID, as a link of eScholar's would."""
    change, link, _, address, guest = new_records(approve([*BOTH, proposed()]))
    assert isinstance(change, StateIdChangeApproved)
    assert (change.proposed_by, change.decided_by) == (MANAGER.sender, SECOND.sender)
    assert link == StandingLink(student_id=A, revision=1, into=B)
    assert address == StateIdMerged(student_id=A, revision=1, current_id=B, formerly=(A,))
    assert guest == Guest(student_id=B, revision=1, guest_id=A, here=True)


def test_one_person_suffices_where_nothing_waits() -> None:
    """A state may switch approval off: then the proposal takes effect at once."""
    deciders: dict[type[Command], Any] = {ModifyStateId: partial(modify, approval=Approval.NOTHING)}
    command = ModifyStateId(student_id=A, into=B, reason="one child")
    change, *_, address, _ = new_records(decide_with(deciders, BOTH, command, by=MANAGER))
    assert isinstance(change, StateIdChangeApproved)
    assert change.decided_by == MANAGER.sender
    assert isinstance(address, StateIdMerged)


@pytest.mark.parametrize(
    "by", [MANAGER, MANAGER.model_copy(update={"lea": STATE})], ids=["again", "in the role of the state"]
)
def test_nobody_approves_an_own_proposal(by: Actor) -> None:
    """The second person is another person, whatever the scope of the token."""
    assert codes(approve([*BOTH, proposed()], by)) == {"STU-036"}


def test_a_second_person_refuses() -> None:
    """A refused proposal changes nothing, and says why."""
    (change,) = new_records(decline([*BOTH, proposed()]))
    assert isinstance(change, StateIdChangeDeclined)
    assert (change.decided_by, change.declined_because) == (SECOND.sender, "twins")


def test_a_proposal_is_taken_back() -> None:
    """Whoever proposed a change may take it back, and propose another one."""
    (change,) = new_records(decline([*BOTH, proposed()], MANAGER))
    again = new_records(propose([*BOTH, proposed(), change]))
    assert isinstance(again[0], StateIdChangeProposed)
    assert again[0].revision == 3


def test_a_change_is_taken_back() -> None:
    """A change in effect is taken back by another one: the student bears the State ID again."""
    link = StandingLink(student_id=A, revision=1, into=B)
    address = StateIdMerged(student_id=A, revision=1, current_id=B, formerly=(A,))
    waits = new_records(propose([*BOTH, link, address], into=None))
    *_, back, _ = new_records(approve([*BOTH, link, address, *waits]))
    assert back == StateIdSeparated(student_id=A, revision=2, current_id=A, formerly=(A, B))


def test_only_secure_id_managers() -> None:
    """A writer proposes nothing, approves nothing, refuses nothing."""
    assert codes(propose(by=actor())) == {"ACC-004"}
    assert codes(approve([*BOTH, proposed()], actor("026"))) == {"ACC-004"}
    assert codes(decline([*BOTH, proposed()], actor("026"))) == {"ACC-004"}


def test_a_third_lea() -> None:
    """A secure ID manager of an LEA that has neither student changes nothing; the state's manager may."""
    history = [*BOTH, added(by="036"), proposed()]
    assert codes(propose(history[:-1])) == codes(approve(history)) == codes(decline(history)) == {"STU-034"}
    assert codes(approve(history, OFFICE)) == set()


def test_an_lea_that_does_not_exist() -> None:
    """A token of an unknown LEA changes nothing."""
    assert codes(propose(by=MANAGER.model_copy(update={"lea": "ZZZ"}))) == {"REC-006"}


def test_both_state_ids_are_in_escholar() -> None:
    """Nobody can compare a State ID that eScholar has not sent."""
    assert codes(propose([])) == {"STU-030"}
    assert codes(propose([BOTH[0]])) == {"STU-030"}


def test_a_state_id_does_not_go_into_itself() -> None:
    """The other State ID is another one."""
    assert codes(propose(into=A)) == {"STU-031"}


def test_what_stands_already() -> None:
    """A proposal that says what stands is refused."""
    assert codes(propose(into=None)) == {"STU-032"}
    assert codes(propose([*BOTH, StandingLink(student_id=A, revision=1, into=B)])) == {"STU-032"}


def test_one_change_waits_at_a_time() -> None:
    """A second proposal for the State ID is refused until the first one is decided."""
    assert codes(propose([*BOTH, proposed()])) == {"STU-033"}


def test_into_a_state_id_that_stands_for_no_student() -> None:
    """A person names a State ID that stands for itself: neither a merged one nor a retired one."""
    elsewhere = StateIdMerged(student_id=B, revision=1, current_id=C, formerly=(B,))
    nobodys = StateIdRetired(student_id=B, revision=1, current_id=B, formerly=(B,), retired=True)
    assert codes(propose([*BOTH, elsewhere])) == codes(approve([*BOTH, elsewhere, proposed()])) == {"MSG-050"}
    assert codes(propose([*BOTH, nobodys])) == {"MSG-051"}


def test_nothing_waits() -> None:
    """Without a waiting change there is nothing to approve or to refuse."""
    over = StateIdChangeDeclined.of(proposed(), state="declined", decided_by="026/x", declined_because="no")
    for history in ([*BOTH], [*BOTH, proposed(), over]):
        assert codes(approve(history)) == codes(decline(history)) == {"STU-035"}


def test_the_change_is_another_one() -> None:
    """An approval names the revision that the approver saw; another proposal came meanwhile."""
    other = proposed(into=C).model_copy(update={"revision": 3})
    assert codes(approve([*BOTH, other], seen=1)) == {"MSG-031"}


# The running order of words


def given(service: MemoryService, command: Command, by: Actor) -> None:
    """The service processes a command."""
    service.process(service.received_command(command, by=by))


def changes(service: MemoryService) -> list[StateIdChange]:
    """What the service said of changes, in order."""
    return [
        StateIdChange.model_validate_json(out.value)
        for out in service.store.outbox
        if out.topic.startswith("StateIdChange")
    ]


def standing(service: MemoryService, state_id: str) -> str | None:
    """Where the last word on a State ID leads."""
    row = service.store.records[state_id, StandingLink.kind, ""]
    return StandingLink.model_validate_json(row.body).into


def people_merge(service: MemoryService) -> None:
    """Two people merge A into B."""
    for one in BOTH:
        service.process(service.received_event(one))
    given(service, ModifyStateId(student_id=A, into=B, reason="one child"), MANAGER)
    given(service, ApproveStateId(student_id=A), SECOND)


def test_the_last_word_stands() -> None:
    """A person merged A; then eScholar separates it; then it is merged again by a person."""
    service = students()
    people_merge(service)
    assert standing(service, A) == B
    heard(service, separated(A, revision=2))
    assert standing(service, A) is None
    given(service, ModifyStateId(student_id=A, into=B, reason="one child"), MANAGER)
    given(service, ApproveStateId(student_id=A), SECOND)
    assert standing(service, A) == B
    heard(service, separated(A, revision=2))
    assert standing(service, A) == B, "eScholar repeats what it said before"


def test_a_persons_word_uses_up_no_number_of_escholars() -> None:
    """eScholar's second message about the State ID counts, although two people decided before it came."""
    service = students()
    people_merge(service)
    heard(service, merged(A, C, revision=2))
    assert standing(service, A) == C
    link = KnownLink.model_validate_json(service.store.records[A, KnownLink.kind, ""].body)
    assert (link.revision, link.into) == (2, C)


@pytest.mark.parametrize(
    "link", [merged(A, B), separated(A, into=B), retired(A)], ids=["merged", "separated", "retired"]
)
def test_before_a_count_day_links_wait(link: AnyLink) -> None:
    """The same switch makes links of eScholar's wait; one secure ID manager approves."""
    service = students(Approval.EVERYTHING)
    heard(service, link)
    assert service.published() == ["StateIdChangeProposed"]
    assert changes(service)[0].proposed_by == "escholar"
    given(service, ApproveStateId(student_id=A), MANAGER)
    assert service.published()[1:] == [
        "StateIdChangeApproved",
        "StateIdRetired" if link.into is None else "StateIdMerged",
    ]


def test_a_waiting_link_is_refused() -> None:
    """A refused link of eScholar's takes no effect, however often eScholar repeats it."""
    service = students(Approval.EVERYTHING)
    heard(service, merged(A, B))
    given(service, DeclineStateId(student_id=A, reason="twins"), MANAGER)
    heard(service, merged(A, B))
    assert [one.state for one in changes(service)] == ["proposed", "declined"]


def test_a_waiting_link_is_replaced() -> None:
    """eScholar says something newer while its link waits: that waits instead, or nothing does."""
    service = students(Approval.EVERYTHING)
    heard(service, merged(A, B), merged(A, C, revision=3))
    assert [(one.revision, one.into) for one in changes(service)] == [(1, B), (2, C)]
    heard(service, separated(A, revision=4))
    assert changes(service)[-1].state == "declined"


def test_after_the_count_day() -> None:
    """The switch is back: eScholar's next link takes effect, and its link that waited is declined."""
    frozen = students(Approval.EVERYTHING)
    heard(frozen, merged(A, B))
    service = students()
    service.store.records, service.store.revisions = frozen.store.records, frozen.store.revisions
    heard(service, merged(A, C, revision=3))
    assert service.published() == ["StateIdChangeDeclined", "StateIdMerged"]
    assert standing(service, A) == C
