"""Batches under way: while one waits for PostgreSQL, another is decided.

Everything about one subject has its turn in the order in which it was read: it is always in the same lane,
and what is in a lane has to wait for what was put there before. So a large batch is done in parts, and the
next one may begin before it has ended. A small batch has all lanes for itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from services.chassis.decoding.messages import Work, subject_of

LANES = 3
LARGE = 200
"""Messages from which on a batch is worth more than one transaction."""

_AT_ONCE = 2

Share = tuple[Sequence[int], Sequence[Work]]
"""The messages of one transaction, and the lanes that it occupies."""


class Lanes:
    """Takes batches to the worker.

    A batch that fails stops all later batches, so that no message of a subject is skipped.
    """

    def __init__(
        self,
        take: Callable[[Sequence[Work]], Awaitable[None]],
        failed: Callable[[BaseException], None],
        *,
        lanes: int = LANES,
    ) -> None:
        self._take = take
        self._failed = failed
        self._last: list[asyncio.Task[None] | None] = [None] * lanes
        self._under_way: deque[asyncio.Task[None]] = deque()
        self.messages = 0
        """The number of messages under way."""

    async def start(self, batch: Sequence[Work], done: Callable[[], Awaitable[None]]) -> None:
        """Begin with a batch, and return when there is room for another.

        `done` is called when its effects and those of all before it are safe. Raises what a batch under way,
        this one or one before, has failed with; `failed` is called at once.
        """
        self.put(batch, done)
        await self.wait(at_most=_AT_ONCE - 1 if len(batch) >= LARGE else 0)

    def put(self, batch: Sequence[Work], done: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Start a batch beside all running ones. The returned task ends when the batch is done."""
        parts = [self._queued(*part) for part in parted(batch, len(self._last))]
        before = self._under_way[-1] if self._under_way else None
        task = asyncio.create_task(self._whole(batch, before, parts, done))
        self._under_way.append(task)
        self.messages += len(batch)
        return task

    async def wait(self, *, at_most: int = 0) -> None:
        """Wait until at most this number of batches are running. Raises the failure of a batch."""
        while len(self._under_way) > at_most:
            await asyncio.shield(self._under_way[0])

    def _queued(self, lanes: Sequence[int], works: Sequence[Work]) -> asyncio.Task[None]:
        before = [task for lane in lanes if (task := self._last[lane])]
        task = asyncio.create_task(self._after(before, works))
        for lane in lanes:
            self._last[lane] = task
        return task

    async def _after(self, before: Sequence[asyncio.Task[None]], works: Sequence[Work]) -> None:
        for task in before:
            await asyncio.shield(task)
        await self._take(works)

    async def _whole(
        self,
        batch: Sequence[Work],
        before: asyncio.Task[None] | None,
        parts: Sequence[asyncio.Task[None]],
        done: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            await asyncio.gather(*parts)
            if before is not None:
                await asyncio.shield(before)
            await done()
            self._under_way.popleft()  # this one: they end in their order
            self.messages -= len(batch)
        except Exception as failure:
            self._failed(failure)
            raise


def parted(batch: Sequence[Work], lanes: int = LANES) -> Sequence[Share]:
    """A small batch as one part that has every lane; of a large one a part for each lane."""
    if len(batch) < LARGE:
        return [(range(lanes), batch)]
    parts: tuple[list[Work], ...] = tuple([] for _ in range(lanes))
    for work in batch:
        parts[hash(subject_of(work)) % lanes].append(work)
    return [((number,), works) for number, works in enumerate(parts) if works]
