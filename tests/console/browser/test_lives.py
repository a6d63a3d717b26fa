"""Whole lives through the screens: a student from eScholar to services, and a transfer between two LEAs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from playwright.async_api import expect

from console.fields import flat
from contracts.evaluations import (
    CompleteEvaluation,
    DetermineEligibility,
    RecordParentDecision,
    RequestEvaluation,
)
from contracts.forms import InstructionalPlan
from contracts.ieps import DraftIEP, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command
from contracts.provision import AddService
from contracts.students import AddStudent, SaveGuardian
from tests.console.browser.entering import DONE_WITHIN_MS, done, enter, fill_all
from tests.console.browser.watched import Watched
from tests.console.browser.windows import Windows
from tests.console.children import PLANNED, Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]


@pytest.mark.parametrize(("name", "scripts"), [("newcomer", True), ("plain", False)])
async def test_a_student_from_escholar_to_services(
    name: str, scripts: bool, windows: Windows, children: Children
) -> None:
    """Added from eScholar, evaluated, with an IEP submitted and a service: with scripts and without."""
    watched = await windows.of("submitter", scripts=scripts)
    life = Life(watched, children, name)
    await life.arrive()
    await life.evaluate()
    await life.draft()
    await life.make_official_and_submit()
    await life.serve()
    assert watched.quiet() == []
    names = {PLANNED[name].first, PLANNED[name].last}
    assert not [address for address in watched.addresses if any(one in address for one in names)]


class Life:
    """One student's history, entered on the screens instead of sent as messages."""

    def __init__(self, watched: Watched, children: Children, name: str) -> None:
        self._watched, self._page = watched, watched.page
        self._id = children.id(name)
        self._commands = [step.message for step in children.histories[name].commands]

    async def arrive(self) -> None:
        """Steps 1 to 3 of adding: found by State ID, checked, then added, claimed, with a guardian."""
        await self._watched.open("/students/new")
        await self._page.get_by_label("State ID", exact=True).fill(self._id)
        async with self._page.expect_navigation():
            await self._page.locator("main [data-send]").click()
        await expect(self._page.locator("main")).to_contain_text("is this the student?")
        values = {
            **flat(self._first(AddStudent)),
            **flat(self._first(ClaimJurisdiction)),
            **flat(self._first(SaveGuardian)),
        }
        await self._send("AddStudent", values)
        await done(self._page, 3)

    async def evaluate(self) -> None:
        """An initial evaluation in its four steps."""
        await self._open("/evaluations/new")
        await self._send("RequestEvaluation", flat(self._first(RequestEvaluation)))
        await done(self._page)
        await self._send("RecordParentDecision", flat(self._first(RecordParentDecision)))
        await done(self._page)
        late = await self._page.locator('input[name="form"][value="CompleteLateEvaluation"]').count()
        complete = "CompleteLateEvaluation" if late else "CompleteEvaluation"
        await self._send(complete, flat(self._first(CompleteEvaluation)))
        await done(self._page)
        await self._send("DetermineEligibility", flat(self._first(DetermineEligibility)))
        await done(self._page)

    async def draft(self) -> None:
        """An IEP, form by form."""
        await self._open("/ieps/new")
        draft = self._first(DraftIEP)
        assert isinstance(draft, DraftIEP)
        await self._send("DraftIEP", {key: one for key, one in flat(draft).items() if "forms" not in key})
        await done(self._page)
        self._iep = self._page.url.partition("?")[0].rpartition("/")[2]
        for form in draft.forms:
            await self._open(f"/ieps/{UUID(self._iep)}/forms/{form.form}")
            await self._send(f"Save{form.form}", flat({"forms": {"0": form}}))
            await done(self._page)
            if isinstance(form, InstructionalPlan):
                assert urlencode({"area": form.area}).replace("+", "%20") in self._page.url

    async def make_official_and_submit(self) -> None:
        """Signed, then submitted."""
        await self._open(f"/ieps/{self._iep}")
        await self._send("MakeIEPOfficial", flat(self._first(MakeIEPOfficial)))
        await done(self._page)
        await self._send("SubmitIEP", flat(self._first(SubmitIEP)))
        await done(self._page)
        await expect(self._page.locator("main")).to_contain_text("The IEP is submitted.")

    async def serve(self) -> None:
        """A service of the IEP."""
        await self._open("/services/new")
        await self._send("AddService", flat(self._first(AddService)))
        await done(self._page)
        await self._open("/services")
        await expect(self._page.locator("main table").first).to_be_visible()

    def _first(self, command: type[Command]) -> Any:
        return next(one for one in self._commands if isinstance(one, command))

    async def _open(self, section: str) -> None:
        await self._watched.open(f"/students/{self._id}{section}")

    async def _send(self, form: str, values: Mapping[str, str]) -> None:
        await enter(self._page, form, values)


async def test_a_transfer_between_two_leas(windows: Windows, children: Children) -> None:
    """The new LEA claims; the old one sees it, lets the student go; the new one claims again."""
    new, old = await windows.of("coordinator"), await windows.of("other LEA")
    student = children.id("parting")
    await new.open(f"/students/{student}/claim")
    await fill_all(new.page, "ClaimJurisdiction", {"begin_on": "t", "school": "017001"})
    async with new.page.expect_navigation():
        await new.page.locator("main [data-send]").click()
    await expect(new.page.locator("main")).to_contain_text("JUR-004")

    await old.open("/")
    letting_go = old.page.get_by_role("link", name="Let go: Parenton, Pauline")
    await expect(letting_go).to_be_visible()
    async with old.page.expect_navigation():
        await letting_go.click()
    boxes = old.page.locator('main input[name="service_id"]')
    for number in range(await boxes.count()):
        await boxes.nth(number).check()
    await fill_all(old.page, "TerminateService", {"end_on": "t-1", "reason": "TRANSFER"})
    async with old.page.expect_navigation():
        await old.page.locator('form:has(input[value="TerminateService"]) [data-send]').click()
    await expect(old.page.locator("#outcomes .panel.done").first).to_be_visible(timeout=DONE_WITHIN_MS)

    await new.open("/")
    again = new.page.locator(f'main a[href="/students/{student}/claim"]')
    await expect(again.first).to_be_visible()
    async with new.page.expect_navigation():
        await again.first.click()
    await fill_all(new.page, "ClaimJurisdiction", {"begin_on": "t", "school": "017001"})
    async with new.page.expect_navigation():
        await new.page.locator("main [data-send]").click()
    await done(new.page)
    await new.open(f"/students/{student}")
    await old.open(f"/students/{student}", 200)
    assert new.quiet() == []
