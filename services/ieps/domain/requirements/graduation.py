"""Adjusted requirements for graduation (GRD)."""

from collections.abc import Iterator

from contracts.errors import Finding
from contracts.forms import Graduation
from contracts.types import age_on
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, lacks

_HIGH_SCHOOL_AGE = 14


def judge(form: Graduation, case: Case) -> Iterator[Finding]:
    """The pathway, the adjustments and their reason; the form is for students of high school."""
    yield from lacks(
        form,
        diploma_pathway="the pathway to a diploma",
        adjustments="the adjustments",
        reason="the reason for the adjustments",
    )
    yield from lacks(form, rules.CONTENT_ADVISED, expected_on="when the student is expected to graduate")
    age = age_on(case.birth_on, case.last_day)
    if age < _HIGH_SCHOOL_AGE:
        yield rules.GRADUATION_EARLY.broken(at="forms.GRD", age=age)
