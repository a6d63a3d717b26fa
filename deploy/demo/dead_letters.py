"""The dead letters of a service: what could not be read, with where it stood and why."""

import asyncio
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer

from contracts.outcome import DeadLetter

_PATIENCE_SECONDS = 60


class DeadLetters:
    """What a service gives up on from now on."""

    def __init__(self, bootstrap: str, prefix: str, service: str) -> None:
        self._consumer = AIOKafkaConsumer(
            f"{prefix}{service}.dead-letters",
            bootstrap_servers=bootstrap,
            group_id=None,
            auto_offset_reset="latest",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        for place in self._consumer.assignment():
            await self._consumer.position(place)  # from here on nothing is missed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def next(self) -> DeadLetter:
        """The next dead letter. TimeoutError: none comes."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            record = await self._consumer.getone()
        return DeadLetter.model_validate_json(record.value)
