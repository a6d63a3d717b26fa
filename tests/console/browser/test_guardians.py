"""Parents and guardians as people keep them: a removed one leaves a trace, and the last one stays."""

import pytest
from playwright.async_api import expect

from tests.console.browser.cases import fill, send
from tests.console.browser.entering import done
from tests.console.browser.windows import Windows
from tests.console.children import Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_removed_guardian_leaves_a_trace(windows: Windows, children: Children) -> None:
    """The only guardian stays. The list of removed ones has name, day and reason."""
    facts = children.facts()
    address = "/students/{alone}/guardians".format(**facts)
    first = f"{address}/{facts['alone_guardian_id']}"
    watched = await windows.of("writer")
    page, main = watched.page, watched.page.locator("main")

    await watched.open(first)
    await fill(page, "RemoveGuardian", "reason", "Entered by mistake")
    await send(page, "RemoveGuardian")
    await expect(main).to_contain_text("STU-014", timeout=60_000)

    await watched.open(address)
    await fill(page, "SaveGuardian", "guardian.first_name", "Honorine")
    await fill(page, "SaveGuardian", "guardian.last_name", "Arceneaux")
    await send(page, "SaveGuardian")
    await done(page)
    await page.get_by_role("link", name="Honorine Arceneaux").click()
    await fill(page, "RemoveGuardian", "reason", "Guardianship ended by a court")
    await send(page, "RemoveGuardian")
    await done(page)
    await expect(main.get_by_role("heading", name="Removed")).to_be_visible()
    await expect(main).to_contain_text("Guardianship ended by a court")
    await expect(page.get_by_role("link", name="Honorine Arceneaux")).to_have_count(0)
