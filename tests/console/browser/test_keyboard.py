"""The keyboard and what moves by itself: shortcuts, focus, days as they are understood."""

import pytest
from playwright.async_api import expect

from console import keyboard
from tests.console.browser.keys import Keyboard
from tests.console.browser.windows import Windows
from tests.console.children import Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


@pytest.mark.parametrize(
    ("keys", "address"),
    [("g f", "/find"), ("g c", "/child-count"), ("g o", "/outcomes"), ("g w", "/"), ("?", "/keyboard")],
)
async def test_a_shortcut_leads_to_its_page(windows: Windows, keys: str, address: str) -> None:
    """Single letters lead from every page to the page that the map names."""
    assert keys in keyboard.EVERYWHERE
    watched = await windows.of("reader")
    await watched.open("/accessibility")
    *before, last = keys.split()
    hands = Keyboard(watched.page)
    await hands.press(*before)
    await hands.go(last)
    assert watched.page.url == watched.console + address


async def test_letters_are_letters_in_a_field(windows: Windows, children: Children) -> None:
    """In a field a letter types itself, and no shortcut."""
    watched = await windows.of("writer")
    await watched.open(f"/students/{children.id('served')}/guardians")
    field = watched.page.get_by_label("First name").first
    await field.focus()
    await watched.page.keyboard.type("c?/[]gf")
    await expect(field).to_have_value("c?/[]gf")
    assert watched.page.url.endswith("/guardians")


async def test_letters_can_be_switched_off(windows: Windows) -> None:
    """Whoever speaks to the computer switches single letters off, on this computer (WCAG 2.1.4)."""
    watched = await windows.new("reader")
    page = watched.page
    await watched.open("/keyboard")
    await page.get_by_label("Single letters are shortcuts").uncheck()
    async with page.expect_navigation():
        await page.locator("main button").click()
    await expect(page.get_by_label("Single letters are shortcuts")).not_to_be_checked()
    await page.keyboard.press("/")
    await expect(page.locator("#find")).not_to_be_focused()
    await page.get_by_label("Single letters are shortcuts").check()
    async with page.expect_navigation():
        await page.locator("main button").click()
    await page.keyboard.press("/")
    await expect(page.locator("#find")).to_be_focused()
    await page.context.close()


async def test_sections_of_a_student(windows: Windows, children: Children) -> None:
    """`]` opens the next section, `[` the one before."""
    watched = await windows.of("reader")
    await watched.open(f"/students/{children.id('served')}")
    keys = Keyboard(watched.page)
    await keys.go("]")
    assert watched.page.url.endswith("/profile")
    await keys.go("[")
    assert watched.page.url.endswith(children.id("served"))


async def test_a_day_is_shown_as_it_was_understood(windows: Windows, children: Children) -> None:
    """Below the field stands the day with its weekday; what cannot be read has none."""
    watched = await windows.of("writer")
    await watched.open(f"/students/{children.id('guarded')}/evaluations/new")
    field = watched.page.locator('[name="permission_requested_on"]')
    understood = watched.page.locator(".field", has=field).locator(".understood")
    await field.fill("10/1/26")
    await field.press("Tab")
    await expect(understood).to_have_text("Thursday, October 1, 2026")
    await field.fill("10/1")
    await field.press("Tab")
    await expect(understood).to_be_empty()
    assert watched.quiet() == []


async def test_the_skip_link_is_first(windows: Windows) -> None:
    """The first Tab offers to skip the navigation; Enter goes to the content."""
    watched = await windows.of("reader")
    await watched.open("/accessibility")
    await watched.page.keyboard.press("Tab")
    await expect(watched.page.locator(".skip")).to_be_focused()
    await watched.page.keyboard.press("Enter")
    await expect(watched.page.locator("#main")).to_be_focused()


async def test_enter_sends_a_form_with_rows(windows: Windows, children: Children) -> None:
    """Enter in a field sends the form; it adds no row."""
    watched = await windows.of("writer")
    await watched.open(
        "/students/{completed}/evaluations/{completed_evaluation_id}".format(**children.facts())
    )
    day = watched.page.locator('[name="determined_on"]')
    await day.fill("some day")
    async with watched.page.expect_navigation():
        await day.press("Enter")
    await expect(watched.page.locator('main [role="alert"]')).to_contain_text("CON-005")
    await expect(watched.page.locator("main .row")).to_have_count(1)


async def test_a_finding_leads_into_its_field(windows: Windows, children: Children) -> None:
    """A link of the error summary puts the focus into the field that is wrong."""
    watched = await windows.of("writer")
    page = watched.page
    await watched.open(f"/students/{children.id('guarded')}/evaluations/new")
    await page.locator('[name="permission_requested_on"]').fill("some day")
    async with page.expect_navigation():
        await page.keyboard.press("Control+Enter")
    await expect(page.locator('main [role="alert"]')).to_be_focused()
    await page.locator('main [role="alert"] a').first.click()
    field = page.locator('[name="permission_requested_on"]')
    await expect(field).to_be_focused()
    await expect(field).to_have_value("some day")
    await expect(field).to_have_attribute("aria-invalid", "true")
    described = (await field.get_attribute("aria-describedby") or "").split()
    assert [one for one in described if one.endswith("-error")]


async def test_a_sign_in_about_to_end_can_be_put_off(windows: Windows) -> None:
    """Two minutes before the end the page says so; one button puts it off."""
    watched = await windows.new("reader")
    page = watched.page
    await page.clock.install()
    await watched.open("/accessibility")
    ending = page.locator("#ending")
    await expect(ending).to_be_hidden()
    await page.clock.fast_forward("58:01")
    await expect(ending).to_be_visible()
    await ending.get_by_role("button", name="Stay signed in").click()
    await expect(ending).to_be_hidden()
    await page.clock.fast_forward("58:01")
    await expect(ending).to_be_visible()
    assert watched.quiet() == []
    await page.context.close()


async def test_results_do_not_move_the_focus(windows: Windows) -> None:
    """What comes while somebody types is announced, and leaves the focus where it is."""
    watched = await windows.of("reader")
    await watched.open("/find")
    field = watched.page.get_by_label("Name or State ID", exact=True)
    await field.press_sequentially("Guidry")
    await expect(watched.page.locator("#results table")).to_be_visible()
    await expect(field).to_be_focused()
    await expect(watched.page.locator("#live")).to_contain_text("students found")
    assert watched.quiet() == []


async def test_a_refused_form_is_the_only_news(windows: Windows, children: Children) -> None:
    """What was sent before stands no longer above a refused form, and the problem has the focus."""
    watched = await windows.new("writer")
    page = watched.page
    await watched.open(f"/students/{children.id('guarded')}/profile")
    await page.locator('[name="profile.effective_on"]').fill("t")
    async with page.expect_navigation():
        await page.keyboard.press("Control+Enter")
    await expect(page.locator("#outcomes .panel")).to_have_count(1)
    await page.locator('[name="profile.effective_on"]').fill("soon")
    async with page.expect_navigation():
        await page.keyboard.press("Control+Enter")
    problem = page.locator('main [role="alert"]')
    await expect(problem).to_be_focused()
    await expect(problem).to_contain_text("In effect from: ")
    await expect(page.locator("#outcomes")).to_have_count(0)
    await page.context.close()


async def test_a_new_row_has_the_focus(windows: Windows, children: Children) -> None:
    """Whoever adds a row goes on typing in it."""
    facts = children.facts()
    watched = await windows.new("writer")
    page = watched.page
    await watched.open(f"/students/{facts['drafted']}/ieps/{facts['drafted_iep_id']}/forms/PRG")
    rows = await page.locator(".rows .row").count()
    async with page.expect_navigation():
        await page.get_by_role("button", name="Add another row").click()
    await expect(page.locator(f'[name="forms.0.services.{rows}.service_code"]')).to_be_focused()
    await page.context.close()
