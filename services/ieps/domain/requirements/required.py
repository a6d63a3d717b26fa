"""Which forms a plan needs: by its kind, the student's age, and what its other forms say."""

from collections.abc import Iterator, Mapping

from contracts.deadlines import anniversary
from contracts.errors import Finding
from contracts.forms import Accommodations, FormCode, Placement
from contracts.ieps import PlanKind
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case

ALWAYS: Mapping[PlanKind, tuple[FormCode, ...]] = {
    PlanKind.IEP: (
        FormCode.GSI,
        FormCode.IPL,
        FormCode.ACC,
        FormCode.ESY,
        FormCode.PRG,
        FormCode.LRE,
        FormCode.SIG,
    ),
    PlanKind.SERVICES_PLAN: (
        FormCode.GSI,
        FormCode.IPL,
        FormCode.PRG,
        FormCode.LRE,
        FormCode.SVP,
        FormCode.SIG,
    ),
    PlanKind.GIFTED: (FormCode.GSI, FormCode.GTI, FormCode.PRG, FormCode.LRE, FormCode.SIG),
}
"""The forms that every plan of a kind needs."""

_TRANSITION_AGE = 16


def missing(case: Case) -> Iterator[tuple[FormCode, Finding]]:
    """Each form that the plan needs and does not have, with the finding that says why."""
    present = {FormCode(form.form) for form in case.forms}
    for code in (*ALWAYS[case.iep.plan_kind], *([FormCode.AMD] if case.iep.amends else [])):
        if code not in present:
            yield code, rules.FORM_MISSING.broken(at=f"forms.{code}", form=code)
    for code, finding in _called_for(case):
        if code not in present:
            yield code, finding


def _called_for(case: Case) -> Iterator[tuple[FormCode, Finding]]:
    sixteen_on = anniversary(case.birth_on, _TRANSITION_AGE)
    if case.iep.plan_kind is PlanKind.IEP and sixteen_on <= case.last_day:
        yield FormCode.TRN, rules.TRANSITION_MISSING.broken(at="forms.TRN")
    placement = case.form(Placement)
    if placement and placement.at_home_school is False:
        yield FormCode.SIT, rules.SITE_MISSING.broken(at="forms.SIT")
    accommodations = case.form(Accommodations)
    if accommodations and accommodations.alternate_assessment:
        yield FormCode.ALT, rules.ALTERNATE_MISSING.broken(at="forms.ALT")
