"""The State ID of a student as secure ID managers change it: one proposes, a second one approves."""

import pytest
from playwright.async_api import expect

from contracts.roles import STATE
from contracts.state_ids import ApproveStateId
from deploy.demo.api_client import Tokens
from tests.console.browser.cases import fill
from tests.console.browser.cases import send as press
from tests.console.browser.entering import done
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children, send
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_student_bears_another_state_id(
    windows: Windows, children: Children, system: ConsoleSystem
) -> None:
    """A line that differs is marked. The proposer cannot approve; a second manager does; the list says so."""
    single, right = children.id("single"), children.id("right")
    watched = await windows.of("secure id")
    page, main = watched.page, watched.page.locator("main")

    await watched.open(f"/state-ids?one={single}")
    await page.get_by_label("The other State ID").fill(right)
    async with page.expect_navigation():
        await page.get_by_role("button", name="Compare").click()
    await expect(main.locator("tr", has_text="Last name")).to_contain_text("differs")
    await expect(main.locator("tr", has_text="First name")).to_contain_text("the same")
    await fill(page, "ModifyStateId", "reason", "The registrar typed the wrong number")
    await press(page, "ModifyStateId")
    await done(page)
    await expect(main).to_contain_text("You proposed it: a second Secure ID manager approves it.")
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    await watched.open("/")
    await expect(page.get_by_role("link", name=single)).to_be_visible()
    token = Tokens(system.local.issuer).secure_id_manager(STATE, "a.second.manager")
    await send(children.api, OWN, ApproveStateId(student_id=single), expect="accepted", token=token)

    await watched.open("/identity-changes")
    await expect(main).to_contain_text(f"was merged into {right}")
    await watched.open(f"/state-ids/{single}/{right}")
    await expect(main).to_contain_text(f"The student of {single} bears {right}.")


async def test_records_go_to_the_other_person(windows: Windows, children: Children) -> None:
    """After a split a manager ticks what is the other person's; it stands under the other State ID then."""
    shared, share = (children.id(name) for name in ("split", "splinter"))
    watched = await windows.of("secure id")
    page = watched.page

    await watched.open(f"/state-ids/{shared}/{share}")
    async with page.expect_navigation():
        await page.get_by_role("link", name=f"records under {shared}").click()
    guardian = page.get_by_role("checkbox", name="Parent or guardian").first
    name = await guardian.get_attribute("aria-label")
    assert name
    await guardian.check()
    await press(page, "AssignRecords")
    await done(page)
    await expect(page.get_by_role("checkbox", name=name)).to_have_count(0)
    await expect(page.get_by_role("checkbox", name="Jurisdiction")).to_have_count(1)
    async with page.expect_navigation():
        await page.get_by_role("link", name=f"Records under {share}").click()
    await expect(page.get_by_role("checkbox", name=name)).to_have_count(1)
