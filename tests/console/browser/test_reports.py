"""Reports in the browser: ask, read a number, see its students, take the file, save, run again, delete."""

import re

import pytest
from playwright.async_api import expect

from tests.console.browser.checks import too_wide, whole
from tests.console.browser.watched import picture
from tests.console.browser.windows import Windows
from tests.console.children import Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_report_is_asked_for_read_saved_and_deleted(windows: Windows, children: Children) -> None:
    """The state office runs a roster by LEA, sees its chart, opens the students behind a number, and takes
    the files."""
    watched = await windows.of("state")
    page = watched.page
    await watched.open("/reports/rosters")
    await page.get_by_label("As of").fill("nonsense")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_role("alert")).to_contain_text("CON-005")
    await page.get_by_label("As of").fill("t")
    await page.get_by_label("Also students not in special education").check()
    await page.get_by_label("Summary by").select_option("LEA")
    await page.get_by_role("button", name="Run").click()
    await expect(page.locator("main")).to_contain_text("SHA-256", timeout=120_000)
    await expect(page.get_by_role("img", name="Chart: Students")).to_be_visible()
    assert not [*await whole(watched), *await too_wide(page)]
    await picture(watched, "/reports/runs/{run_id}", "chart", "state")
    number = page.locator("td.number a").first
    wanted = await number.inner_text()
    await number.click()
    await expect(page.locator("main")).to_contain_text(f"{wanted} rows.")
    await expect(page.get_by_role("region", name="Students").get_by_role("row")).not_to_have_count(1)
    await page.get_by_role("link", name="Back to the tables").click()
    for name, ending in (("CSV", "csv"), ("XLSX", "xlsx"), ("PDF", "pdf")):
        async with page.expect_download() as download:
            await page.get_by_role("link", name=name, exact=True).click()
        assert (await download.value).suggested_filename.endswith(ending)
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".facts")).to_contain_text("Saved")
    await page.get_by_role("button", name="Run again").click()
    await expect(page.locator("main")).to_contain_text("SHA-256", timeout=120_000)
    await page.get_by_role("button", name="Delete").click()
    await expect(page).to_have_url(re.compile("/reports/mine$"))
    await expect(page.get_by_role("region", name="My Reports")).to_contain_text("Saved")
