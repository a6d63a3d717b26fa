"""The editor of an IEP: nothing that somebody wrote is lost, neither by leaving a form nor by a colleague."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.console.browser.checks import whole
from tests.console.browser.watched import picture
from tests.console.browser.windows import Windows
from tests.console.children import Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

_SECONDS = 60_000


def address(children: Children) -> str:
    """The IEP that is edited here."""
    facts = children.facts()
    return f"/students/{facts['red']}/ieps/{facts['red_iep_id']}"


async def saved(page: Page) -> None:
    """Waits until the form that was sent is saved."""
    await expect(page.get_by_role("heading", name="Save IEP forms: Done")).to_be_visible(timeout=_SECONDS)


async def save(page: Page) -> None:
    """Saves the form on the screen, and waits until it is saved."""
    async with page.expect_navigation():
        await page.get_by_role("button", name="Save", exact=True).click()
    await saved(page)


async def test_leaving_a_form_saves_it(windows: Windows, children: Children) -> None:
    """A teacher writes, clicks the next form of the list, and finds the text when coming back."""
    watched = await windows.of("writer")
    await watched.open(f"{address(children)}/forms/GSI")
    page = watched.page
    await page.get_by_label("Strengths").fill("Reads to the class with joy.")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Placement").click()
    await expect(page.locator("h1")).to_contain_text("Placement")
    await saved(page)
    await watched.open(f"{address(children)}/forms/GSI")
    await expect(page.get_by_label("Strengths")).to_have_value("Reads to the class with joy.")
    assert watched.quiet() == []


async def test_leaving_a_form_unchanged_saves_nothing(windows: Windows, children: Children) -> None:
    """Who only looks at a form changes nothing."""
    watched = await windows.of("writer")
    await watched.open(f"{address(children)}/forms/GSI")
    async with watched.page.expect_navigation():
        await watched.page.get_by_role("link", name="Placement").click()
    await expect(watched.page.locator("h1")).to_contain_text("Placement")
    await expect(watched.page.locator("#outcomes")).to_have_count(0)


async def test_leaving_a_form_that_is_refused_stays(windows: Windows, children: Children) -> None:
    """A form that SER refuses is shown with its problem before the teacher can lose sight of it."""
    watched = await windows.of("writer")
    await watched.open(f"{address(children)}/forms/ESY")
    page = watched.page
    await page.get_by_label("Screened on").fill("some day")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Placement").click()
    await expect(page.locator("h1")).to_contain_text("Extended school year")
    await expect(page.get_by_role("alert")).to_contain_text("The date cannot be read")
    await expect(page.get_by_label("Screened on")).to_have_value("some day")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_save_and_go_on(scripts: bool, windows: Windows, children: Children) -> None:
    """*Save and next problem* saves, and opens the next form with a problem."""
    watched = await windows.of("writer", scripts=scripts)
    await watched.open(f"{address(children)}/forms/GSI")
    page = watched.page
    await page.get_by_label("Parent concerns").fill(f"Homework takes long. {scripts}")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Save and next problem").click()
    await saved(page)
    await expect(page.locator("h1")).not_to_contain_text("General information")
    await watched.open(f"{address(children)}/forms/GSI")
    await expect(page.get_by_label("Parent concerns")).to_have_value(f"Homework takes long. {scripts}")


async def test_a_finding_leads_to_the_form_that_it_names(windows: Windows, children: Children) -> None:
    """A form is missing because of an answer in another form, and one click goes there."""
    watched = await windows.of("writer")
    page, home_school = watched.page, watched.page.get_by_label("Attends the home school")
    await watched.open(f"{address(children)}/forms/LRE")
    await home_school.select_option("no")
    await save(page)
    await watched.open(f"{address(children)}/forms/SIT")
    panel = page.locator("main .panel.refused")
    await expect(panel).to_contain_text("correct “Attends the home school” in the form Placement")
    async with page.expect_navigation():
        await panel.get_by_role("link", name="Placement").click()
    await home_school.select_option("yes")
    await save(page)
    await watched.open(f"{address(children)}/forms/SIT")
    await expect(panel).to_have_count(0)


async def test_two_people_in_two_forms_of_an_iep(windows: Windows, children: Children) -> None:
    """Each saves a form; neither is told of the other."""
    teacher, clerk = await windows.of("writer"), await windows.of("submitter")
    await teacher.open(f"{address(children)}/forms/GSI")
    await clerk.open(f"{address(children)}/forms/ACC")
    await teacher.page.get_by_label("Results of evaluations").fill("Two years behind in reading.")
    await save(teacher.page)
    await clerk.page.locator("main form.sheet textarea").first.fill("More time in tests")
    await save(clerk.page)
    await clerk.open(f"{address(children)}/forms/GSI")
    await expect(clerk.page.get_by_label("Results of evaluations")).to_have_value(
        "Two years behind in reading."
    )


async def test_two_people_in_one_form_of_an_iep(windows: Windows, children: Children) -> None:
    """The second to save sees what the first wrote, and chooses field by field; nothing is lost."""
    teacher, clerk = await windows.of("writer"), await windows.of("submitter")
    await teacher.open(f"{address(children)}/forms/GSI")
    await clerk.open(f"{address(children)}/forms/GSI")
    await teacher.page.get_by_label("Strengths").fill("The teacher's strengths.")
    await teacher.page.get_by_label("Parent concerns").fill("The teacher's concerns.")
    await save(teacher.page)
    saved_by_teacher = await teacher.page.locator(".saved").inner_text()
    assert re.fullmatch(r"Saved \w{3} \d+, \d{4}, \d+:\d{2}:\d{2} [ap]\.m\. by \S.*", saved_by_teacher)
    await clerk.page.get_by_label("Strengths").fill("The clerk's strengths.")
    await clerk.page.get_by_label("Parent concerns").fill("The clerk's concerns.")
    async with clerk.page.expect_navigation():
        await clerk.page.get_by_role("button", name="Save", exact=True).click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("Somebody has saved the form")
    assert await whole(clerk, 422) == []
    await picture(clerk, "/students/{student_id}/ieps/{iep_id}/forms/{code}", "changed", "submitter")
    await expect(clerk.page.locator(".saved")).to_have_text(saved_by_teacher)
    await clerk.page.get_by_label("Strengths, theirs:").check()
    await save(clerk.page)
    await expect(clerk.page.get_by_label("Strengths")).to_have_value("The teacher's strengths.")
    await expect(clerk.page.get_by_label("Parent concerns")).to_have_value("The clerk's concerns.")
    await expect(clerk.page.locator(".saved")).not_to_have_text(saved_by_teacher)
