"""The table of screens: each route, the states that it can show, and who looks at it.

A case is one line: the route, an address, a name for the state. `{served}` in an address is the State ID of
the student whom `children.PLANNED` calls so; `{served_iep_id}` is that student's IEP.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Page, expect

from console.words import FORMS
from tests.console.browser.watched import Watched
from tests.console.children import PROVIDER, SUBSTITUTE
from tests.console.people import EVERYBODY
from tests.integration.running import until

Act = Callable[[Watched], Awaitable[None]]
"""What a person does on the page before it is checked."""

_SOME = ("coordinator",)
_OWN_ONLY = {"other LEA": 403}
_OTHER_ONLY = {name: 403 for name in EVERYBODY if name not in ("other LEA", "state", "auditor")}
_NO_WRITER = dict.fromkeys(("reader", "secure id", "state", "auditor"), 403)
_NO_DECISION = dict.fromkeys(("writer", "submitter", "reader", "secure id", "auditor"), 403)
_STATE_FIRST = ("state", *(name for name in EVERYBODY if name != "state"))
_STATE_ONLY = {name: 403 for name in EVERYBODY if name != "state"}
_NO_LOG = dict.fromkeys(("writer", "submitter", "reader", "secure id", "other LEA"), 403)


@dataclass(frozen=True)
class Case:
    """One screen in one state.

    `people`: who looks; everybody, or for a state the coordinator alone. `statuses`: who gets another status
    than `status`. `forms`: the forms that `sender` sends from here. `act`: what happens before the checks.
    """

    route: str
    address: str
    state: str = "normal"
    people: Sequence[str] = ()
    status: int = 200
    statuses: Mapping[str, int] = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    sender: str = "submitter"
    act: Act | None = None

    @property
    def who(self) -> Sequence[str]:
        """Everybody for the usual state of a route, else the coordinator, unless people are named."""
        return self.people or (EVERYBODY if self.state == "normal" else _SOME)

    def status_for(self, person: str) -> int:
        """The status that a person gets."""
        return self.statuses.get(person, self.status)

    def __str__(self) -> str:
        return f"{self.route} {self.state}"


def searched(text: str) -> Act:
    """Sends the search form."""

    async def act(watched: Watched) -> None:
        await watched.page.get_by_label("Name or State ID", exact=True).fill(text)
        async with watched.page.expect_navigation():
            await watched.page.get_by_role("button", name="Search").click()

    return act


def alike(first: str, last: str, shown: str) -> Act:
    """Looks for a person of eScholar by name, with the birth date of the person on the page, if any."""

    async def act(watched: Watched) -> None:
        page = watched.page
        born = page.locator(".facts div").filter(has_text="Born").locator("dd")
        day = await born.inner_text() if await born.count() else ""
        await watched.open("/students/new")
        for label, value in (("First name", first), ("Last name", last), ("Birth date", day)):
            await page.get_by_label(label).fill(value)
        async with page.expect_navigation():
            await page.get_by_role("button", name="Look for candidates").click()
        await expect(page.locator("main")).to_contain_text(shown)

    return act


def typed_search(text: str) -> Act:
    """Types into the search field and waits for what comes by itself."""

    async def act(watched: Watched) -> None:
        await watched.page.get_by_label("Name or State ID", exact=True).press_sequentially(text)
        await expect(watched.page.locator("#results").get_by_role("table")).to_be_visible()

    return act


def sent(form: str, **values: str) -> Act:
    """Fills in a form and sends it. `a__b` stands for the field `a.b`."""

    async def act(watched: Watched) -> None:
        for name, value in values.items():
            await fill(watched.page, form, name.replace("__", "."), value)
        await send(watched.page, form)

    return act


def opened(link: str) -> Act:
    """Follows the first link with this name."""

    async def act(watched: Watched) -> None:
        async with watched.page.expect_navigation():
            await watched.page.get_by_role("link", name=link).first.click()

    return act


async def ran(watched: Watched) -> None:
    """Runs the report on the page, and waits until it is done."""
    async with watched.page.expect_navigation():
        await watched.page.get_by_role("button", name="Run").click()
    await expect(watched.page.locator("main")).to_contain_text("SHA-256", timeout=120_000)


def looked(form: str, **values: str) -> Act:
    """Fills in a form and looks at what it would do. Nothing is sent."""

    async def act(watched: Watched) -> None:
        for name, value in values.items():
            await fill(watched.page, form, name.replace("__", "."), value)
        async with watched.page.expect_navigation():
            await watched.page.locator("main [data-send]").click()
        await expect(watched.page.locator("main .panel")).to_contain_text("Nothing is published yet.")

    return act


def listed(name: str) -> Act:
    """Waits until a list of the page has the name. A service may not have heard of it yet."""

    async def act(watched: Watched) -> None:
        found = watched.page.get_by_role("link", name=name)

        async def there() -> bool | None:
            if await found.count():
                return True
            await watched.page.reload()
            return None

        await until(there, name)

    return act


def unfolded(summary: str) -> Act:
    """Opens the first part of the page with this name. Reporting may not have heard of it yet."""

    async def act(watched: Watched) -> None:
        found = watched.page.get_by_text(summary)

        async def there() -> bool | None:
            if await found.count():
                return True
            await watched.page.reload()
            return None

        await until(there, summary)
        await found.first.click()

    return act


async def reassigned(watched: Watched) -> None:
    """Sends a reassignment from a day long ago, which SER refuses, so that nothing changes."""
    form, page = "ReassignServices", watched.page
    await fill(page, form, "provider_id", SUBSTITUTE)
    await fill(page, form, "from_on", "1/4/2012")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Reassign the ticked services").click()
    await expect(page.locator("#progress")).to_contain_text("0 waiting")


def first_row(watched: Watched) -> Awaitable[None]:
    """Opens the first row of a list."""
    return _follow(watched, "[data-rows] a")


def after(*acts: Act) -> Act:
    """One after the other."""

    async def act(watched: Watched) -> None:
        for one in acts:
            await one(watched)

    return act


def going(address: str) -> Act:
    """Opens another page of the console."""

    async def act(watched: Watched) -> None:
        await watched.page.goto(watched.console + address)

    return act


async def fill(page: Page, form: str, name: str, value: str) -> None:
    """Types into a field of a form, or chooses there."""
    await unfold(page, form)
    found = page.locator(f'form:has(input[name="form"][value="{form}"]) [name="{name}"]').first
    if await found.evaluate("one => one.localName") == "select":
        await found.select_option(value) if value else await found.select_option(index=1)
    else:
        await found.fill(value)


async def send(page: Page, form: str) -> None:
    """Presses the button of a form; returns when the answer is there: findings, or an outcome."""
    await unfold(page, form)
    button = page.locator(f'form:has(input[name="form"][value="{form}"]) [data-send]').first
    async with page.expect_navigation():
        await button.click()
    await expect(page.locator('main [role="alert"], main #outcomes .panel').first).to_be_visible()


async def unfold(page: Page, form: str) -> None:
    """Opens a form that is folded away."""
    found = page.locator(f'form:has(input[name="form"][value="{form}"])').first
    await found.evaluate("one => one.closest('details')?.setAttribute('open', '')")


async def _follow(watched: Watched, selector: str) -> None:
    async with watched.page.expect_navigation():
        await watched.page.locator(selector).first.click()


_S = "/students/{student_id}"
_IEP = _S + "/ieps/{iep_id}"
_GUARDIAN = {"guardian__first_name": "Ada", "guardian__last_name": "Fontenot"}


CASES: tuple[Case, ...] = (
    Case("/", "/"),
    Case("/", "/", "nothing due", people=("other LEA",)),
    Case("/", "/", "birth date corrected", act=listed("Sonnier, Mathurin")),
    Case("/due", "/due"),
    Case("/due", "/due?lea=017&days=365", "of an LEA", people=("state",)),
    Case("/due", "/due", "explained", act=unfolded("Why this day")),
    Case("/due", "/due?kind=IEP+review&days=365", "of one kind"),
    Case("/state-ids", "/state-ids", people=("secure id",), act=listed("0900000")),
    Case("/state-ids", "/state-ids", "not allowed", people=("coordinator", "reader"), status=403),
    Case("/state-ids", "/state-ids?one=12&other=", "refused", people=("secure id",)),
    Case(
        "/state-ids/{one}/{other}",
        "/state-ids/{doubled}/{double}",
        people=("secure id",),
        forms=("ModifyStateId",),
        sender="secure id",
    ),
    Case(
        "/state-ids/{one}/{other}",
        "/state-ids/{paired}/{pair}",
        "waiting",
        people=("secure id",),
        forms=("DeclineStateId", "ApproveStateId"),
        sender="secure id",
    ),
    Case(
        "/state-ids/{one}/{other}",
        "/state-ids/{joined}/{join}",
        "merged",
        people=("secure id",),
        forms=("TakeBack",),
        sender="secure id",
    ),
    Case(
        "/state-ids/{one}/{other}",
        "/state-ids/{shared}/{share}",
        "split",
        people=("secure id",),
        forms=("CloseSplit",),
        sender="secure id",
    ),
    Case(
        "/state-ids/{one}/{other}/records",
        "/state-ids/{shared}/{share}/records",
        people=("secure id",),
        forms=("AssignRecords",),
        sender="secure id",
    ),
    Case(
        "/state-ids/{one}/{other}/records",
        "/state-ids/{share}/{shared}/records",
        "none",
        people=("secure id",),
    ),
    Case("/state-ids/{one}/{other}", "/state-ids/{joined}/{joined}", "alone", people=("secure id",)),
    Case("/state-ids/{one}/{other}", "/state-ids/{doubled}/{unknown}", "unknown", people=("secure id",)),
    Case("/identity-changes", "/identity-changes"),
    Case("/identity-changes", "/identity-changes?kind=merged", "merged", act=listed("0900000")),
    Case("/find", "/find"),
    Case("/find", "/find", "typed", act=typed_search("Guidry")),
    Case("/search/{number}", "/find", act=searched("Landry")),
    Case("/search/{number}", "/find", "nobody", act=searched("Xyzzyq")),
    Case("/search/{number}", "/search/999999999", "old"),
    Case("/students/new", "/students/new", statuses=_NO_WRITER),
    Case("/students/new", "/students/new?state_id=123", "refused"),
    Case(
        "/candidates/{number}",
        "/students/new/{known}",
        people=("writer",),
        act=alike("Nola", "Quibodaux", shown="Quibodeaux, Nola"),
    ),
    Case(
        "/candidates/{number}",
        "/students/new/{known}",
        "nobody",
        act=alike("Xyzzyq", "Qyzzyx", shown="eScholar has nobody who is like that."),
    ),
    Case(
        "/candidates/{number}",
        "/students/new",
        "no birth date",
        act=alike("Nola", "Quibodaux", shown="The candidates cannot be shown."),
    ),
    Case("/candidates/{number}", "/candidates/999999999", "old"),
    Case("/students/new/{student_id}", "/students/new/{known}", statuses=_NO_WRITER, forms=("AddStudent",)),
    Case("/students/new/{student_id}", "/students/new/{unknown}", "unknown to eScholar"),
    Case("/students/new/{student_id}", "/students/new/{served}", "already there"),
    Case(_S, "/students/{served}", statuses=_OWN_ONLY),
    Case(_S, "/students/{added}", "only added"),
    Case(_S, "/students/{drafted}", "with a draft"),
    Case(_S, "/students/{elsewhere}", "of another LEA", people=EVERYBODY, statuses=_OTHER_ONLY),
    Case(_S, "/students/{unknown}", "nobody", status=404),
    Case(_S + "/profile", "/students/{served}/profile", statuses=_OWN_ONLY, forms=("SaveProfile",)),
    Case(_S + "/profile/history", "/students/{served}/profile/history", statuses=_OWN_ONLY),
    Case(_S + "/guardians", "/students/{served}/guardians", statuses=_OWN_ONLY, forms=("SaveGuardian",)),
    Case(_S + "/guardians", "/students/{claimed}/guardians", "empty"),
    Case(
        _S + "/guardians/{guardian_id}",
        "/students/{served}/guardians/{served_guardian_id}",
        statuses=_OWN_ONLY,
        forms=("SaveGuardian", "RemoveGuardian"),
    ),
    Case(_S + "/attachments", "/students/{served}/attachments", statuses=_OWN_ONLY, forms=("AddAttachment",)),
    Case(
        _S + "/attachments/{attachment_id}",
        "/students/{served}/attachments/{served_attachment_id}",
        statuses=_OWN_ONLY,
        forms=("DescribeAttachment", "ReplaceAttachment", "DeleteAttachment"),
    ),
    Case(
        _S + "/jurisdiction",
        "/students/{served}/jurisdiction",
        statuses=_OWN_ONLY,
        forms=("TransferSchool", "CorrectSchoolTransfer", "CloseJurisdiction"),
    ),
    Case(_S + "/jurisdiction", "/students/{added}/jurisdiction", "nobody's"),
    Case(_S + "/jurisdiction", "/students/{awaited}/jurisdiction", "awaited by another LEA"),
    Case(
        _S + "/claims/{claim_id}",
        "/students/{served}/claims/{served_claim_id}",
        statuses=_OWN_ONLY,
        forms=("CorrectClaim", "WithdrawClaim"),
    ),
    Case(
        _S + "/claims/{claim_id}",
        "/students/{awaited}/claims/{awaited_disputed_id}",
        "blocked",
        forms=("WriteOnTransfer", "EscalateTransfer"),
    ),
    Case(_S + "/claims/{claim_id}", "/students/{served}/claims/{served_iep_id}", "no such claim", status=404),
    Case(_S + "/claim", "/students/{elsewhere}/claim", forms=("ClaimJurisdiction",)),
    Case(
        _S + "/claim",
        "/students/{blocked}/claim",
        "blocked",
        act=sent("ClaimJurisdiction", begin_on="t", school=""),
    ),
    Case(_S + "/evaluations", "/students/{served}/evaluations", statuses=_OWN_ONLY),
    Case(_S + "/evaluations", "/students/{guarded}/evaluations", "empty"),
    Case(_S + "/evaluations", "/students/{declined}/evaluations", "services refused"),
    Case(
        _S + "/evaluations/new",
        "/students/{guarded}/evaluations/new",
        statuses=_OWN_ONLY,
        forms=("RequestEvaluation",),
    ),
    Case(
        _S + "/evaluations/new",
        "/students/{claimed}/evaluations/new",
        "waiting",
        act=sent("RequestEvaluation", permission_requested_on="t"),
    ),
    Case(
        _S + "/evaluations/reevaluation",
        "/students/{served}/evaluations/reevaluation",
        statuses=_OWN_ONLY,
        forms=("BeginReevaluation",),
    ),
    Case(
        _S + "/evaluations/waiver",
        "/students/{served}/evaluations/waiver",
        statuses=_OWN_ONLY,
        forms=("RecordTriennialWaiver",),
    ),
    Case(
        _S + "/evaluations/part-c",
        "/students/{served}/evaluations/part-c",
        statuses=_OWN_ONLY,
        forms=("RecordPartCTransition",),
    ),
    *(
        Case(
            _S + "/evaluations/{evaluation_id}",
            f"/students/{{{name}}}/evaluations/{{{name}_{record}_id}}",
            "normal" if name == "requested" else name,
            statuses=_OWN_ONLY,
            forms=forms,
        )
        for name, record, forms in (
            ("requested", "evaluation", ("RecordParentDecision", "AssignCoordinator", "CorrectEvaluation")),
            ("timely", "later", ("CompleteEvaluation", "ExtendEvaluation", "CloseEvaluation")),
            ("completed", "evaluation", ("DetermineEligibility",)),
            ("determined", "evaluation", ()),
            ("late", "later", ("CompleteLateEvaluation", "ExplainDelay", "RecordEvaluationException")),
            ("again", "later", ()),
            ("reported", "later", ()),
            ("waived", "later", ()),
        )
    ),
    Case(
        _S + "/evaluations/{evaluation_id}",
        "/students/{requested}/evaluations/{requested_evaluation_id}?correct=permission_requested_on",
        "to correct",
    ),
    Case(_S + "/ieps", "/students/{served}/ieps", statuses=_OWN_ONLY),
    Case(_S + "/ieps", "/students/{guarded}/ieps", "empty"),
    Case(_S + "/ieps", "/students/{adopted}/ieps", "another LEA's draft"),
    Case(_S + "/ieps/new", "/students/{served}/ieps/new", "of a served student"),
    Case(_S + "/ieps/new", "/students/{adopted}/ieps/new?copies={adopted_iep_id}", "adopting"),
    Case(_S + "/ieps/new", "/students/{determined}/ieps/new", statuses=_OWN_ONLY, forms=("DraftIEP",)),
    Case(_IEP, "/students/{drafted}/ieps/{drafted_iep_id}", statuses=_OWN_ONLY, forms=("MakeIEPOfficial",)),
    Case(_IEP, "/students/{red}/ieps/{red_iep_id}", "red"),
    Case(
        _IEP,
        "/students/{official}/ieps/{official_iep_id}",
        "official",
        people=("coordinator", "submitter"),
        forms=("RequestIEPDeletion",),
    ),
    Case(_IEP, "/students/{unwanted}/ieps/{unwanted_iep_id}", "unwanted", forms=("DiscardIEP",)),
    Case(
        _IEP,
        "/students/{doubtful}/ieps/{doubtful_iep_id}",
        "deletion requested",
        people=("coordinator", "writer"),
        forms=("DeclineIEPDeletion", "ApproveIEPDeletion"),
        sender="coordinator",
    ),
    Case(_IEP, "/students/{adopted}/ieps/{adopted_iep_id}", "another LEA's draft"),
    Case(_IEP, "/students/{unsubmitted}/ieps/{unsubmitted_iep_id}", "to submit", forms=("SubmitIEP",)),
    Case(_IEP, "/students/{submitted}/ieps/{submitted_iep_id}", "submitted"),
    Case(_IEP + "/print", "/students/{drafted}/ieps/{drafted_iep_id}/print", "draft"),
    Case(_IEP + "/changes", "/students/{served}/ieps/{served_iep_id}/changes", statuses=_OWN_ONLY),
    Case(_IEP + "/print", "/students/{served}/ieps/{served_iep_id}/print", statuses=_OWN_ONLY),
    Case(_IEP + "/print", "/students/{red}/ieps/{red_iep_id}/print", "no forms"),
    Case(
        _IEP + "/amend",
        "/students/{served}/ieps/{served_iep_id}/amend",
        statuses=_OWN_ONLY,
        forms=("AmendIEP",),
    ),
    *(
        Case(
            _IEP + "/forms/{code}",
            f"/students/{{red}}/ieps/{{red_iep_id}}/forms/{code}",
            "normal" if code == "GSI" else code,
            people=() if code == "GSI" else ("submitter",),
            statuses=_OWN_ONLY,
            forms=(f"Save{code}",),
        )
        for code in FORMS
    ),
    Case(
        _IEP + "/forms/{code}",
        "/students/{ready}/ieps/{ready_iep_id}/forms/ACC",
        "to remove",
        forms=("RemoveIEPForm",),
    ),
    Case(
        _IEP + "/forms/{code}",
        "/students/{submitted}/ieps/{submitted_iep_id}/forms/PRG",
        "submitted",
    ),
    Case(_S + "/services", "/students/{served}/services", statuses=_OWN_ONLY, forms=("TerminateService",)),
    Case(_S + "/services", "/students/{guarded}/services", "empty"),
    Case(
        _S + "/services/new", "/students/{submitted}/services/new", statuses=_OWN_ONLY, forms=("AddService",)
    ),
    Case(_S + "/services/new", "/students/{guarded}/services/new", "without an IEP"),
    Case(
        _S + "/services/from-iep",
        "/students/{planned}/services/from-iep",
        statuses=_OWN_ONLY,
        forms=("RecordServices",),
    ),
    Case(_S + "/services/from-iep", "/students/{served}/services/from-iep", "recorded"),
    Case(_S + "/services/from-iep", "/students/{guarded}/services/from-iep", "without an IEP"),
    Case(
        _S + "/services/{service_id:uuid}",
        "/students/{served}/services/{served_service_id}",
        statuses=_OWN_ONLY,
        forms=("RecordFirstSession",),
    ),
    Case(
        _S + "/services/{service_id:uuid}/terms",
        "/students/{served}/services/{served_service_id}/terms",
        statuses=_OWN_ONLY,
        forms=("ChangeServiceTerms",),
    ),
    Case(
        _S + "/services/delivered",
        "/students/{served}/services/delivered",
        statuses=_OWN_ONLY,
        forms=("RecordSessions",),
    ),
    Case(_S + "/services/delivered", "/students/{guarded}/services/delivered", "empty"),
    Case(
        _S + "/services/sessions/{session_id:uuid}",
        "/students/{served}/services/sessions/{served_session_id}",
        statuses=_OWN_ONLY,
        forms=("CorrectSession", "RemoveSession"),
    ),
    Case(
        "/admin/providers/{provider_id}/delivered",
        f"/admin/providers/{PROVIDER}/delivered",
        statuses={"other LEA": 404},
    ),
    Case("/admin/providers", "/admin/providers", forms=("RegisterProvider",)),
    Case("/admin/providers", "/admin/providers?number=zzz&active=yes", "nobody"),
    Case("/admin/providers/{provider_id}", "/admin/providers/T-9", "unknown", status=404),
    Case(
        "/admin/providers/{provider_id}",
        f"/admin/providers/{PROVIDER}",
        statuses={"other LEA": 404},
        forms=("RegisterProvider",),
    ),
    Case("/tools/reassign", "/tools/reassign", statuses=_NO_WRITER),
    Case("/tools/reassign", f"/tools/reassign?provider={PROVIDER}", "with services", people=("writer",)),
    Case("/tools/reassign", "/tools/reassign?provider=T-0", "unknown", people=("writer",)),
    Case(
        "/tools/reassignments/{reassignment_id:uuid}",
        f"/tools/reassign?provider={PROVIDER}",
        "refused",
        people=("writer",),
        act=reassigned,
    ),
    Case(
        "/tools/reassignments/{reassignment_id:uuid}",
        "/tools/reassignments/00000000-0000-4000-8000-000000000001",
        "unknown",
        status=404,
    ),
    Case(
        _S + "/sped-activity",
        "/students/{served}/sped-activity",
        statuses=_OWN_ONLY,
        forms=("ExitSpecialEducation", "RevokeConsent"),
    ),
    Case(_S + "/sped-activity", "/students/{exited}/sped-activity", "exited"),
    Case(_S + "/sped-activity", "/students/{declined}/sped-activity", "services refused"),
    Case(
        _S + "/sped-activity",
        "/students/{determined}/sped-activity",
        "eligible",
        forms=("RefuseInitialServices",),
    ),
    Case(
        _S + "/sped-activity/{activity_id}",
        "/students/{exited}/sped-activity/{exited_activity_id}",
        statuses=_OWN_ONLY,
        forms=("CorrectSpedActivity", "VoidSpedActivity"),
    ),
    Case(_S + "/sped-activity", "/students/{guarded}/sped-activity", "empty"),
    Case(_S + "/history", "/students/{served}/history", statuses=_OWN_ONLY),
    Case(_S + "/access", "/students/{served}/access", statuses=_NO_LOG),
    Case(_S + "/why", "/students/{served}/why", statuses=_OWN_ONLY),
    Case(_S + "/why", "/students/{guarded}/why", "not counted"),
    Case("/child-count", "/child-count"),
    Case("/child-count/students", "/child-count/students?as_of=t"),
    Case("/reports", "/reports", people=_SOME),
    Case("/facts", "/facts", people=_SOME),
    Case("/federal-files", "/federal-files", people=("state", "coordinator")),
    Case(
        "/federal-files/{file}/{year}/{level}",
        "/federal-files/002/2024-25/LEA",
        people=("state", "auditor", "coordinator"),
    ),
    Case(
        "/federal-files/{file}/{year}/{level}",
        "/federal-files/089/2024-25/SEA",
        "of the state",
        people=("state", "coordinator"),
        statuses={"coordinator": 403},
    ),
    Case(
        "/federal-files/{file}/{year}/{level}", "/federal-files/002/1999-00/LEA", "unknown year", status=422
    ),
    Case(
        "/federal-files/{file}/{year}/{level}/certify",
        "/federal-files/002/2024-25/SEA/certify",
        people=("state", "auditor"),
        statuses={"auditor": 403},
    ),
    Case("/tables", "/tables", people=_SOME),
    Case("/duties", "/duties?year=2026-27", people=("coordinator", "state")),
    Case("/duties", "/duties?year=2031-32", "unknown year", status=404),
    Case("/reports/mine", "/reports/mine", people=_SOME),
    Case("/reports/{report}", "/reports/child-count", people=_SOME),
    Case("/reports/{report}", "/reports/none", "unknown", people=_SOME, status=404),
    Case("/reports/runs/{run_id:uuid}", "/reports/child-count", people=_SOME, act=ran),
    Case(
        "/reports/runs/{run_id:uuid}/students",
        "/reports/child-count",
        people=_SOME,
        act=after(ran, opened("All students")),
    ),
    Case(_S + "/reports", "/students/{served}/reports", statuses=_OWN_ONLY, people=_SOME),
    Case("/ieps", "/ieps"),
    Case("/ieps", "/ieps?stage=official", "empty", people=("other LEA",)),
    Case("/ieps", "/ieps?lea=017&stage=draft", "of an LEA", people=("state",)),
    Case("/iep-deletions", "/iep-deletions", statuses=_NO_DECISION),
    Case("/iep-deletions", "/iep-deletions", "empty", people=("other LEA",)),
    Case("/outcomes", "/outcomes"),
    Case(
        "/outcomes/{command_id}",
        "/students/{guarded}/guardians",
        people=("coordinator",),
        act=after(sent("SaveGuardian", **_GUARDIAN), going("/outcomes"), first_row),
    ),
    Case("/refusals", "/refusals", people=("coordinator", "state")),
    Case("/held", "/held"),
    Case("/admin/calendar", "/admin/calendar", people=_STATE_FIRST, statuses=_STATE_ONLY),
    Case(
        "/admin/calendar/{year}",
        "/admin/calendar/2026",
        people=_STATE_FIRST,
        statuses=_STATE_ONLY,
        forms=("PublishCalendar",),
        sender="state",
    ),
    Case("/admin/calendar/{year}", "/admin/calendar/2150", "not published", people=("state",)),
    Case(
        "/admin/calendar/{year}",
        "/admin/calendar/2026",
        "changed",
        people=("state",),
        act=looked("PublishCalendar", days__0__day="3/11/2026", days__0__reason="Ice"),
    ),
    Case("/help", "/help"),
    Case("/help", "/help?code=JUR", "narrowed"),
    Case("/help/{code}", "/help/JUR-004"),
    Case("/help/{code}", "/help/XYZ-999", "unknown", status=404),
    Case("/keyboard", "/keyboard"),
    Case("/accessibility", "/accessibility"),
    Case("/status", "/status"),
    Case("/signed-out", "/signed-out"),
)
"""Every screen. A form that a case names is sent blank from there, with scripts and without."""

ELSEWHERE: Mapping[str, str] = {
    "GET /sign-in": "tests/console/test_sign_in.py",
    "GET /signed-in": "tests/console/test_sign_in.py",
    "POST /sign-out": "tests/console/test_sign_in.py",
    "POST /find": "the cases of /search/{number}, and those of /find that type",
    "POST /candidates": "the cases of /candidates/{number}",
    "POST /tools/reassign": "tests/console/browser/test_services.py",
    "POST /keyboard": "tests/console/browser/test_keyboard.py",
    "POST /parts/stay": "tests/console/browser/test_keyboard.py",
    "POST /parts/day": "tests/console/browser/test_keyboard.py",
    "GET /students/{student_id}/attachments/{attachment_id}/content": (
        "tests/console/browser/test_attachments.py"
    ),
    "GET /parts/outcomes": "tests/console/browser/test_faults.py",
    "POST /tables": "tests/console/browser/test_loaded_tables.py",
    "GET /federal-files/{file}/{year}/{level}/text": "tests/console/browser/test_federal_files.py",
    "GET /federal-files/{file}/{year}/{level}/certified/{version}": (
        "tests/console/browser/test_federal_files.py"
    ),
    "POST /federal-files/{file}/{year}/{level}/certify": "tests/console/browser/test_federal_files.py",
    "POST /reports/{report}": "the cases of /reports/runs/{run_id}",
    "GET /reports/runs/{run_id:uuid}/progress": "the cases of /reports/runs/{run_id}",
    "GET /reports/runs/{run_id:uuid}/file": "tests/console/browser/test_reports.py",
    "POST /reports/runs/{run_id:uuid}/{what}": "tests/console/browser/test_reports.py",
    "GET /duties.ics": "tests/console/test_duties.py",
    "GET /health/live": "tests/console/test_security.py",
    "GET /health/ready": "tests/console/test_security.py",
    "GET /metrics": "tests/console/test_security.py",
    "GET /static/{name:path}": "every page",
}
"""The routes that are no screens, and what tests them."""
