"""Asking again while somebody is away: a part that was killed is started again within seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
from aiokafka.errors import KafkaError

from deploy.local.command_line import ser
from deploy.local.failure import Failure

_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.5
_AWAY = (502, 503, 504)

Answer = TypeVar("Answer")


class Unavailable(Exception):
    """Whoever was asked does not answer now, and may in a while."""


async def retry(ask: Callable[[], Awaitable[Answer]], whom: str) -> Answer:
    """What `ask` answers, asked again while nobody is there or Kafka is away. Failure: for too long."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except (Unavailable, KafkaError, TimeoutError) as away:
            if time.monotonic() > end:
                raise Failure(
                    f"{whom} has not answered for {_PATIENCE_SECONDS:.0f} s: {away!r}.",
                    f"See which part is not ready: {ser('status')}. Then run the same command again.",
                ) from away
        await asyncio.sleep(_PAUSE_SECONDS)


async def request(http: httpx.AsyncClient, method: str, url: str, **asked: Any) -> httpx.Response:
    """What a service answers, whatever it is. Failure: it does not answer."""

    async def ask() -> httpx.Response:
        try:
            answer = await http.request(method, url, **asked)
        except httpx.TransportError as error:
            raise Unavailable(f"{type(error).__name__} {error}") from error
        if answer.status_code in _AWAY:
            raise Unavailable(f"{answer.status_code} {answer.reason_phrase}")
        return answer

    return await retry(ask, url)
