"""A student's IEPs: the list, one IEP with its validation, the steps to official, submitted, amended."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.answers import IEPWithContents, Result, Validation
from console.backend import Answer
from console.fields import Option
from console.forms import Body, Form, NotBuilt, Typed, first
from console.pages.help import every_rule
from console.pages.student import Banner, banner_of, student_page
from console.queries import CHANGES, IEPS, ONE_IEP, VALIDATION
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from console.words import FORMS
from contracts.errors import Finding
from contracts.forms import FormCode, InstructionalPlan
from contracts.ieps import AmendIEP, DraftIEP, IEPStage, MakeIEPOfficial, SubmitIEP
from contracts.message import Command
from contracts.roles import Role
from contracts.types import StudentId

router = APIRouter()

_GIVEN = ("student_id", "iep_id")
_ONE = "/students/{student_id}/ieps/{iep_id}"
_COPY = "copy"


async def _with_earlier_forms(visit: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """The draft; with the forms of an earlier IEP, if one was chosen. Signatures are not copied."""
    if earlier := first(typed, _COPY):
        found = await visit.ask(ONE_IEP, student_id=body["student_id"], iep_id=earlier)
        if found.given is None:
            raise NotBuilt(found.findings, 503 if found.away else 422)
        body["forms"] = [
            form.model_dump(mode="json", exclude_none=True)
            for form in found.given.contents.forms
            if form.form not in (FormCode.SIG, FormCode.AMD)
        ]
    return [(DraftIEP, body)]


DRAFT = Form(
    DraftIEP, button="Draft the IEP", given=_GIVEN, leave_out=("forms",), build=_with_earlier_forms, next=_ONE
)
OFFICIAL = Form(MakeIEPOfficial, button="Make this IEP official", given=_GIVEN)
SUBMIT = Form(SubmitIEP, button="Submit to SER", given=_GIVEN, role=Role.IEP_SUBMITTER)
AMEND = Form(
    AmendIEP,
    button="Begin the amendment",
    given=("student_id", "iep_id", "amends"),
    leave_out=("forms",),
    next=_ONE,
)


@dataclass(frozen=True)
class Sheet:
    """One form of an IEP as its list shows it. `present`: whether the IEP has it; else it only needs it."""

    code: str
    area: str | None
    light: str
    present: bool
    result: Result | None

    @property
    def name(self) -> str:
        """What the form is called; an instructional plan with its area."""
        return f"{FORMS[self.code]}: {self.area}" if self.area else FORMS[self.code]

    @property
    def place(self) -> str:
        """Its address within the IEP."""
        return f"forms/{self.code}" + (f"?{urlencode({'area': self.area})}" if self.area else "")

    def is_of(self, area: str) -> bool:
        """Whether it is of this area; every form but an instructional plan has a blank one."""
        return (self.area or "").casefold() == area.casefold()

    def findings(self, severity: str) -> Sequence[Finding]:
        """What validation found in it, of one severity."""
        return [one for one in (self.result.findings if self.result else ()) if one.severity == severity]


@dataclass(frozen=True)
class Opened:
    """One IEP with everything that its pages show."""

    banner: Banner
    iep: Answer[IEPWithContents]
    validation: Answer[Validation]

    @property
    def draft(self) -> bool:
        """Whether the forms can be changed."""
        return self.iep.ok and self.iep.value.stage is IEPStage.DRAFT

    @property
    def whole(self) -> Result | None:
        """The result of the IEP as a whole."""
        results = self.validation.value.results if self.validation.given else ()
        return next((one for one in results if one.form is None), None)

    @cached_property
    def sheets(self) -> Sequence[Sheet]:
        """The forms it has or needs, in the order in which a team fills them in."""
        judged = {
            (one.form, one.area): one
            for one in (self.validation.value.results if self.validation.given else ())
            if one.form
        }
        present = [
            (form.form, _area(form)) for form in (self.iep.given.contents.forms if self.iep.given else ())
        ]
        every = [*present, *(one for one in judged if one not in present)]
        order = list(FORMS)
        every.sort(key=lambda one: order.index(str(one[0])))
        return [self._sheet(code, area, judged, present) for code, area in every]

    def _sheet(self, code: Any, area: str | None, judged: Any, present: Any) -> Sheet:
        result = judged.get((code, area))
        return Sheet(str(code), area, result.light if result else "", (code, area) in present, result)

    def sheets_with(self, severity: str) -> Sequence[Sheet]:
        """The forms in which validation found something of this severity."""
        return [sheet for sheet in self.sheets if sheet.findings(severity)]

    def lights(self) -> Mapping[str, int]:
        """How many forms have each light."""
        return Counter(sheet.light for sheet in self.sheets if sheet.light)

    def next_problem(self, sheet: Sheet | None) -> Sheet | None:
        """The next form with a problem after this one, from the beginning again; None if no other has one."""
        at = self.sheets.index(sheet) + 1 if sheet in self.sheets else 0
        in_turn = [*self.sheets[at:], *self.sheets[:at]]
        return next((one for one in in_turn if one.light == "red" and one != sheet), None)

    @property
    def addable(self) -> Sequence[Option]:
        """The forms that the IEP does not have. There may be an instructional plan for each area."""
        here = {sheet.code for sheet in self.sheets}
        return [Option(code, name) for code, name in FORMS.items() if code == "IPL" or code not in here]


def _area(form: object) -> str | None:
    return form.area if isinstance(form, InstructionalPlan) else None


async def opened(visit: Visit, student_id: StudentId, iep_id: UUID) -> Opened:
    """The IEP, its contents and its validation. NoPage: the student has no such IEP."""
    banner, iep, validation = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(ONE_IEP, student_id=student_id, iep_id=iep_id),
        visit.ask(VALIDATION, student_id=student_id, iep_id=iep_id),
    )
    if iep.missing and not await visit.sent():
        raise NoPage
    return Opened(banner, iep, validation)


@screen(router, "/students/{student_id}/ieps")
async def ieps(visit: Visiting, student_id: StudentId) -> Response:
    """The IEPs and amendments, newest first."""
    banner, found = await asyncio.gather(banner_of(visit, student_id), visit.ask(IEPS, student_id=student_id))
    return await student_page(visit, "iep/list.html", "IEP forms", banner, found=found)


@screen(router, "/students/{student_id}/ieps/new", DRAFT)
async def new(visit: Visiting, student_id: StudentId) -> Response:
    """Draft an IEP, if wanted with the forms of an earlier one."""
    banner, found = await asyncio.gather(banner_of(visit, student_id), visit.ask(IEPS, student_id=student_id))
    earlier = [one for one in found.given or () if one.stage is not IEPStage.DRAFT]
    filled = visit.form(DRAFT, student_id=student_id, iep_id=visit.fresh("iep_id"))
    return await student_page(
        visit, "iep/new.html", "IEP forms", banner, about="Draft an IEP", form=filled, earlier=earlier
    )


@screen(router, _ONE, OFFICIAL, SUBMIT)
async def one(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """One IEP: its forms with their lights, what is wrong, and the next step."""
    shown = await opened(visit, student_id, iep_id)
    given: dict[str, Any] = {"student_id": student_id, "iep_id": iep_id}
    return await student_page(
        visit,
        "iep/one.html",
        "IEP forms",
        shown.banner,
        about="IEP",
        opened=shown,
        rules=await every_rule(visit),
        official=visit.form(OFFICIAL, **given),
        submit=visit.form(SUBMIT, **given),
    )


@screen(router, "/students/{student_id}/ieps/{iep_id}/changes")
async def changes(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """What differs from the IEP before it, field by field."""
    shown, found = await asyncio.gather(
        opened(visit, student_id, iep_id), visit.ask(CHANGES, student_id=student_id, iep_id=iep_id)
    )
    return await student_page(
        visit, "iep/changes.html", "IEP forms", shown.banner, about="IEP changes", opened=shown, found=found
    )


@screen(router, "/students/{student_id}/ieps/{iep_id}/amend", AMEND)
async def amend(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """Begin an amendment. The day on which the team met stays as it is."""
    shown = await opened(visit, student_id, iep_id)
    filled = visit.form(AMEND, student_id=student_id, iep_id=visit.fresh("iep_id"), amends=iep_id)
    return await student_page(
        visit, "iep/amend.html", "IEP forms", shown.banner, about="Amend an IEP", opened=shown, form=filled
    )
