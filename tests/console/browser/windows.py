"""The windows of the browser: one for each person, with and without scripts."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import Browser, BrowserContext

from console.sign_ins import COOKIE
from tests.console.browser.watched import Watched
from tests.console.people import Visitor

_SECONDS = 20


class Windows:
    """Opens a window when it is first asked for, and keeps it: cookies and files of the cache stay."""

    def __init__(self, browser: Browser, console: str, visitors: Mapping[str, Visitor]) -> None:
        self._browser, self._console, self._visitors = browser, console, visitors
        self._opened: dict[tuple[str, bool], Watched] = {}

    async def of(self, person: str, *, scripts: bool = True) -> Watched:
        """The person's window."""
        if (person, scripts) not in self._opened:
            self._opened[person, scripts] = await self.new(person, java_script_enabled=scripts)
        return self._opened[person, scripts]

    async def new(self, person: str | None, **options: Any) -> Watched:
        """A new window; nobody is signed in if no person is named."""
        context = await self._browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="en-US", timezone_id="Asia/Tokyo", **options
        )
        context.set_default_timeout(_SECONDS * 1000)
        if person is not None:
            await self._sign_in(context, self._visitors[person])
        return Watched(await context.new_page(), self._console)

    async def close(self) -> None:
        """Closes the windows that are kept."""
        for watched in self._opened.values():
            await watched.page.context.close()

    async def _sign_in(self, context: BrowserContext, visitor: Visitor) -> None:
        await context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": visitor.cookie,
                    "url": self._console.replace("http:", "https:"),  # Chromium trusts the loopback so far
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )
