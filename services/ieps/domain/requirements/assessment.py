"""Accommodations and supports (ACC), and the alternate assessment (ALT)."""

from collections.abc import Iterator

from contracts.errors import Finding
from contracts.forms import Accommodations, AlternateAssessment
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, at, lacks

_CRITERIA = {
    "significant_cognitive_disability": "a significant cognitive disability",
    "alternate_standards": "alternate academic standards",
    "extensive_supports": "extensive individual instruction and supports",
}


def judge(form: Accommodations) -> Iterator[Finding]:
    """The team names accommodations and supports, or says that the student needs none."""
    if form.none_needed == bool(form.instruction or form.assessment or form.personnel_supports):
        yield rules.ACCOMMODATIONS_UNDECIDED.broken(at=at(form, "none_needed"))


def judge_alternate(form: AlternateAssessment, case: Case) -> Iterator[Finding]:
    """Every criterion is met, the parent knows, and the form says why."""
    yield from lacks(
        form,
        significant_cognitive_disability="whether the disability is a significant cognitive one",
        alternate_standards="whether the student learns by alternate academic standards",
        extensive_supports="whether the student needs extensive instruction and supports",
        parent_informed_on="when the parent was informed",
        explanation="why the regular assessment does not fit",
    )
    for field, criterion in _CRITERIA.items():
        if getattr(form, field) is False:
            yield rules.ALTERNATE_UNFIT.broken(at=at(form, field), criterion=criterion)
    accommodations = case.form(Accommodations)
    if accommodations and not accommodations.alternate_assessment:
        yield rules.ALTERNATE_UNSAID.broken(at="forms.ACC.alternate_assessment")
