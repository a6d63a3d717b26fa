"""The page of a student's jurisdiction."""

import pytest
from playwright.async_api import expect

from tests.console.browser.entering import fill_all
from tests.console.browser.test_jobs import outcome
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_the_wrong_school_is_corrected(windows: Windows, children: Children) -> None:
    """The form has the last stay. The owner chooses another school site; the first day remains."""
    watched = await windows.of("writer")
    address = f"/students/{children.id('claimed')}/jurisdiction"
    await watched.open(address)
    page = watched.page
    await page.get_by_text("Correct the last school stay").click()
    await fill_all(page, "CorrectSchoolTransfer", {"school": f"{OWN}002"})
    async with page.expect_navigation():
        await page.get_by_role("button", name="Correct the school stay").click()
    await outcome(page, "Correct school transfer: Done")
    await watched.open(address)
    spells = page.get_by_role("region", name="Spells")
    await expect(spells).to_contain_text(f"{OWN}002 since")
    await expect(spells).not_to_contain_text(f"{OWN}001 since")
