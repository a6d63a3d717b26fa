"""How long the console takes for a request itself, apart from waiting for the services.

Each answer says it in `Server-Timing`, which browsers show; `/metrics` has the distribution by kind of page.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WAITED = "ser.waited"
"""The key in a request's scope with its `Waited`."""

OWN_SECONDS = Histogram(
    "ser_console_own_seconds",
    "The console's own time for a request, without the services",
    ["kind"],
    buckets=(0.003, 0.01, 0.03, 0.05, 0.12, 0.3, 1, 3),
)


class Waited:
    """The time during which at least one service was asked. Questions asked at once count once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._asked, self._since = 0, 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Inside: a service is asked."""
        if not self._asked:
            self._since = time.perf_counter()
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1
            if not self._asked:
                self.seconds += time.perf_counter() - self._since


class Timing:
    """Measures each request, and says so in its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        waited = scope[WAITED] = Waited()
        began = time.perf_counter()

        async def with_timing(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = time.perf_counter() - began - waited.seconds
                OWN_SECONDS.labels(_kind(scope)).observe(own)
                MutableHeaders(scope=message)["Server-Timing"] = (
                    f"own;dur={1000 * own:.1f}, services;dur={1000 * waited.seconds:.1f}"
                )
            await send(message)

        await self._app(scope, receive, with_timing)


def _kind(scope: Scope) -> str:
    """A page, a part of a page, or a static file."""
    if scope["path"].startswith("/static/"):
        return "static"
    return "part" if any(name == b"hx-request" for name, _ in scope["headers"]) else "page"
