"""The Amendments form (AMD): how the LEA informed the parent."""

from collections.abc import Iterator

from contracts.errors import Finding
from contracts.forms import AmendmentForm
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case


def judge(form: AmendmentForm, case: Case) -> Iterator[Finding]:
    """The parent was informed after the team had met, and before the amendment began."""
    if form.informed_on < case.iep.meeting_on:
        yield rules.INFORMED_EARLY.broken(
            at="forms.AMD.informed_on", day=form.informed_on, meeting_on=case.iep.meeting_on
        )
    if form.informed_on > case.iep.begin_on:
        yield rules.INFORMED_LATE.broken(
            at="forms.AMD.informed_on", day=form.informed_on, begin_on=case.iep.begin_on
        )
