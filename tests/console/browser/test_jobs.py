"""The most frequent jobs by keyboard alone, with their keys counted."""

import re
from datetime import date

import pytest
from playwright.async_api import Page, expect

from contracts.provision import ProviderType, RegisterProvider
from tests.console.browser.checks import whole
from tests.console.browser.keys import Keyboard
from tests.console.browser.watched import picture
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children, send

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_find_a_student(windows: Windows, children: Children) -> None:
    """Job 1: a part of a name in the search box leads to the student in three keys."""
    page, keys = await at_home(windows, "reader")
    await keys.press("/")
    await keys.text("Richard, Syl")
    await expect(page.locator("#found").get_by_text("Richard, Sylvie")).to_be_visible()
    await keys.press("ArrowDown")
    await keys.go("Enter")
    await expect(page).to_have_url(re.compile(f"/students/{children.id('served')}$"))
    assert keys.count <= 3, keys.pressed


async def test_take_up_what_is_due(windows: Windows) -> None:
    """Job 2: after signing in, Enter opens the first line of the work list."""
    page, keys = await at_home(windows, "coordinator")
    await keys.go("Enter")
    await expect(page.locator("h1")).to_contain_text(":")
    assert keys.count <= 1, keys.pressed


async def test_claim_a_student_who_moved_in(windows: Windows, children: Children) -> None:
    """Job 3: State ID, Enter, c, begin date, school, Enter."""
    page, keys = await at_home(windows, "coordinator")
    await keys.press("/")
    await keys.text(children.id("moving"))
    await keys.go("Enter")
    await expect(page.locator("h1")).to_be_visible()
    await keys.go("c")
    await keys.text("t")
    await keys.press("Tab")
    await keys.text("East Baton Rouge School 1")
    await keys.go("Control+Enter")
    await outcome(page, "Claim jurisdiction: Done")
    assert keys.count <= 5, keys.pressed


async def test_record_the_next_step_of_an_evaluation(windows: Windows, children: Children) -> None:
    """Job 5: the form of the next step is open; the date, Enter."""
    page, keys = await at_home(windows, "writer")
    facts = children.facts()
    await page.goto(
        page.url.rstrip("/") + f"/students/{facts['asked']}/evaluations/{facts['asked_evaluation_id']}"
    )
    await focus(page, "report_disseminated_on")
    await keys.text("t")
    await keys.go("Enter")
    await outcome(page, "Complete evaluation: Done")
    assert keys.count <= 2, keys.pressed


async def outcome(page: Page, words: str) -> None:
    """Waits until the panel says these words; it has the focus."""
    panel = page.get_by_role("heading", name=words)
    await expect(panel).to_be_visible(timeout=60_000)


async def focus(page: Page, name: str) -> None:
    """Puts the focus into a field, as Tab does from the top of a form."""
    await page.locator(f'main [name="{name}"]').focus()


async def at_home(windows: Windows, person: str) -> tuple[Page, Keyboard]:
    """Somebody at the work list, and the keyboard."""
    watched = await windows.of(person)
    await watched.open("/")
    return watched.page, Keyboard(watched.page)


async def test_let_a_student_go(windows: Windows, children: Children) -> None:
    """Job 4: from the line of the work list: Enter, all open services are ticked, one day, one reason."""
    page, keys = await at_home(windows, "coordinator")
    await page.get_by_role("link", name="Let go: Savoie, Adele").focus()
    await keys.go("Enter")
    await expect(page.locator('[name="end_on"]')).to_be_focused()
    for box in await page.locator('input[name="service_id"]').all():
        await expect(box).to_be_checked()
    await keys.text("t")
    await keys.press("Tab")
    await keys.text("Transferred to another")
    await keys.go("Control+Enter")
    await expect(page.locator("#outcomes .panel.done").first).to_be_visible(timeout=60_000)
    await expect(page.locator("#outcomes .panel:not(.done)")).to_have_count(0, timeout=60_000)
    assert keys.count <= 4, keys.pressed


async def test_why_a_child_is_not_counted(windows: Windows, children: Children) -> None:
    """Job 10: on the student's page `g y`, then to the missing step, and where it is mended."""
    watched = await windows.of("coordinator")
    await watched.open(f"/students/{children.id('guarded')}")
    keys = Keyboard(watched.page)
    await keys.chord("g", "y")
    await expect(watched.page.locator("main")).to_contain_text("Not counted")
    await keys.go("n")
    assert not watched.page.url.endswith("/why")
    assert keys.count <= 3, keys.pressed


async def test_a_problem_of_an_iep_takes_two_keys(windows: Windows, children: Children) -> None:
    """Job 6: `n` opens the next problem with the focus in a field; Ctrl+Enter saves."""
    watched = await windows.of("writer")
    facts = children.facts()
    await watched.open(f"/students/{facts['red']}/ieps/{facts['red_iep_id']}")
    page, keys = watched.page, Keyboard(watched.page)
    problems = await page.locator("[data-problem]").count()
    assert problems > 1
    await keys.go("n")
    await keys.text("Teacher of special education")
    await keys.go("Control+Enter")
    await outcome(page, "Save IEP forms: Done")
    await keys.go("n")
    assert keys.count <= 3, keys.pressed


async def test_record_the_services_of_an_iep(windows: Windows, children: Children) -> None:
    """Job 7: from the services, `i`; a provider in each row; Enter once, and each row has its verdict."""
    number = "T-1207"
    provider = RegisterProvider(
        lea=OWN, provider_id=number, provider_type=ProviderType.TEACHER, active_from=date(2020, 1, 1)
    )
    await send(children.api, OWN, provider, expect="accepted")
    watched = await windows.of("submitter")
    await watched.open(f"/students/{children.id('unserved')}/services")
    page, keys = watched.page, Keyboard(watched.page)
    await keys.go("i")
    rows = await page.locator('main input[name="add"]').count()
    assert rows >= 1
    for row in range(rows):
        if row:
            await keys.press("Tab")
        await keys.text(number)
    await keys.go("Enter")
    await expect(page.locator("#outcomes .panel.done").first).to_be_visible(timeout=60_000)
    await expect(page.locator("#outcomes .panel:not(.done)")).to_have_count(0, timeout=60_000)
    await expect(page.locator("main")).to_contain_text(f"On the IEP and recorded ({rows})")
    assert keys.count <= 2 + rows, keys.pressed


async def test_a_refused_row_stays_open(windows: Windows, children: Children) -> None:
    """A service with an unknown provider is refused at its row; mended, it is recorded."""
    watched = await windows.of("submitter")
    address = f"/students/{children.id('submitted')}/services/from-iep"
    await watched.open(address)
    page = watched.page
    field = page.locator('main input[name^="provider."]').first
    await field.fill("NOBODY-1")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Record the services").click()
    field = page.locator('main input[aria-invalid="true"]')
    await expect(field).to_have_value("NOBODY-1")
    await expect(page.locator("main td .tag.red")).to_have_text("Refused")
    assert await whole(watched) == []
    await picture(watched, "/students/{student_id}/services/from-iep", "a row refused", "submitter")
    await field.fill("")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Record the services").click()
    await outcome(page, "Add service: Done")
