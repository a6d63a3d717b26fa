"""Search results page by page; which profile holds from when; who changed a field."""

import pytest
from playwright.async_api import expect

from tests.console.browser.cases import fill, send
from tests.console.browser.entering import done
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.integration.running import until

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_profile_of_a_day_to_come(windows: Windows, children: Children) -> None:
    """The profile page lists each profile with its first day. The history of a field says who changed it."""
    watched = await windows.of("writer")
    page, main = watched.page, watched.page.locator("main")
    address = f"/students/{children.id('guarded')}/profile"
    await watched.open(address)
    await fill(page, "SaveProfile", "profile.effective_on", "t")
    await fill(page, "SaveProfile", "profile.home_language", "Vietnamese")
    await send(page, "SaveProfile")
    await done(page)
    await watched.open(address)
    await expect(main).to_contain_text("Which profile holds from when")
    await expect(page.get_by_role("row", name="holds today")).to_contain_text("Vietnamese")

    async def told() -> bool | None:
        await watched.open(f"{address}/history")
        return await page.get_by_role("row", name="Vietnamese").count() > 0 or None

    await until(told, "reporting has the saved profile")
    row = page.get_by_role("row", name="Vietnamese")
    await expect(row).to_contain_text("Home language")
    await expect(row).to_contain_text("East Baton Rouge")
    await expect(row).to_contain_text("English")


async def test_results_page_by_page(windows: Windows) -> None:
    """A search that finds many students says how many, and has a next page."""
    watched = await windows.of("reader")
    page = watched.page
    await watched.open("/find")
    await page.locator("summary", has_text="More fields").click()
    await page.get_by_label("Born from").fill("1/1/1990")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Search", exact=True).click()
    first = await page.locator("main tbody tr th a").all_inner_texts()
    assert len(first) == 25
    await expect(page.locator("main")).to_contain_text("25 of ")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Next page").click()
    second = await page.locator("main tbody tr th a").all_inner_texts()
    assert second
    assert not set(first) & set(second)
    await expect(page.get_by_role("link", name="First page")).to_be_visible()
