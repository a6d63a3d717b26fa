"""A page of the browser that writes down what goes wrong in it."""

import re
from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Page

from tests.console.running import screens_folder

_EXPECTED = "Failed to load resource: the server responded with a status of "


@dataclass
class Watched:
    """A page, and what its console, its scripts and its security policy complained about."""

    page: Page
    console: str
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", lambda request: self.addresses.append(request.url))

    async def open(self, address: str, status: int = 200) -> None:
        """Opens an address of the console. The test fails if its status is another."""
        self.forget()
        answer = await self.page.goto(self.console + address)
        assert answer is not None
        assert answer.status == status, f"{address}: {answer.status}"

    def forget(self) -> None:
        """Forgets the complaints so far."""
        self.complaints.clear()

    def quiet(self, *statuses: int) -> list[str]:
        """The complaints. Chromium's own line for each answer with one of these statuses is left out."""
        expected = tuple(f"{_EXPECTED}{status} " for status in (422, *statuses))
        return [one for one in self.complaints if not one.startswith(expected)]

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def slug(*words: str) -> str:
    """A file's name of these words."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-") or "home"


async def picture(watched: Watched, *words: str) -> None:
    """Leaves a picture of the screen for people to look at."""
    path = screens_folder() / f"{slug(*words)}.jpg"
    await watched.page.screenshot(path=path, full_page=True, type="jpeg", quality=70)
