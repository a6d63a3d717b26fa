"""One student's twelve years in special education, entered on the screens: every kind of evaluation, every
form of an IEP, an exit and a return, and graduation."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from playwright.async_api import expect

from console.fields import flat
from contracts.activities import ExitSpecialEducation
from contracts.calendars import ExtensionKind
from contracts.codes import EnvironmentCode
from contracts.evaluations import (
    BeginReevaluation,
    CompleteEvaluation,
    DetermineEligibility,
    Exceptionality,
    ExtendEvaluation,
    ParentDecision,
    RecordParentDecision,
    RecordTriennialWaiver,
    ReevaluationReason,
    RequestEvaluation,
)
from contracts.forms import (
    AmendmentForm,
    ContactMethod,
    DiplomaPathway,
    Form,
    FormCode,
    GiftedTalented,
    Graduation,
    Placement,
    SiteDetermination,
)
from contracts.ieps import AmendIEP, DraftIEP, IEPType, MakeIEPOfficial, PlanKind, SubmitIEP
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command
from contracts.provision import RecordFirstSession
from contracts.students import AddStudent, GuardianDetails, Profile
from deploy.demo.dates import HistoryDates
from deploy.demo.programs import PROGRAMS, forms_of
from tests.console.browser.entering import done, enter, fill_all
from tests.console.browser.watched import Watched
from tests.console.browser.windows import Windows
from tests.console.children import OWN, PLANNED, Children
from tests.console.running import ConsoleSystem, screens_folder

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

NAME = "lasting"
BORN = PLANNED[NAME].born
SCHOOL = f"{OWN}001"
_YEARLY = frozenset({"ESY", "PRG", "SIG"})
"""The forms that a review fills in anew. The others begin as last year's."""


async def test_twelve_years_of_a_student(system: ConsoleSystem, windows: Windows, children: Children) -> None:
    """From the first grade to graduation. Each step is accepted, and the screens tell the whole story.

    The test opens more pages in a minute than a person may, so the console starts again in between.
    """
    watched = await windows.of("submitter")
    years = Years(watched, children.id(NAME))

    system.rest()
    await years.arrive(date(2014, 8, 11))
    await years.evaluate()
    first = await years.plan(IEPType.INITIAL, date(2015, 1, 8), date(2015, 1, 12), "RC79TO40", [SITE])
    await years.prints(first)
    await years.serve(first_session=date(2015, 1, 13))
    await years.amend(first, date(2015, 10, 5))
    await years.review(date(2016, 1, 6), "RC80")
    system.rest()
    await years.waive(date(2017, 12, 8))
    await years.review(date(2018, 1, 4), "RC80", gain=(FormCode.ACC, FormCode.ALT))
    await years.leave(date(2018, 8, 13), "MVO")
    system.rest()
    await years.plan(IEPType.INITIAL, date(2018, 8, 13), date(2018, 8, 13), "RC80")
    system.rest()
    await years.evaluate_again(date(2020, 9, 14), date(2020, 11, 20), "AUT", "GFT")
    await years.plan(
        IEPType.REVIEW,
        date(2021, 8, 12),
        date(2021, 8, 16),
        "PPPS",
        [GIFTED],
        kind=PlanKind.SERVICES_PLAN,
        program="AUT",
    )
    system.rest()
    await years.waive(date(2023, 11, 17))
    await years.plan(
        IEPType.REVIEW, date(2025, 8, 7), date(2025, 8, 11), "RC80", [DIPLOMA, GIFTED], program="AUT"
    )
    await years.serve(first_session=date(2025, 8, 12))
    await years.leave(date(2026, 5, 22), "GRD")

    system.rest()
    await years.tells("/evaluations", "Initial", "Re-evaluation", "Triennial waiver")
    await years.tells("/ieps", "Initial, amendment 1", "Review", "services plan")
    await years.tells(
        "/sped-activity", "Moved out of the state", "Graduated with a regular high school diploma"
    )
    await years.tells("/why?as_of=2025-10-01", "Autism")
    assert watched.quiet() == []
    entered = {code for form in years.entered for code in [form.form]}
    assert entered | {"AMD"} == {str(code) for code in FormCode}


SITE = SiteDetermination(
    school=f"{OWN}002", reason="The home school has no such class.", transportation=False
)
GIFTED = GiftedTalented(
    areas=("mathematics",),
    strengths="Solves problems two grades ahead.",
    services="An hour a week with the gifted class.",
    goals=("Completes a project of research.",),
)
DIPLOMA = Graduation(
    diploma_pathway=DiplomaPathway.CAREER,
    expected_on=date(2026, 5, 22),
    adjustments=("Two applied courses in place of electives.",),
    reason="The plan for work after school.",
)


class Years:
    """The student's years, entered on the screens one after the other."""

    def __init__(self, watched: Watched, student_id: str) -> None:
        self._watched, self._page, self._id = watched, watched.page, student_id
        self.entered: list[Form] = []

    async def arrive(self, on: date) -> None:
        """Added from eScholar, claimed, with a guardian."""
        await self._watched.open("/students/new")
        await self._page.get_by_label("State ID", exact=True).fill(self._id)
        async with self._page.expect_navigation():
            await self._page.locator("main [data-send]").click()
        added = AddStudent(student_id=self._id, profile=Profile(grade="01"))
        claimed = ClaimJurisdiction(student_id=self._id, begin_on=on, school=SCHOOL)
        guardian = GuardianDetails(first_name="Odette", last_name="Hotard", relationship="mother")
        await enter(
            self._page, "AddStudent", {**flat(added), **flat(claimed), **flat({"guardian": guardian})}
        )
        await done(self._page, 3)

    async def evaluate(self) -> None:
        """The initial evaluation, extended once."""
        await self._open("/evaluations/new")
        await self._send(
            RequestEvaluation,
            referred_on=date(2014, 8, 28),
            received_by_appraisal_on=date(2014, 8, 29),
            permission_requested_on=date(2014, 9, 4),
            coordinator_id="A-0113",
        )
        await self._send(
            RecordParentDecision, decision=ParentDecision.CONSENTED, decided_on=date(2014, 9, 11)
        )
        await self._page.get_by_text("Extend", exact=True).click()
        await self._send(
            ExtendEvaluation,
            extension=ExtensionKind.PARENT_AGREED,
            business_days=10,
            approved_on=date(2014, 11, 20),
        )
        await self._report(date(2014, 12, 12))
        await self._determine(date(2014, 12, 15), "MD")

    async def evaluate_again(self, begun_on: date, reported_on: date, *codes: str) -> None:
        """A re-evaluation, which finds other exceptionalities."""
        await self._open("/evaluations/reevaluation")
        await self._send(BeginReevaluation, reason=ReevaluationReason.THREE_YEARS, begun_on=begun_on)
        await self._report(reported_on)
        await self._determine(reported_on, *codes)

    async def waive(self, on: date) -> None:
        """The parent agrees that no re-evaluation is needed."""
        await self._open("/evaluations/waiver")
        await self._send(RecordTriennialWaiver, parent_signed_on=on)

    async def plan(
        self,
        iep_type: IEPType,
        met_on: date,
        begins_on: date,
        environment: EnvironmentCode,
        more: Sequence[Form] = (),
        *,
        kind: PlanKind = PlanKind.IEP,
        program: str = "MD",
    ) -> str:
        """An IEP with all its forms, made official and submitted. Returns its id."""
        forms = [*_forms(program, environment, met_on, begins_on), *more]
        return await self._plan(iep_type, met_on, begins_on, forms, kind=kind, copies="")

    async def review(self, met_on: date, environment: EnvironmentCode, gain: Sequence[FormCode] = ()) -> None:
        """A review that begins with last year's forms. It fills in those of the year, and what it gains."""
        begins_on = met_on + timedelta(days=4)
        anew = _YEARLY | set(map(str, gain)) | {"LRE"}
        forms = [form for form in _forms("MD", environment, met_on, begins_on) if form.form in anew]
        await self._plan(IEPType.REVIEW, met_on, begins_on, forms)

    async def _plan(
        self,
        iep_type: IEPType,
        met_on: date,
        begins_on: date,
        forms: Iterable[Form],
        *,
        kind: PlanKind = PlanKind.IEP,
        **copied: str,
    ) -> str:
        await self._open("/ieps/new")
        await self._send(
            DraftIEP, iep_type=iep_type, plan_kind=kind, meeting_on=met_on, begin_on=begins_on, **copied
        )
        iep = self._newest_id()
        await self._save(iep, forms)
        await self._finish(iep, met_on)
        return iep

    async def amend(self, iep: str, on: date) -> None:
        """An amendment moves the student into the regular class for more of the day."""
        await self._open(f"/ieps/{iep}/amend")
        amendment = AmendmentForm(
            informed_on=on - timedelta(days=3),
            contact_method=ContactMethod.TELEPHONE,
            explanation="The student now learns in the regular class for most of the day.",
        )
        await self._send(AmendIEP, begin_on=on, amendment=amendment)
        amended = self._newest_id()
        placement = Placement(
            environment="RC80",
            percent_in_regular_class=85,
            justification="Small groups of an hour a day are enough.",
            at_home_school=False,
        )
        await self._save(amended, [placement])
        await self._open(f"/ieps/{amended}/changes")
        await expect(self._page.locator("main")).to_contain_text("85")
        await self._finish(amended, on)

    async def serve(self, first_session: date) -> None:
        """The services of the IEP in one step, and the day of the first session."""
        await self._open("/services/from-iep")
        rows = await self._page.locator('main input[name="add"]').count()
        assert rows
        async with self._page.expect_navigation():
            await self._page.get_by_role("button", name="Record the services").click()
        await done(self._page)
        await self.tells("/services/from-iep", f"On the IEP and recorded ({rows})")
        await self._open("/services")
        async with self._page.expect_navigation():
            await self._page.locator("main table a").first.click()
        await self._send(RecordFirstSession, given_on=first_session)

    async def leave(self, on: date, reason: str) -> None:
        """The exit from special education."""
        await self._open("/sped-activity")
        await self._send(ExitSpecialEducation, exited_on=on, reason=reason)

    async def prints(self, iep: str) -> None:
        """The whole IEP has a page for the printer: each form under a heading, and no controls."""
        await self._open(f"/ieps/{iep}/print")
        headings = self._page.locator("main .sheet-of-iep h2")
        names = await headings.all_inner_texts()
        assert len(names) == len({(form.form, getattr(form, "area", "")) for form in self.entered})
        assert names[-1] == "Signatures"
        await self._page.emulate_media(media="print")
        await expect(self._page.locator("nav.sections")).to_be_hidden()
        await self._page.pdf(path=screens_folder() / "iep.pdf", format="Letter", prefer_css_page_size=True)
        await self._page.emulate_media(media="screen")

    async def tells(self, section: str, *words: str) -> None:
        """The page has these words."""
        await self._open(section)
        for each in words:
            await expect(self._page.locator("main")).to_contain_text(each)

    async def _report(self, on: date) -> None:
        late = await self._page.locator('input[name="form"][value="CompleteLateEvaluation"]').count()
        form = "CompleteLateEvaluation" if late else CompleteEvaluation.__name__
        await enter(self._page, form, {"report_disseminated_on": str(on)})
        await done(self._page)

    async def _determine(self, on: date, *codes: str) -> None:
        found = tuple(Exceptionality(code=code, primary=code == codes[0]) for code in codes)
        await self._send(DetermineEligibility, determined_on=on, exceptionalities=found)

    async def _save(self, iep: str, forms: Iterable[Form]) -> None:
        for form in forms:
            await self._open(f"/ieps/{iep}/forms/{form.form}")
            await enter(self._page, f"Save{form.form}", flat({"forms": {"0": form}}))
            await done(self._page)
            self.entered.append(form)

    async def _finish(self, iep: str, signed_on: date) -> None:
        await self._open(f"/ieps/{iep}")
        await self._send(MakeIEPOfficial, signed_on=signed_on)
        await self._send(SubmitIEP)
        await expect(self._page.locator("main")).to_contain_text("The IEP is submitted.")

    async def _send(self, command: type[Command], **values: Any) -> None:
        await fill_all(self._page, command.__name__, flat(values))
        await enter(self._page, command.__name__, {})
        await done(self._page)

    def _newest_id(self) -> str:
        """The id of the record whose page is shown."""
        address: str = self._page.url
        return address.partition("?")[0].rpartition("/")[2]

    async def _open(self, section: str) -> None:
        await self._watched.open(f"/students/{self._id}{section}")


def _forms(program: str, environment: EnvironmentCode, met_on: date, begins_on: date) -> Sequence[Form]:
    """The forms of the demonstration for a disability. A student may be eligible for the summer."""
    assert BORN is not None
    dates = HistoryDates(met_on, met_on, met_on, met_on, met_on, met_on, met_on, begins_on)
    found = PROGRAMS[program]
    draw = Random(4)
    return forms_of(found, found.services, environment, BORN, dates, draw)
