"""General Student Information (GSI)."""

from collections.abc import Iterator

from contracts.errors import Finding
from contracts.forms import GeneralInformation
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import at, lacks


def judge(form: GeneralInformation) -> Iterator[Finding]:
    """What the team knows of the student; each special factor has a plan."""
    yield from lacks(
        form,
        participants="the participants of the meeting",
        strengths="the student's strengths",
        parent_concerns="the parent's concerns",
        evaluation_results="the results of the evaluation",
    )
    yield from lacks(
        form, rules.CONTENT_ADVISED, district_assessments="the results of state and district assessments"
    )
    for number, one in enumerate(form.special_factors):
        if one.plan is None:
            yield rules.CONTENT_MISSING.broken(
                at=at(form, f"special_factors.{number}.plan"),
                form=form.form,
                content=f"the plan for the special factor {one.factor}",
            )
