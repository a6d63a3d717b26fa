"""The services plan (SVP) of a student whom the parents placed in a private school."""

from collections.abc import Iterator

from contracts.errors import Finding
from contracts.forms import ServicesPlan
from contracts.ieps import PlanKind
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, lacks


def judge(form: ServicesPlan, case: Case) -> Iterator[Finding]:
    """The school, the services, and when the LEA consulted the school."""
    yield from lacks(form, private_school="the private school", services="the services")
    yield from lacks(form, rules.CONTENT_ADVISED, consulted_on="when the LEA consulted the private school")
    if case.iep.plan_kind is not PlanKind.SERVICES_PLAN:
        yield rules.PRIVATE_FORM.broken(at="forms.SVP", kind=case.iep.plan_kind)
