"""The lanes split a large batch into parts, and start the next batch before the first has ended."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from services.chassis.decoding.messages import Item, Unreadable, Work, subject_of
from services.chassis.reading.lanes import LANES, Lanes, parted
from tests.unit.chassis.memory_service import MemoryService, claim


def batch(students: int, each: int) -> list[Item]:
    """Commands about several students in mixed order, with some unreadable bytes between them."""
    service = MemoryService()
    commands: list[Item] = [
        service.received_command(claim().model_copy(update={"student_id": f"{1_000_000_000 + number}"}))
        for _ in range(each)
        for number in range(students)
    ]
    gibberish = service.received_command(claim()).raw
    return [*commands, *(Unreadable(gibberish, "no value") for _ in range(each))]


def test_a_small_batch_stays_whole() -> None:
    """A batch of a few messages is one transaction, because two cost more than one."""
    few = batch(students=10, each=3)

    assert parted(few) == [(range(LANES), few)]


def test_everything_about_a_student_stays_together_and_in_order() -> None:
    """Splitting a large batch loses no command and keeps each student's commands together and in order."""
    many = batch(students=100, each=4)

    lanes = [part for _, part in parted(many)]

    assert len(lanes) == LANES
    assert Counter(id(item) for lane in lanes for item in lane) == Counter(map(id, many))
    subjects = [{subject_of(item) for item in lane} for lane in lanes]
    assert sum(map(len, subjects)) == len(set().union(*subjects))
    for lane in lanes:
        mine = list(map(id, lane))
        assert [id(item) for item in many if id(item) in mine] == mine


def test_a_large_batch_about_one_student_is_one_part() -> None:
    """A large batch about one student stays one part, because its messages must keep their order."""
    many = batch(students=1, each=300)[:300]

    [(lanes, part)] = parted(many)

    assert part == many
    assert len(lanes) == 1


class _Broken(Exception):
    """The failure of a part."""


@dataclass
class _Work:
    """Stands in for the worker. The test decides when a part ends, and whether it fails."""

    begun: list[Sequence[Work]] = field(default_factory=list)
    ended: list[Sequence[Work]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _doors: dict[int, asyncio.Future[None]] = field(default_factory=dict)

    async def take(self, works: Sequence[Work]) -> None:
        self.begun.append(works)
        door = self._doors[len(self.begun) - 1] = asyncio.get_running_loop().create_future()
        await door
        self.ended.append(works)

    async def let(self, number: int, failure: Exception | None = None) -> None:
        """End the part that was started as this number."""
        if failure:
            self._doors[number].set_exception(failure)
        else:
            self._doors[number].set_result(None)
        await self.settle()

    async def settle(self) -> None:
        """Let the event loop run every task that is ready."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def start(self, lanes: Lanes, number: int, works: Sequence[Work]) -> asyncio.Task[None]:
        async def done() -> None:
            self.done.append(number)

        task = asyncio.create_task(lanes.start(works, done))
        await self.settle()
        return task


@pytest.fixture
def work() -> _Work:
    """A worker without work."""
    return _Work()


@pytest.fixture
def lanes(work: _Work) -> Lanes:
    """Two lanes to the worker."""
    return Lanes(work.take, work.failures.append, lanes=2)


async def test_the_next_batch_begins_in_the_lane_that_is_free(work: _Work, lanes: Lanes) -> None:
    """The next batch starts in a free lane while another lane still works. Batches finish in order."""
    many = batch(students=100, each=4)
    first = await work.start(lanes, 1, many)
    second = await work.start(lanes, 2, many)
    assert (len(work.begun), first.done(), second.done()) == (2, True, False)

    await work.let(0)
    assert len(work.begun) == 3
    await work.let(2)
    assert (work.done, len(work.begun)) == ([], 3)
    await work.let(1)
    assert (work.done, second.done()) == ([1], True)
    await work.let(3)
    assert work.done == [1, 2]


async def test_a_small_batch_waits_for_both_lanes_and_is_waited_for(work: _Work, lanes: Lanes) -> None:
    """A small batch waits for both lanes, and later batches wait for it: it may be about any student."""
    many, few = batch(students=100, each=4), batch(students=10, each=3)
    await work.start(lanes, 1, many)
    small = await work.start(lanes, 2, few)
    await work.let(0)
    assert len(work.begun) == 2
    await work.let(1)
    assert work.begun[2:] == [few]
    assert not small.done()
    await work.let(2)
    assert (work.done, small.done()) == ([1, 2], True)


async def test_nothing_is_passed_over(work: _Work, lanes: Lanes) -> None:
    """After a failed part the lanes start no other part, and finish neither its batch nor a later one."""
    many = batch(students=100, each=4)
    await work.start(lanes, 1, many)
    second = await work.start(lanes, 2, many)
    await work.let(0, _Broken())
    await work.let(1)
    assert len(work.begun) == 3, "the other lane goes on: what it holds is about others"
    await work.let(2)

    assert (work.done, len(work.begun)) == ([], 3)
    assert all(isinstance(failure, _Broken) for failure in work.failures)
    assert work.failures
    with pytest.raises(_Broken):
        await second


async def test_whoever_waits_at_once_with_another_sees_all_batches_end(work: _Work, lanes: Lanes) -> None:
    """Two callers may wait for the lanes at the same time: both see all batches end."""
    few = batch(students=10, each=3)
    one, other = await work.start(lanes, 1, few), await work.start(lanes, 2, few)
    await work.let(0)
    assert (one.done(), other.done()) == (False, False), "each waits until nothing is under way"
    await work.let(1)
    assert (one.done(), other.done(), work.done) == (True, True, [1, 2])


async def test_what_has_ended_is_under_way_no_more(work: _Work, lanes: Lanes) -> None:
    """The lanes drop finished batches even if no new batch arrives for days."""
    for number in range(3):
        lanes.put(batch(students=10, each=1), work.settle)
        await work.settle()
        await work.let(number)
        await work.settle()

    assert (lanes.messages, len(lanes._under_way)) == (0, 0)
