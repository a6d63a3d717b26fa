"""Answers requests to loopback names only.

The issuer asks for no password. A site that lets its own name point at 127.0.0.1
must not reach it.
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_NAMES = {"127.0.0.1", "localhost", "[::1]"}


class LoopbackOnly:
    """Refuses a request whose `Host` is no loopback name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on, or answers 421."""
        if scope["type"] != "http" or _host(Headers(scope=scope)) in _NAMES:
            await self._app(scope, receive, send)
            return
        refused = PlainTextResponse(
            "The development issuer answers on the loopback only.", HTTPStatus.MISDIRECTED_REQUEST
        )
        await refused(scope, receive, send)


def _host(headers: Headers) -> str:
    host = headers.get("host", "").lower()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
