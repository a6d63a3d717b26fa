"""Batches of messages for Kafka."""

from deploy.demo.producer import split_batches
from services.chassis.publishing.packing import Message


def records(child: str, *sizes: int) -> list[Message]:
    """Messages about a child, with bodies of these sizes in bytes."""
    return [(child.encode(), b"x" * size, []) for size in sizes]


def test_messages_about_one_child_share_a_batch() -> None:
    """Seven commands about one student stay in one batch, or a failing batch could put them out of order."""
    children = [records(f"{number}", *[6_000] * 7) for number in range(20)]

    found = split_batches(children)

    assert len(found) > 1
    places = [{key for key, _, _ in batch} for batch in found]
    assert sum(len(keys) for keys in places) == 20, "each child is in one batch"
    assert [record for batch in found for record in batch] == [r for child in children for r in child]


def test_a_child_larger_than_a_batch_still_goes() -> None:
    """The producer sends a history with very long texts too."""
    assert split_batches([records("1", 200_000, 200_000)]) == [records("1", 200_000, 200_000)]


def test_few_children_share_a_batch() -> None:
    """A few short messages are one batch, not one batch each."""
    assert len(split_batches([records("1", 10), records("2", 10, 10)])) == 1
