"""The page of a student's jurisdiction."""

import pytest
from playwright.async_api import Page, expect

from tests.console.browser.entering import enter, fill_all
from tests.console.browser.test_jobs import outcome
from tests.console.browser.windows import Windows
from tests.console.children import OWN, Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_the_wrong_school_is_corrected(windows: Windows, children: Children) -> None:
    """The form has the last stay. The owner chooses another school site; the first day remains."""
    watched = await windows.of("writer")
    address = f"/students/{children.id('claimed')}/jurisdiction"
    await watched.open(address)
    page = watched.page
    await page.get_by_text("Correct the last school stay").click()
    await fill_all(page, "CorrectSchoolTransfer", {"school": f"{OWN}002"})
    async with page.expect_navigation():
        await page.get_by_role("button", name="Correct the school stay").click()
    await outcome(page, "Correct school transfer: Done")
    await watched.open(address)
    spells = page.get_by_role("region", name="Spells")
    await expect(spells).to_contain_text(f"{OWN}002 since")
    await expect(spells).not_to_contain_text(f"{OWN}001 since")


async def test_a_claim_made_in_error_is_withdrawn(windows: Windows, children: Children) -> None:
    """The writer corrects the first day of the claim, then withdraws the claim. No LEA owns the student."""
    watched = await windows.of("writer")
    facts, page = children.facts(), watched.page
    address = f"/students/{facts['errant']}/claims/{facts['errant_claim_id']}"
    await watched.open(address)
    await page.get_by_text("Correct the claim").first.click()
    await fill_all(page, "CorrectClaim", {"begin_on": "t-1", "reason": "a typing error"})
    async with page.expect_navigation():
        await page.get_by_role("button", name="Correct the claim").click()
    await outcome(page, "Correct claim: Done")
    await watched.open(address)
    await expect(page.locator(".stages")).to_contain_text("a typing error")
    await page.get_by_text("Withdraw the claim").first.click()
    await fill_all(page, "WithdrawClaim", {"reason": "the wrong student"})
    async with page.expect_navigation():
        await page.get_by_role("button", name="Withdraw the claim").click()
    await outcome(page, "Withdraw claim: Done")
    await watched.open(address)
    await expect(page.locator(".stages")).to_contain_text("The claim was withdrawn")
    await expect(page.get_by_role("region", name="Student")).to_contain_text("no LEA yet")


async def test_a_blocked_claim_is_a_conversation(windows: Windows, children: Children) -> None:
    """The claimant writes and asks for help; the owner answers in time. The state office writes."""
    facts = children.facts()
    address = f"/students/{facts['blocked']}/claims/{facts['blocked_disputed_id']}"
    claimant, owner, state = [await windows.of(one) for one in ("writer", "other LEA", "state")]
    await claimant.open(address)
    await expect(claimant.page.locator("main")).to_contain_text("(10 business days)")
    await written(claimant.page, "When does speech end?")
    await owner.open("/")
    line = owner.page.get_by_role("listitem").filter(has_text="Trahan, Basile")
    await line.get_by_role("link", name="answer by").click()
    await expect(owner.page.locator(".stages")).to_contain_text("When does speech end?")
    await written(owner.page, "It ends on Friday.")
    await claimant.open(address)
    await expect(claimant.page.locator(".stages")).to_contain_text("It ends on Friday.")
    await expect(claimant.page.locator("main")).to_contain_text("answered on")
    await enter(claimant.page, "EscalateTransfer", {})
    await outcome(claimant.page, "Escalate transfer: Done")
    await state.open("/")
    await state.page.locator(f'main a[href="{address}"]').click()
    await written(state.page, "Please agree on a day.")
    await state.open(address)
    await expect(state.page.locator(".stages")).to_contain_text("Please agree on a day.")


async def written(page: Page, text: str) -> None:
    """Writes about the claim of the open page."""
    await enter(page, "WriteOnTransfer", {"text": text})
    await outcome(page, "Write on transfer: Done")
