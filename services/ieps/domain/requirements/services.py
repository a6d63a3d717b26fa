"""Program/Services (PRG): what the student is to receive, and when."""

from collections import Counter
from collections.abc import Iterator

from contracts.codes import SERVICES
from contracts.errors import Finding
from contracts.forms import PlannedService, ProgramServices
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, at, lacks


def judge(form: ProgramServices, case: Case) -> Iterator[Finding]:
    """At least one service; each begins in the year of the IEP."""
    yield from lacks(form, services="at least one service")
    for number, service in enumerate(form.services):
        yield from _dates(service, case, at(form, f"services.{number}"))
    yield from _twins(form)


def _dates(service: PlannedService, case: Case, place: str) -> Iterator[Finding]:
    label, begin_on, end_on = SERVICES.label(service.service_code), service.begin_on, service.end_on
    if begin_on < case.year_began:
        yield rules.SERVICE_BEFORE_YEAR.broken(
            at=f"{place}.begin_on", service=label, day=begin_on, first=case.year_began
        )
    if end_on and end_on < begin_on:
        yield rules.SERVICE_ENDS_FIRST.broken(
            at=f"{place}.end_on", service=label, day=end_on, begin_on=begin_on
        )
    for field, day in (("begin_on", begin_on), ("end_on", end_on)):
        if day and day > case.last_day:
            yield rules.SERVICE_AFTER_YEAR.broken(
                at=f"{place}.{field}", service=label, day=day, last=case.last_day
            )


def _twins(form: ProgramServices) -> Iterator[Finding]:
    times = Counter((one.service_code, one.begin_on, one.setting) for one in form.services)
    for (code, begin_on, _), count in times.items():
        if count > 1:
            yield rules.SERVICE_TWICE.broken(
                at=at(form, "services"), service=SERVICES.label(code), day=begin_on
            )
