"""Providers, a service's terms, and services that the IEP lacks, as people record them."""

from uuid import UUID, uuid4

import pytest
from playwright.async_api import Page, expect

from contracts.ieps import DraftIEP
from contracts.provision import AddService
from tests.console.browser.cases import fill, send
from tests.console.browser.entering import done, enter
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children, therapist
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


async def test_a_caseload_passes_to_another_provider(windows: Windows, children: Children) -> None:
    """All services of a provider are ticked. A day too early is refused for each; tried again, they pass."""
    history = children.histories["handed"].commands
    given = next(step.message for step in history if isinstance(step.message, AddService))
    for number in ("T-7001", "T-7002"):
        await send_command(children.api, OWN, therapist(number), expect="accepted")
    for code in ("COU", "SWK"):
        people = {"provider_id": "T-7001", "teacher_of_record": "T-7002"}
        terms = given.terms.model_copy(update={"service_code": code} | people)
        extra = given.model_copy(update={"service_id": uuid4(), "terms": terms})
        await send_command(children.api, OWN, extra, expect="accepted")
    watched = await windows.of("writer")
    await watched.open("/tools/reassign")
    page, form = watched.page, "ReassignServices"
    await page.get_by_label("Provider who leaves").fill("T-7001")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Show the services").click()
    await expect(page.locator("main")).to_contain_text("2 services of 1 students")
    ticks = page.locator('main input[name="service_ids"]')
    await ticks.first.uncheck()
    await ticks.last.uncheck()
    await fill(page, form, "provider_id", "T-7002")
    await fill(page, form, "from_on", "1/4/2012")
    await send(page, form)
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is chosen.")
    await ticks.first.check()
    await ticks.last.check()
    await _sent(page, "0 of 2 done, 2 refused, 0 waiting.")
    await expect(page.get_by_role("region", name="Verdicts")).to_contain_text("PRO-029")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Try the refused ones again").click()
    await fill(page, form, "provider_id", "T-7002")
    await fill(page, form, "from_on", "t")
    await _sent(page, "2 of 2 done, 0 refused, 0 waiting.")
    async with page.expect_navigation():
        await page.get_by_role("link", name="Caseload of provider T-7002").click()
    await expect(page.get_by_role("region", name="Caseload")).to_contain_text("Counseling")
    await expect(page.get_by_role("region", name="Teacher of record")).to_contain_text("Counseling")


async def test_several_sessions_at_once(windows: Windows, children: Children) -> None:
    """A teacher enters three sessions on one page. The one without a reason stays open; then it is missed."""
    history = children.histories["handed"].commands
    given = next(step.message for step in history if isinstance(step.message, AddService))
    await send_command(children.api, OWN, therapist("T-7003"), expect="accepted")
    by = given.terms.model_copy(update={"service_code": "REC", "provider_id": "T-7003"})
    extra = given.model_copy(update={"service_id": uuid4(), "terms": by})
    await send_command(children.api, OWN, extra, expect="accepted")
    watched = await windows.of("writer")
    await watched.open(f"/students/{given.student_id}/services/delivered")
    page, form = watched.page, "RecordSessions"
    rows = [
        {"service_id": str(extra.service_id), "given_on": "t", "start_time": start} | more
        for start, more in (
            ("08:00", {"minutes": "20"}),
            ("09:00", {}),
            ("10:00", {"session_kind": "missed"}),
        )
    ]
    values = {f"sessions.{n}.{name}": text for n, row in enumerate(rows) for name, text in row.items()}
    await enter(page, form, values)
    await expect(page.locator("#outcomes .panel.done")).to_have_count(2)
    reason = page.locator('[name="sessions.0.missed_because"]')
    await expect(reason).to_have_attribute("aria-invalid", "true")
    await expect(page.locator('[name="sessions.0.start_time"]')).to_have_value("10:00")
    await enter(page, form, {"sessions.0.missed_because": "provider absent"})
    await done(page)
    sessions = page.get_by_role("region", name="Sessions")
    await expect(sessions.locator("tbody tr")).to_have_count(3)
    minutes = page.get_by_role("region", name="Minutes by service and month")
    await expect(minutes).to_contain_text("provider absent: 1")
    async with page.expect_navigation():
        await sessions.get_by_role("link").last.click()
    await fill(page, "CorrectSession", "minutes", "25")
    await send(page, "CorrectSession")
    await done(page)
    await expect(sessions).to_contain_text("25")
    async with page.expect_navigation():
        await sessions.get_by_role("link").last.click()
    await send(page, "RemoveSession")
    await done(page)
    await expect(sessions.locator("tbody tr")).to_have_count(2)


async def _sent(page: Page, progress: str) -> None:
    """Sends the ticked services, and waits until all verdicts are there."""
    async with page.expect_navigation():
        await page.get_by_role("button", name="Reassign the ticked services").click()
    await expect(page.locator("#progress")).to_contain_text(progress, timeout=60_000)


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
