"""What a person sees when a part of SER is away, and that nothing happens twice or is lost."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from contracts.catalog import SERVICES
from contracts.students import GuardianDetails, SaveGuardian
from tests.console.browser.cases import fill, send
from tests.console.browser.checks import whole
from tests.console.browser.watched import picture
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children
from tests.console.children import send as send_directly
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def repaired(system: ConsoleSystem) -> AsyncIterator[None]:
    """Whatever a test stops runs again after it."""
    yield
    for component in system.components.values():
        component.process.resume()
    system.repair()


PARTS = {
    "students": "/students/{served}",
    "jurisdiction": "/students/{served}/jurisdiction",
    "ieps": "/students/{served}",
    "provision": "/students/{served}",
    "reporting": "/students/{served}/history",
}
"""A page that shows something of each service."""


@pytest.mark.parametrize("service", SERVICES)
async def test_a_page_stands_without_a_service(
    service: str, windows: Windows, children: Children, system: ConsoleSystem
) -> None:
    """The part of a service that is away says so and what to do; the rest of the page is there."""
    system.components[service].process.pause()
    watched = await windows.of("coordinator")
    await watched.open(PARTS[service].format(**children.facts()))
    away = watched.page.locator("main .away")
    await expect(away.first).to_contain_text("cannot be shown")
    await expect(away.first).to_contain_text("CON-001")
    assert await whole(watched) == []
    await picture(watched, "without", service)
    await watched.open("/")
    await watched.open("/status")
    assert await whole(watched) == []


async def test_a_killed_service_is_like_a_silent_one(
    windows: Windows, children: Children, system: ConsoleSystem
) -> None:
    """A killed service refuses connections; the page says the same."""
    system.kill("provision")
    watched = await windows.of("coordinator")
    await watched.open(f"/students/{children.id('served')}/services")
    await expect(watched.page.locator("main .away")).to_contain_text("cannot be shown")
    assert await whole(watched) == []


async def test_a_form_survives_kafka(windows: Windows, children: Children, system: ConsoleSystem) -> None:
    """Kafka is away: the form says to send it again; sent again as it is, it happens once."""
    watched = await windows.of("writer")
    page, name = watched.page, f"Kafka{uuid4().hex[:6]}"
    await guardian_form(watched.page, watched.console, children, name)
    before = await page.locator('input[name="command_id"]').first.input_value()
    system.components["kafka"].process.pause()
    await send(page, "SaveGuardian")
    alert = page.locator('main [role="alert"]')
    await expect(alert).to_contain_text("again")
    assert watched.quiet(503) == []
    assert await page.locator('input[name="command_id"]').first.input_value() == before
    assert await page.locator('[name="guardian.last_name"]').input_value() == name
    system.components["kafka"].process.resume()
    await send(page, "SaveGuardian")
    await expect(page.get_by_role("heading", name="Save guardian: Done")).to_be_visible(timeout=60_000)
    await page.reload()
    await expect(page.locator("table").get_by_text(name)).to_have_count(1)


async def test_a_form_survives_the_console(
    windows: Windows, children: Children, system: ConsoleSystem
) -> None:
    """The console is killed while somebody types: the sign-in holds, the text is there, it happens once."""
    watched = await windows.of("writer")
    page, name = watched.page, f"Console{uuid4().hex[:6]}"
    await guardian_form(page, watched.console, children, name)
    system.kill("console")
    system.repair()
    await send(page, "SaveGuardian")
    await expect(page.get_by_role("heading", name="Save guardian: Done")).to_be_visible(timeout=30_000)
    await expect(page.locator("table").get_by_text(name)).to_have_count(1)


async def test_a_waiting_command_is_done_by_itself(windows: Windows, children: Children) -> None:
    """The panel says *Waiting*; when the missing fact comes it says *Done*, and the live region does, too."""
    watched = await windows.of("writer")
    page = watched.page
    await watched.open(f"/students/{children.id('early')}/evaluations/new")
    await fill(page, "RequestEvaluation", "permission_requested_on", "t")
    await send(page, "RequestEvaluation")
    panel = page.locator("#outcomes .panel")
    await expect(panel).to_have_class("panel waiting", timeout=30_000)
    assert await whole(watched) == []
    guardian = GuardianDetails(first_name="Ada", last_name="Fontenot")
    saved = SaveGuardian(student_id=children.id("early"), guardian_id=uuid4(), guardian=guardian)
    await send_directly(children.api, OWN, saved, expect="accepted")
    await expect(panel).to_have_class("panel done", timeout=60_000)
    await expect(page.locator("#live")).to_contain_text("Done")
    assert await whole(watched) == []


async def guardian_form(page: Page, console: str, children: Children, name: str) -> None:
    """Opens the form of a new guardian and types a name."""
    await page.goto(f"{console}/students/{children.id('guarded')}/guardians")
    await fill(page, "SaveGuardian", "guardian.first_name", "Ada")
    await fill(page, "SaveGuardian", "guardian.last_name", name)
