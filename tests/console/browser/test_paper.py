"""An IEP as its forms, printed by Chromium."""

import re

import pytest
from playwright.async_api import expect

from tests.console.browser.watched import slug
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.console.running import screens_folder

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

_PAGE = re.compile(rb"/Type /Page\b")


async def test_an_iep_is_printed_as_its_forms(windows: Windows, children: Children) -> None:
    """On paper are the student, the plan, the filled forms and lines to sign; nothing of the screen."""
    watched = await windows.of("coordinator")
    facts = children.facts()
    await watched.open(f"/students/{facts['served']}/ieps/{facts['served_iep_id']}")
    await watched.page.get_by_role("link", name="The whole IEP, to print").click()
    page = watched.page
    await expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    await page.emulate_media(media="print")
    for gone in (".banner", "h1", ".sections", "header.top", "button[data-print]"):
        await expect(page.locator(gone).first).to_be_hidden()
    letterhead = page.locator(".letterhead")
    await expect(letterhead).to_contain_text(facts["served"])
    await expect(letterhead).to_contain_text("team met")
    await expect(letterhead).to_have_css("display", "table-header-group")
    await expect(page.locator(".sign")).to_have_count(3)
    text = await page.locator(".paper").inner_text()
    assert not re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text), text
    paper = await page.pdf(format="Letter")
    (screens_folder() / f"{slug('printed IEP')}.pdf").write_bytes(paper)
    assert len(_PAGE.findall(paper)) >= 1
    await page.emulate_media(media="screen")
    assert watched.quiet() == []


async def test_the_button_opens_the_dialog_of_the_browser(windows: Windows, children: Children) -> None:
    """Whoever does not know the browser's own command prints with the button."""
    watched = await windows.new("writer")
    await watched.page.add_init_script("window.print = () => document.body.dataset.printed = 'yes'")
    facts = children.facts()
    await watched.open(f"/students/{facts['red']}/ieps/{facts['red_iep_id']}/print")
    await watched.page.get_by_role("button", name="Print", exact=True).click()
    await expect(watched.page.locator("body")).to_have_attribute("data-printed", "yes")
    await expect(watched.page.locator(".letterhead")).to_contain_text("Draft, not official")
    await watched.page.context.close()
