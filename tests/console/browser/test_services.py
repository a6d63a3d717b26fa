"""Providers, a service's terms, and services that the IEP lacks, as people record them."""

from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from contracts.ieps import DraftIEP
from contracts.provision import AddService
from tests.console.browser.cases import fill, send
from tests.console.browser.entering import done
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children
from tests.console.children import send as send_command

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_provider_is_registered_and_leaves(windows: Windows, children: Children) -> None:
    """The clerk enters a provider with certifications; later the last day, on the provider's page."""
    watched = await windows.of("submitter")
    await watched.open("/admin/providers")
    page, main = watched.page, watched.page.locator("main")
    form = "RegisterProvider"
    await fill(page, form, "provider_id", "T-8812")
    await fill(page, form, "provider_type", "occupational therapist")
    await fill(page, form, "active_from", "8/1/2020")
    await page.get_by_label("Occupational therapy", exact=False).first.check()
    await send(page, form)
    await done(page)
    await page.reload()
    async with page.expect_navigation():
        await page.get_by_role("link", name="T-8812").click()
    await expect(main).to_contain_text("Occupational therapist")
    await expect(main).to_contain_text("No open service names this provider.")
    await fill(page, form, "active_through", "t")
    await send(page, form)
    await done(page)


async def test_other_terms_from_today_on(windows: Windows, children: Children) -> None:
    """A change of terms asks for the first day; the service's page shows what changed, and when."""
    student = children.id("relieved")
    service = next(
        step.message
        for step in children.histories["relieved"].commands
        if isinstance(step.message, AddService)
    )
    watched = await windows.of("submitter")
    address = f"/students/{student}/services/{service.service_id}"
    await watched.open(address)
    page = watched.page
    async with page.expect_navigation():
        await page.get_by_role("link", name="Change the terms").click()
    minutes = service.terms.minutes_per_session
    form = "ChangeServiceTerms"
    await fill(page, form, "terms.minutes_per_session", str(minutes + 10))
    await fill(page, form, "effective_on", "t+1")
    await send(page, form)
    await done(page)
    await watched.open(address)
    over_time = page.get_by_role("region", name="Terms over time")
    await expect(over_time).to_contain_text(f"Minutes per session {minutes} → {minutes + 10}")
    await expect(over_time.locator("tbody tr")).to_have_count(2)


async def test_services_end_from_the_iep(windows: Windows, children: Children) -> None:
    """A recorded service that the IEP lacks is ticked to end. One Enter ends it, with the typed last day."""
    student = children.id("relieved")
    history = children.histories["relieved"].commands
    given = next(step.message for step in history if isinstance(step.message, AddService))
    iep = next(step.message for step in history if isinstance(step.message, DraftIEP))
    extra = given.model_copy(
        update={
            "service_id": uuid4(),
            "iep_id": UUID(str(iep.iep_id)),
            "terms": given.terms.model_copy(update={"service_code": "REC"}),
        }
    )
    await send_command(children.api, OWN, extra, expect="accepted")
    watched = await windows.of("submitter")
    await watched.open(f"/students/{student}/services/from-iep")
    page = watched.page
    await expect(page.locator("main")).to_contain_text("Not on the IEP (1)")
    await expect(page.locator('main input[name="end"]')).to_be_checked()
    await page.locator('main input[name^="end_on."]').fill("t")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Record the services").click()
    await done(page)
    await watched.open(f"/students/{student}/services")
    await expect(page.get_by_role("region", name="Ended services")).to_contain_text("Recreation")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_a_row_is_removed(scripts: bool, windows: Windows, children: Children) -> None:
    """*Remove row* takes this row away and keeps what stands in the others. Nothing is sent."""
    watched = await windows.of("writer", scripts=scripts)
    await watched.open("/students/{red}/ieps/{red_iep_id}/forms/PRG".format(**children.facts()))
    page = watched.page
    rows = page.locator("main .rows").first.locator(".row")
    minutes = page.locator('main [name$=".minutes_per_session"]')
    await minutes.first.fill("31")
    async with page.expect_navigation():
        await page.locator('main [name="add_row"]').first.click()
    await expect(rows).to_have_count(2)
    await minutes.nth(1).fill("47")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Remove row 1").first.click()
    await expect(rows).to_have_count(1)
    await expect(minutes.first).to_have_value("47")
    await expect(page.locator("main #outcomes")).to_have_count(0)
