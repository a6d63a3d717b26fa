"""The data manager's year end in the browser: choose a file, read its checks, take it, certify it."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.console.browser.watched import Watched
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.integration.running import until

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]
FILE = "/federal-files/009/2023-24/SEA"


async def test_a_file_is_checked_taken_and_certified(windows: Windows, children: Children) -> None:
    """The state office takes the file in three formats and certifies it in two steps. The certified file is
    kept; an auditor takes it and cannot certify; an LEA sees its own part only."""
    watched = await windows.of("state")
    page = watched.page
    await watched.open("/reports")
    await page.get_by_role("link", name="Federal files").click()
    await page.get_by_role("link", name="State of FS009, 2023-24").click()
    await expect(page.get_by_role("region", name="Checks").get_by_role("row")).to_have_count(15)
    await expect(page.locator("main")).to_contain_text("SER gives this file out.")
    for ending in ("CSV", "TAB", "TXT"):
        assert (await taken(watched, ending)).endswith(f".{ending.lower()}")

    await page.get_by_role("link", name="Certify the whole file").click()
    await complete(watched)
    await page.get_by_label("Comment").fill("123-45-6789 is a child")
    await page.get_by_role("button", name="Certify this file").click()
    await expect(page.get_by_role("alert")).to_contain_text("Social Security")
    await page.get_by_label("Comment").fill("The first year")
    await page.get_by_role("button", name="Certify this file").click()
    certified = page.get_by_role("region", name="Certified files")
    await expect(certified).to_contain_text("The first year")

    auditor = await windows.of("auditor")
    await auditor.open(FILE)
    await expect(auditor.page.get_by_role("link", name="Certify")).to_have_count(0)
    row = auditor.page.get_by_role("region", name="Certified files").get_by_role("row").nth(1)
    async with auditor.page.expect_download() as download:
        await row.get_by_role("link").click()
    content = await asyncio.to_thread(Path(await (await download.value).path()).read_bytes)
    assert b"DRAFT" not in content
    await expect(row).to_contain_text(sha256(content).hexdigest())

    coordinator = await windows.of("coordinator")
    await coordinator.open("/federal-files/009/2023-24/LEA")
    await expect(coordinator.page.locator("main")).to_contain_text("East Baton Rouge (017)")
    await coordinator.open(FILE, 403)


async def taken(watched: Watched, name: str) -> str:
    """Takes the file in a format. Returns its name."""
    async with watched.page.expect_download() as download:
        await watched.page.get_by_role("link", name=name).click()
    return (await download.value).suggested_filename


async def complete(watched: Watched) -> None:
    """Opens the page again until reporting has every event."""

    async def there() -> bool | None:
        if await watched.page.get_by_role("button", name="Certify this file").count():
            return True
        await watched.page.reload()
        return None

    await until(there, "every event")
