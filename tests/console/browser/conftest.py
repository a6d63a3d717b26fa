"""One browser for the run, with a window for everybody who is signed in."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.chromium import arguments, chromium
from tests.console.browser.windows import Windows
from tests.console.people import Visitor
from tests.console.running import ConsoleSystem


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=arguments())
        try:
            yield started
        finally:
            await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows(
    browser: Browser, system: ConsoleSystem, visitors: dict[str, Visitor]
) -> AsyncIterator[Windows]:
    """A window of the browser for each person."""
    opened = Windows(browser, system.url, visitors)
    try:
        yield opened
    finally:
        await opened.close()
