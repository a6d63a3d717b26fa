"""A message alone in its batch, because PostgreSQL rejected the larger batch."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from services.chassis.decoding.messages import Failed
from services.chassis.reading.worker import Worker
from tests.unit.chassis.memory_service import MemoryService, claim


async def test_a_message_is_held_as_soon_as_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the connection is lost while one message is isolated, the worker retries until the
    database is back."""
    held, away = list[object](), [ConnectionError(), ConnectionError()]

    class Store:
        @asynccontextmanager
        async def transaction(self) -> AsyncIterator[Any]:
            if away:
                raise away.pop()
            yield self

        async def hold_unloaded(self, item: object, reason: str) -> None:
            held.append(item)

    async def at_once(_: float) -> None:
        """No pause."""

    nothing = cast(Any, None)
    worker = Worker(cast(Any, Store()), nothing, nothing, nothing)
    monkeypatch.setattr(worker, "rest", at_once)
    item = MemoryService().received_command(claim())

    assert await worker._isolated(Failed(item, "KeyError"), KeyError()) == []
    assert held == [item]
