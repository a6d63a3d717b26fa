"""The messages held for one subject."""

from contracts.errors import NOT_ADDED
from services.chassis.holding.queue import Held, Queue
from tests.unit.chassis.memory_service import NOON, MemoryService, claim, student_added

SERVICE = MemoryService()


def waiting(position: int) -> Held:
    """A claim that waits for its student."""
    return Held(position, SERVICE.received_command(claim()), NOON, NOT_ADDED.code, finding=NOT_ADDED.broken())


def unapplied(position: int) -> Held:
    """A fact that met a defect."""
    return Held(position, SERVICE.received_event(student_added()), None, "KeyError")


def test_messages_keep_their_order() -> None:
    """The queue keeps messages in order of arrival. A message that is held again keeps its place."""
    first, second = waiting(3), waiting(7)
    queue = Queue([first, second])
    queue.put(first)
    assert [held.position for held in queue] == [3, 7]
    assert len(queue) == 2


def test_a_position_is_given_once() -> None:
    """Within a batch the queue never gives the place of a released message to a new one."""
    queue = Queue([waiting(2)])
    given = [queue.next_position(), queue.next_position()]
    queue.release(next(iter(queue)))
    assert [*given, queue.next_position()] == [3, 4, 5]
    assert Queue().next_position() == 1


def test_only_a_command_holds_up_commands() -> None:
    """A held command blocks the student's later commands. An event that met a defect blocks nothing."""
    assert not Queue([unapplied(1)]).holds_a_command
    assert Queue([unapplied(1), waiting(2)]).holds_a_command


def test_a_queue_may_change_while_it_is_gone_through() -> None:
    """The queue can release and hold messages while the service goes through it."""
    queue = Queue([waiting(1), waiting(2)])
    for held in queue:
        queue.release(held)
        queue.put(waiting(queue.next_position()))
    assert [held.position for held in queue] == [3, 4]


def test_a_message_without_a_deadline_met_a_defect() -> None:
    """A message that waits for a fact has a deadline. One that met a defect has none, and its sender reads
    MSG-009."""
    assert [waiting(1).defect, unapplied(2).defect] == [False, True]
    assert unapplied(2).finding.code == "MSG-009"


def test_a_message_is_found_by_place_and_id() -> None:
    """The queue finds a message by place and id, because a place may be given again after an
    operator looked."""
    held = waiting(4)
    queue = Queue([held])
    assert queue.at(4, held.item.id) is held
    assert queue.at(4, "another") is None
    assert queue.at(5, held.item.id) is None
