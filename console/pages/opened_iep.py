"""One IEP with everything that its pages show: header, forms with their lights, what the validation found."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from console.answers import Changes, IEPWithContents, Result, Validation
from console.backend import Answer
from console.fields import Option
from console.pages.student import Banner, banner_of
from console.queries import CHANGES, ONE_IEP, VALIDATION
from console.visits import NoPage, Visit
from console.words import FORMS, form_name
from contracts.errors import Finding
from contracts.forms import InstructionalPlan
from contracts.ieps import IEPStage
from contracts.types import StudentId

LATE = frozenset({"IEP-144", "IEP-149"})
"""The findings that the team met late. Whoever makes the IEP official gives the reason."""


@dataclass(frozen=True)
class Sheet:
    """One form of an IEP as its list shows it. `present`: whether the IEP has it; else it only needs it.

    `changed`: whether it differs from the amended IEP.
    """

    code: str
    area: str | None
    light: str
    present: bool
    result: Result | None
    changed: bool = False

    @property
    def name(self) -> str:
        """What the form is called; an instructional plan with its area."""
        return form_name(self.code, self.area)

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
    """One IEP with everything that its pages show. `changes`: an amendment's differences so far."""

    banner: Banner
    iep: Answer[IEPWithContents]
    validation: Answer[Validation]
    changes: Answer[Changes] | None = None

    @property
    def draft(self) -> bool:
        """Whether the forms can be changed."""
        return self.iep.ok and self.iep.value.stage is IEPStage.DRAFT

    @property
    def whole(self) -> Result | None:
        """The result of the IEP as a whole."""
        results = self.validation.value.results if self.validation.given else ()
        return next((one for one in results if one.form is None), None)

    @property
    def late(self) -> bool:
        """Whether the team met after the due date."""
        return any(one.code in LATE for one in (self.whole.findings if self.whole else ()))

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
        light = result.light if result else ""
        return Sheet(str(code), area, light, (code, area) in present, result, (code, area) in self._changed)

    @cached_property
    def _changed(self) -> frozenset[tuple[str, str | None]]:
        found = self.changes.given.changes if self.changes and self.changes.given else ()
        return frozenset((one.form, one.area) for one in found)

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
    amends = iep.given is not None and iep.given.amends is not None
    changes = await visit.ask(CHANGES, student_id=student_id, iep_id=iep_id) if amends else None
    return Opened(banner, iep, validation, changes)
