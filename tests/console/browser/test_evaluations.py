"""Evaluations, exits and calendars as people record them: what follows is on the page."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.console.browser.cases import fill, looked, send
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.integration.running import until

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_late_report_says_why(windows: Windows, children: Children) -> None:
    """The form of a late report asks for the reason, and the page shows both."""
    watched = await windows.of("writer")
    await watched.open("/students/{overdue}/evaluations/{overdue_later_id}".format(**children.facts()))
    page, main = watched.page, watched.page.locator("main")
    await expect(main).to_contain_text("Why this day")
    await expect(main).to_contain_text("Parent agreed: 10 business days more")
    await expect(main).to_contain_text(re.compile(r"Was \w+, .+, is \w+, .+:\s+extension, parent agreed"))
    form = "CompleteLateEvaluation"
    await fill(page, form, "report_disseminated_on", "t")
    await fill(page, form, "reason", "staff shortage")
    await send(page, form)
    await done(page, 2)
    await expect(main).to_contain_text("Staff shortage")
    await expect(main).to_contain_text(": late")


async def test_the_natural_next_act_is_the_first_button(windows: Windows, children: Children) -> None:
    """An eligible student is evaluated again; an open evaluation goes on."""
    watched = await windows.of("writer")
    buttons = watched.page.locator("main a.button")
    await watched.open(f"/students/{children.id('served')}/evaluations")
    await expect(buttons).to_have_text(["Re-evaluation", "Triennial waiver", "New initial evaluation"])
    await watched.open(f"/students/{children.id('requested')}/evaluations")
    await expect(buttons).to_have_text(["Go on with the open evaluation"])


async def test_each_page_leads_on(windows: Windows, children: Children) -> None:
    """From eligibility to the initial IEP, and from the exit to the return. The first IEP copies none."""
    watched = await windows.of("writer")
    page, facts = watched.page, children.facts()
    await watched.open("/students/{determined}/evaluations/{determined_evaluation_id}".format(**facts))
    async with page.expect_navigation():
        await page.get_by_role("link", name="Draft an IEP").click()
    await expect(page.get_by_label("Type of IEP")).to_have_value("initial")
    await expect(page.get_by_label("Begin with the forms of")).to_have_count(0)
    await watched.open("/students/{exited}/sped-activity".format(**facts))
    async with page.expect_navigation():
        await page.get_by_role("link", name="Draft an IEP").click()
    await expect(page.get_by_label("Type of IEP")).to_have_value("review")
    await expect(page.get_by_label("Begin with the forms of")).not_to_have_value("")


async def test_a_date_is_corrected_where_it_stands(windows: Windows, children: Children) -> None:
    """The link beside a date opens the form for that date."""
    watched = await windows.of("writer")
    await watched.open(
        "/students/{determined}/evaluations/{determined_evaluation_id}".format(**children.facts())
    )
    page = watched.page
    async with page.expect_navigation():
        await page.get_by_role("link", name="Correct the date: Referred on").click()
    chosen = page.locator('form:has(input[value="CorrectEvaluation"]) [name="field"]')
    await expect(chosen).to_be_visible()
    await expect(chosen).to_have_value("referred_on")
    await fill(page, "CorrectEvaluation", "day", "1/5/2026")
    await fill(page, "CorrectEvaluation", "reason", "The letter has this date.")
    await send(page, "CorrectEvaluation")
    await done(page)
    await expect(page.locator("main")).to_contain_text("Jan 5, 2026")


async def test_an_exit_ends_the_services(windows: Windows, children: Children) -> None:
    """Recorded once; the list of sped activities says why, and the open services end with it."""
    watched = await windows.of("writer")
    await watched.open(f"/students/{children.id('graduate')}/sped-activity")
    page = watched.page
    await fill(page, "ExitSpecialEducation", "exited_on", "t")
    await fill(page, "ExitSpecialEducation", "reason", "RTN")
    await send(page, "ExitSpecialEducation")
    await done(page)
    await expect(page.locator("main table")).to_contain_text("Transferred to regular education")

    async def ended() -> bool | None:
        await watched.open(f"/students/{children.id('graduate')}/services")
        return await page.get_by_role("heading", name="Open services (0)").count() > 0 or None

    await until(ended, "the services end with the exit")


async def test_a_change_of_the_calendar_shows_what_it_moves(windows: Windows) -> None:
    """The state adds a day, sees the due dates that it moves, goes back, and then publishes."""
    watched = await windows.of("state")
    page, main = watched.page, watched.page.locator("main")
    await watched.open("/admin/calendar/2026")
    await looked("PublishCalendar", days__0__day="3/10/2026", days__0__reason="Hurricane")(watched)
    async with page.expect_navigation():
        await page.get_by_role("button", name="Change it again").click()
    await expect(page.locator('[name="days.0.reason"]')).to_have_value("Hurricane")
    await looked("PublishCalendar")(watched)
    async with page.expect_navigation():
        await page.get_by_role("button", name="Publish the calendar").click()
    await done(page)
    await expect(main.locator("table")).to_contain_text("Hurricane")


async def done(page: Page, panels: int = 1) -> None:
    """Waits until everything that was sent is done."""
    await expect(page.locator("#outcomes .panel.done")).to_have_count(panels, timeout=60_000)
