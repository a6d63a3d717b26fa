"""Validation of an IEP: green, yellow or red for each form, and for the IEP as a whole."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Self

from contracts.counting import Calendars
from contracts.decision import Known
from contracts.errors import Finding, Severity
from contracts.facts import KnownStudent
from contracts.forms import Form, FormCode, InstructionalPlan
from contracts.ieps import IEP, IEPContents, IEPType
from contracts.message import Value
from contracts.types import IEPId
from services.ieps.domain import grounds
from services.ieps.domain.activities import open_activity
from services.ieps.domain.contents import Forms, contents_of, described
from services.ieps.domain.forms import merged
from services.ieps.domain.lines import first_of, last_day
from services.ieps.domain.requirements import Case, judge, missing


class Light(StrEnum):
    """Green: passed. Yellow: a possible error, which may pass. Red: the IEP cannot be made official."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Result(Value):
    """The result of one form; blank `form`: of the IEP as a whole. `area`: of an instructional plan."""

    form: FormCode | None = None
    area: str | None = None
    light: Light
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding], form: FormCode | None = None, area: str | None = None) -> Self:
        """The result with these findings."""
        found = tuple(findings)
        return cls(form=form, area=area, light=_light(found), findings=found)


class Validation(Value):
    """The validation of an IEP. Results: first the IEP as a whole, then its forms, then its missing forms."""

    iep_id: IEPId
    light: Light
    results: tuple[Result, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the results."""
        return tuple(finding for result in self.results for finding in result.findings)


def validate(known: Known, iep: IEP, today: date, calendars: Calendars) -> Validation:
    """Validate an IEP by the student's records on a day, and by the state's calendars. The student must have
    been added.

    `OPENS` must name the IEP's contents for the message.
    """
    case = _case(known, iep, today, calendars)
    results = (
        Result.of(grounds.broken(known, iep)),
        *map(partial(_judged, case=case), case.forms),
        *(Result.of([finding], code) for code, finding in missing(case)),
    )
    every = [finding for result in results for finding in result.findings]
    return Validation(iep_id=iep.iep_id, light=_light(every), results=results)


def with_forms(known: Known, draft: IEP, forms: Forms) -> tuple[Known, IEP]:
    """The student's records and the draft as they would be with these forms saved. Nothing is changed."""
    earlier = contents_of(known, draft)
    contents = IEPContents.of(earlier, forms=merged(earlier.forms, forms))
    then = known.copy()
    then.learn(contents)
    return then, draft.model_copy(update=described(contents))


def _case(known: Known, iep: IEP, today: date, calendars: Calendars) -> Case:
    student, first = known.one(KnownStudent), first_of(known, iep)
    assert student is not None, "an IEP is drafted only for a student who was added"
    never_served = iep.iep_type is IEPType.INITIAL or open_activity(known) is None
    return Case(
        birth_on=student.birth_on,
        iep=iep,
        forms=contents_of(known, iep).forms,
        year_began=first.begin_on,
        last_day=last_day(first),
        first_provision=never_served and iep.amends is None,
        today=today,
        calendars=calendars,
    )


def _judged(form: Form, case: Case) -> Result:
    area = form.area if isinstance(form, InstructionalPlan) else None
    return Result.of(judge(form, case), FormCode(form.form), area)


def _light(findings: Iterable[Finding]) -> Light:
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Light.RED
    return Light.YELLOW if severities else Light.GREEN
