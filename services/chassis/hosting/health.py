"""Readiness: whether a process makes progress. A live process without progress is not ready."""

import asyncio
import time
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.chassis.hosting.telemetry import HELD_ROWS, SET_ASIDE_ROWS
from services.chassis.keeping.failures import AWAY
from services.chassis.reading.consumer import Consumer

log = structlog.get_logger()

_KEPT = text(
    "SELECT count(*) FILTER (WHERE until IS NULL), count(*) FILTER (WHERE until IS NOT NULL),"
    " (SELECT extract(epoch FROM now() - at)::float FROM outbox ORDER BY id LIMIT 1),"
    " (SELECT count(*) FROM set_aside) FROM held"
)
_RENEW_SECONDS = 5.0


class State(NamedTuple):
    """The state of a process. None: not known now.

    - `reasons`: why the process is not ready; empty if it is ready.
    - `lag`: the number of unread messages.
    - `held`: the number of held messages, for a `defect` or `waiting` for a fact.

    A message held for a defect does not make a process unready: messages about other subjects go on.
    """

    reasons: list[str]
    lag: int | None
    held: dict[str, int] | None


@dataclass
class Health:
    """Readiness is progress: offsets move or there is nothing to read, and the outbox does not age."""

    engine: AsyncEngine
    consumer: Consumer
    stall_seconds: float

    async def state(self) -> State:
        """The state of the process now."""
        lag = await self.consumer.lag()
        held, unwell = await self._database()
        reasons = [*unwell, self._reading(lag)]
        return State([reason for reason in reasons if reason], lag, held)

    async def follow(self) -> None:
        """Renew the metrics of held and set-aside messages every 5 seconds, until cancelled.

        No failure ends it: a process whose task ends stops.
        """
        while True:
            try:
                await self._database()
            except Exception as failure:
                log.warning("metrics not renewed", error=type(failure).__name__)
            await asyncio.sleep(_RENEW_SECONDS)

    async def _database(self) -> tuple[dict[str, int] | None, list[str | None]]:
        """The numbers of held messages, and the reasons why the database makes the process unready."""
        try:
            async with self.engine.connect() as database:
                defects, waiting, oldest, refused = (await database.execute(_KEPT)).one()
        except AWAY:
            return None, ["the database does not answer"]
        held = {"defect": defects, "waiting": waiting}
        for why, messages in held.items():
            HELD_ROWS.labels(why).set(messages)
        SET_ASIDE_ROWS.set(refused)
        aged = oldest is not None and oldest > self.stall_seconds
        return held, [
            f"the oldest message of the outbox is {oldest:.0f} s old" if aged else None,
            f"Kafka has refused {refused} messages for good: see GET /set-aside" if refused else None,
        ]

    def _reading(self, lag: int | None) -> str | None:
        if self.consumer.failure is not None:
            return f"reading stopped: {type(self.consumer.failure).__name__}"
        if lag is None:
            return "Kafka does not answer, or the group is not joined yet"
        if unassigned := self.consumer.unassigned:
            first = unassigned[0]
            return f"no process reads {len(unassigned)} partitions, such as {first.topic}/{first.partition}"
        still = time.monotonic() - self.consumer.moved_at
        return (
            f"{lag} messages are unread, and the process has read none for {still:.0f} s"
            if lag and still > self.stall_seconds
            else None
        )
