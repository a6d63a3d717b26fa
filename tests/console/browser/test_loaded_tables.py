"""The state office loads enrolment, and an LEA sees that it is loaded."""

import pytest
from playwright.async_api import expect

from contracts.codes import RACES
from tests.console.browser.windows import Windows

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]
LINES = "\n".join(["lea,race,children", *(f"017,{race},100" for race in RACES)])


async def test_enrolment_is_loaded(windows: Windows) -> None:
    """A wrong line is named and the text stays; the corrected table is listed for everybody."""
    watched = await windows.of("state")
    page = watched.page
    await watched.open("/tables")
    await page.get_by_label("School year").fill("1999-00")
    await page.get_by_label("Lines, as CSV").fill(f"{LINES}\n017,BL7,1")
    await page.get_by_role("button", name="Load").click()
    await expect(page.get_by_role("alert")).to_contain_text("RPT-363")
    await page.get_by_label("Lines, as CSV").fill(LINES)
    await page.get_by_role("button", name="Load").click()
    await expect(page.get_by_role("region", name="Loaded tables")).to_contain_text("1999-00")

    coordinator = await windows.of("coordinator")
    await coordinator.open("/tables")
    await expect(coordinator.page.get_by_role("region", name="Loaded tables")).to_contain_text("1999-00")
    await expect(coordinator.page.get_by_role("button", name="Load")).to_have_count(0)
