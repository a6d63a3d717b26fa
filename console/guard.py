"""What holds for every answer of the console: headers, and no request that another site made.

The console keeps no tokens in forms: such a token is stale after signing in again. The browser itself says
where a request comes from (`Sec-Fetch-Site`, `Origin`).
"""

import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.settings import Settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STATIC = "/static/"
REFUSED = "ser.other_site"
"""The key in a request's scope that says that another site made it."""

NONCE = "ser.nonce"
"""The key in a request's scope with the nonce of its answer's scripts."""


class Guard:
    """Marks requests that another site made, and sets the headers of every answer.

    A file that passes through has a stricter policy of its own.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._origin = _origin(settings.url)
        self._secure = settings.url.startswith("https:")
        self._forms_go_to = " ".join(dict.fromkeys(("'self'", _origin(settings.issuer))))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = scope[NONCE] = secrets.token_urlsafe(16)
        scope[REFUSED] = scope["method"] not in _SAFE and not self._own(Headers(scope=scope))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._set(MutableHeaders(scope=message), scope["path"], nonce)
            await send(message)

        await self._app(scope, receive, with_headers)

    def _own(self, headers: Headers) -> bool:
        """Whether a page of the console made the request."""
        if site := headers.get("sec-fetch-site"):
            return site == "same-origin"
        return headers.get("origin") == self._origin

    def _set(self, headers: MutableHeaders, path: str, nonce: str) -> None:
        for name, value in self._always(nonce):
            headers.setdefault(name, value)
        if path.startswith(_STATIC) and "cache-control" in headers:
            return
        headers["Cache-Control"] = "no-store"

    def _always(self, nonce: str) -> Iterable[tuple[str, str]]:
        yield "Content-Security-Policy", self._policy(nonce)
        yield "X-Content-Type-Options", "nosniff"
        yield "Referrer-Policy", "same-origin"
        yield "Cross-Origin-Opener-Policy", "same-origin"
        yield "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        if self._secure:
            yield "Strict-Transport-Security", "max-age=31536000"

    def _policy(self, nonce: str) -> str:
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' 'nonce-{nonce}'",
                "style-src 'self'",
                "img-src 'self' data:",
                "connect-src 'self'",
                f"form-action {self._forms_go_to}",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types htmx",
            )
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
