"""How many requests one console process answers at once.

Without a limit a crowd makes everybody wait, and then fail. With it most people have their page at once, and
the others learn at once when to ask again. A form that somebody sent is always taken.
"""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from console import rules
from console.bare_pages import bare_page

_ALWAYS = ("/static/", "/health/", "/metrics")
_SECONDS = 5


class Crowding:
    """Answers 503 to a page, a part of a page or a search while `most` others are under way."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away."""
        if scope["type"] != "http" or scope["path"].startswith(_ALWAYS):
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._most and _may_come_again(scope):
            await self._turn_away(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        finding = rules.CROWDED.broken(seconds=_SECONDS)
        page = bare_page(Request(scope), "failed.html", 503, title="Many people ask now", findings=[finding])
        page.headers["Retry-After"] = str(_SECONDS)
        await page(scope, receive, send)


def _may_come_again(scope: Scope) -> bool:
    """Whether the request carries nothing that somebody typed into a form, a search apart."""
    return scope["method"] in ("GET", "HEAD") or any(name == b"hx-request" for name, _ in scope["headers"])
