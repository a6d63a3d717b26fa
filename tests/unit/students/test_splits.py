"""Splits: two persons shared one State ID. A secure ID manager works through their records, and closes it."""

from contracts.access import Actor, Role
from contracts.decision import Decision
from contracts.identity import IdentitySplit
from contracts.message import Guest, Record
from contracts.state_ids import CloseSplit, SharedId, SplitClosed, StateIdShared
from services.students.domain import DECIDERS
from tests.unit.scenario import actor, codes, decide_with, new_records
from tests.unit.students.events import added
from tests.unit.students.links import A, B, C, heard, students

MANAGER = Actor(sub="r.thibodeaux", lea="017", roles=frozenset({Role.SECURE_ID_MANAGER}))


def split(new_id: str = B, revision: int = 2) -> IdentitySplit:
    """eScholar found that two persons bore A."""
    return IdentitySplit(student_id=A, revision=revision, new_id=new_id, reason="cousins")


def shared(state_id: str = A, with_id: str = B) -> StateIdShared:
    """Two persons shared A."""
    return StateIdShared(student_id=state_id, revision=1, with_id=with_id, new_id=B)


BOTH = (shared(), shared(B, A))


def close(*history: Record, with_id: str = B, by: Actor = MANAGER) -> Decision:
    """The decision on a manager's word that all records are under the right State ID."""
    return decide_with(DECIDERS, history, CloseSplit(student_id=A, with_id=with_id), by=by)


def test_both_state_ids_are_announced() -> None:
    """A split is said for each of the two State IDs. No address changes, and no record moves."""
    service = students()
    heard(service, split())
    said = [StateIdShared.model_validate_json(out.value) for out in service.store.outbox]
    assert said == [shared(), shared(B, A)]


def test_a_split_is_said_once() -> None:
    """eScholar may repeat it, also under a later number. Another split of the State ID is another one."""
    service = students()
    heard(service, split(), split(), split(revision=3), split(C, revision=4))
    said = [StateIdShared.model_validate_json(out.value) for out in service.store.outbox]
    assert [(one.student_id, one.with_id) for one in said] == [(A, B), (B, A), (A, C), (C, A)]


def test_a_split_from_itself_is_none() -> None:
    """A message that names the same State ID twice changes nothing."""
    service = students()
    heard(service, split(A))
    assert service.published() == []


def test_a_split_is_closed_for_both() -> None:
    """One command closes both halves, under either State ID."""
    closed = new_records(close(*BOTH))
    assert [type(one) for one in closed] == [SplitClosed, SplitClosed]
    assert {one.subject for one in closed} == {A, B}
    assert all(isinstance(one, SharedId) and one.closed_by == MANAGER.sender for one in closed)


def test_a_split_is_closed_once() -> None:
    """A split that nobody opened, or that is closed, cannot be closed."""
    closed = [SplitClosed.of(half, closed_by=MANAGER.sender) for half in BOTH]
    assert codes(close(*BOTH, *closed)) == {"STU-037"}
    assert codes(close(*BOTH, with_id=C)) == codes(close(*BOTH, with_id=A)) == {"STU-037"}


def test_only_secure_id_managers_close_splits() -> None:
    """A writer closes none, nor does the manager of an LEA that has neither student."""
    assert codes(close(*BOTH, by=actor())) == {"ACC-004"}
    assert codes(close(*BOTH, added(by="036"))) == {"STU-034"}


def test_a_split_is_closed_for_the_survivor() -> None:
    """One of the two State IDs was merged since. The split is closed under the survivor."""
    guest = Guest(student_id=C, revision=1, guest_id=B, here=True)
    closed = new_records(close(*BOTH, guest, with_id=C))
    assert {one.subject for one in closed} == {A, B}
    left = guest.model_copy(update={"here": False})
    assert codes(close(*BOTH, left, with_id=C)) == {"STU-037"}
