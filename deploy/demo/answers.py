"""What the services answer, read from their outcome topics."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic_core import from_json

from contracts.catalog import outcomes
from contracts.outcome import Outcome, Status

_WAIT_MS = 100
_PAUSE_AFTER_FAILURE_SECONDS = 0.5

Wanted = Callable[[str], bool]
"""Whether the outcomes about a student are wanted."""


class Answer(NamedTuple):
    """The outcome of one command."""

    student_id: str
    command_id: str
    command: str
    status: Status
    body: bytes

    @property
    def outcome(self) -> Outcome:
        """All that was answered."""
        return Outcome.model_validate_json(self.body)


class Answers:
    """Reads every outcome topic from its beginning, without a group: each reader sees everything."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._consumer = AIOKafkaConsumer(
            *(entry.topic(prefix) for entry in outcomes()),
            bootstrap_servers=bootstrap,
            client_id="ser-demo",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def start(self) -> None:
        await self._consumer.start()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def earlier(self, wanted: Wanted) -> AsyncIterator[Sequence[Answer]]:
        """Everything that was answered before now, in portions. Afterwards `more` goes on from here."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        while [place for place, end in ends.items() if await self._consumer.position(place) < end]:
            yield await self.more(wanted)

    async def more(self, wanted: Wanted) -> Sequence[Answer]:
        """What has been answered since; waits a moment if nothing has. While Kafka is away nothing comes."""
        try:
            found = await self._consumer.getmany(timeout_ms=_WAIT_MS)
        except KafkaError:
            await asyncio.sleep(_PAUSE_AFTER_FAILURE_SECONDS)
            return ()
        records = (record for portion in found.values() for record in portion)
        return [answer_of(record.value) for record in records if wanted(record.key.decode())]


def answer_of(body: bytes) -> Answer:
    """The answer that an outcome's JSON is."""
    said: dict[str, Any] = from_json(body)
    return Answer(said["student_id"], said["command_id"], said["command"], Status(said["status"]), body)
