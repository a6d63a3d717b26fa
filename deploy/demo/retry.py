"""Retries a request while a process restarts: the supervisor restarts a killed process within seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
from aiokafka.errors import KafkaError

from deploy.local.command_line import ser
from deploy.local.failure import Failure

_GIVE_UP_SECONDS = 120.0
_PAUSE_SECONDS = 0.5
_UNAVAILABLE = (502, 503, 504)

Result = TypeVar("Result")


class Unavailable(Exception):
    """The server does not answer now. A retry may succeed."""


async def retry(call: Callable[[], Awaitable[Result]], server: str) -> Result:
    """The result of `call`, retried while the server is unavailable. Failure: no result within 120 s."""
    end = time.monotonic() + _GIVE_UP_SECONDS
    while True:
        try:
            return await call()
        except (Unavailable, KafkaError, TimeoutError) as unavailable:
            if time.monotonic() > end:
                raise Failure(
                    f"{server} has not answered for {_GIVE_UP_SECONDS:.0f} s: {unavailable!r}.",
                    f"See which process is not ready: {ser('status')}. Then run the same command again.",
                ) from unavailable
        await asyncio.sleep(_PAUSE_SECONDS)


async def request(http: httpx.AsyncClient, method: str, url: str, **options: Any) -> httpx.Response:
    """A service's response with any status code. Failure: the service stays down."""

    async def call() -> httpx.Response:
        try:
            response = await http.request(method, url, **options)
        except httpx.TransportError as error:
            raise Unavailable(f"{type(error).__name__} {error}") from error
        if response.status_code in _UNAVAILABLE:
            raise Unavailable(f"{response.status_code} {response.reason_phrase}")
        return response

    return await retry(call, url)
