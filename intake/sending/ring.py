"""Turns: a fixed number at once, given to the LEAs in a ring."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Ring:
    """Gives turns. Who waits gets a free turn by LEA: each LEA that waits gets one before any gets a second.

    `most`: how many turns are taken at once.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, lea: str) -> AsyncIterator[None]:
        """Inside: a turn of the LEA."""
        await self._take(lea)
        try:
            yield
        finally:
            self._free += 1
            self._give()

    async def _take(self, lea: str) -> None:
        given = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(lea, deque()).append(given)
        self._give()
        try:
            await given
        except asyncio.CancelledError:
            self._withdraw(lea, given)
            raise

    def _give(self) -> None:
        """Give free turns. An LEA that got one goes behind the others."""
        while self._free and self._waiting:
            lea, queue = next(iter(self._waiting.items()))
            del self._waiting[lea]
            given = queue.popleft()
            if queue:
                self._waiting[lea] = queue
            if not given.done():
                self._free -= 1
                given.set_result(None)

    def _withdraw(self, lea: str, given: "asyncio.Future[None]") -> None:
        if given.done() and not given.cancelled():
            self._free += 1
            self._give()
        elif queue := self._waiting.get(lea):
            with suppress(ValueError):
                queue.remove(given)
            if not queue:
                del self._waiting[lea]
