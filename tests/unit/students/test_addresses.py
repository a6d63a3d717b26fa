"""Addresses: eScholar merges, separates and retires State IDs; students says which one stands for each."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest

from contracts.state_ids import StateId, StateIdSeparated
from contracts.students import AddStudent, Profile
from services.chassis.keeping.statements import StaleAggregate
from tests.unit.chassis.memory_service import MemoryService
from tests.unit.scenario import codes
from tests.unit.students.events import assigned, decide
from tests.unit.students.links import A, AnyLink, B, C, D, heard, merged, retired, separated, students


def addresses(service: MemoryService) -> dict[str, str]:
    """The current State ID of each State ID that ever had another."""
    return {said.student_id: said.current_id for said in _said(service)}


def _said(service: MemoryService) -> Iterator[StateId]:
    """What the service announced, in its order."""
    for out in service.store.outbox:
        if out.topic.startswith("StateId"):
            yield StateId.model_validate_json(out.value)


def test_a_merge_is_announced_for_the_state_id_that_it_retires() -> None:
    """The merged State ID gets an address; the survivor keeps its own."""
    service = students()
    heard(service, merged(A, B))
    assert service.published() == ["StateIdMerged"]
    assert list(_said(service)) == [StateId(student_id=A, revision=1, current_id=B, formerly=(A,))]


def test_a_chain_is_followed_to_its_end() -> None:
    """A went into B; now B goes into C. C stands for both, so no reader follows a chain."""
    service = students()
    heard(service, merged(A, B), merged(B, C))
    assert addresses(service) == {A: C, B: C}
    assert list(_said(service))[-1] == StateId(student_id=A, revision=2, current_id=C, formerly=(A, B))


def test_into_may_have_been_merged_itself() -> None:
    """eScholar's bridge need not know chains."""
    service = students()
    heard(service, merged(B, C), merged(A, B))
    assert addresses(service) == {A: C, B: C}


def test_a_separated_state_id_stands_for_itself_again() -> None:
    """The undo of a merge gives the State ID its own address back, with the one that it had meanwhile."""
    service = students()
    heard(service, merged(A, B), separated(A))
    assert service.published() == ["StateIdMerged", "StateIdSeparated"]
    assert list(_said(service))[-1] == StateId(student_id=A, revision=2, current_id=A, formerly=(A, B))


def test_a_merge_is_taken_back_under_a_new_state_id() -> None:
    """eScholar assigned D to the person whose State ID A it had merged by mistake: D stands for A."""
    service = students()
    heard(service, merged(A, B), separated(A, into=D))
    assert addresses(service) == {A: D}


def test_whoever_came_along_goes_along() -> None:
    """A had gone into B, and B into C. When B is separated from C, B stands for A again."""
    service = students()
    heard(service, merged(A, B), merged(B, C), separated(B))
    assert addresses(service) == {A: B, B: B}


def test_a_retired_state_id() -> None:
    """Nobody bears a retired State ID; it stands for itself, and for those that lead to it."""
    service = students()
    heard(service, retired(A), merged(D, A))
    assert service.published() == ["StateIdRetired", "StateIdMerged"]
    assert addresses(service) == {A: A, D: A}


def test_an_older_or_repeated_word_changes_nothing() -> None:
    """The bridge may repeat and reorder what it says: the highest revision counts."""
    service = students()
    heard(service, separated(A), merged(A, B), separated(A))
    assert service.published() == []


def test_a_circle_leaves_addresses_as_they_are() -> None:
    """While links lead in a circle nothing is announced; the next word about one of them decides anew."""
    service = students()
    heard(service, merged(A, B), merged(B, A), merged(C, B))
    assert addresses(service) == {A: B}
    heard(service, separated(A))
    assert addresses(service) == {A: A, B: A, C: A}


@pytest.mark.parametrize("batch", [False, True], ids=["one by one", "in one batch"])
def test_the_order_of_merges_does_not_matter(batch: bool) -> None:
    """P13: the same links, heard in any order and twice, give the same addresses."""
    links: Sequence[AnyLink] = (merged(A, B), merged(B, C), merged(C, D), separated(B, into=D), merged(D, C))
    for order in permutations(links):
        service = students()
        heard(service, *order, *order, separated(C), batch=batch)
        assert {C: C} | addresses(service) == {A: C, B: C, C: C, D: C}


def test_each_state_id_has_its_own_sequence_of_events() -> None:
    """One link changes two State IDs; students numbers the events of each from 1, without a gap."""
    service = students()
    heard(service, merged(A, B), merged(B, C))
    assert {name: sequence for name, (_, sequence) in service.store.revisions.items()} == {A: 2, B: 1, C: 0}


def test_two_processes_that_link_at_once() -> None:
    """A goes into B while another process sends B into C. The later one is undone, and decides anew."""
    service = students()
    first, second = (service.received_event(link) for link in (merged(A, B), merged(B, C)))
    late = service.decided(first)
    service.process(second)
    with pytest.raises(StaleAggregate):
        service.store.save(late)
    service.process(first)
    assert addresses(service) == {A: C, B: C}


def test_a_separated_state_id_may_be_added() -> None:
    """After the undo the State ID is like any other."""
    again = StateIdSeparated(student_id=A, revision=2, current_id=A, formerly=(A, B))
    assert codes(decide([assigned(), again], AddStudent(student_id=A, profile=Profile()))) == set()
