"""Signatures (SIG). The parent consents before the first services (34 CFR 300.300(b))."""

from collections.abc import Iterator
from datetime import date

from contracts.errors import Finding
from contracts.forms import Signatures
from services.ieps.domain import form_rules as rules
from services.ieps.domain import iep_rules
from services.ieps.domain.requirements.case import Case, at, lacks


def judge(form: Signatures, case: Case) -> Iterator[Finding]:
    """Who signed, and whether the parent consents if these are the first services."""
    yield from lacks(form, lea_signed_on="the signature for the LEA")
    yield from _first_consent(form, case) if case.first_provision else _later_signature(form)
    for field in ("parent_signed_on", "lea_signed_on"):
        day: date | None = getattr(form, field)
        if day and day < case.iep.meeting_on:
            yield iep_rules.SIGNED_BEFORE_MEETING.broken(
                at=at(form, field), day=day, meeting_on=case.iep.meeting_on
            )


def _first_consent(form: Signatures, case: Case) -> Iterator[Finding]:
    if form.parent_consents is False:
        yield rules.CONSENT_REFUSED.broken(at="forms.SIG.parent_consents")
        return
    if form.parent_signed_on is None:
        yield rules.CONSENT_MISSING.broken(at=at(form, "parent_signed_on"))
        return
    if form.parent_consents is None:
        yield rules.CONSENT_UNSAID.broken(at="forms.SIG.parent_consents")
    if form.parent_signed_on > case.iep.begin_on:
        yield rules.CONSENT_LATE.broken(
            at=at(form, "parent_signed_on"), day=form.parent_signed_on, begin_on=case.iep.begin_on
        )


def _later_signature(form: Signatures) -> Iterator[Finding]:
    if form.parent_signed_on is None:
        yield rules.PARENT_UNSIGNED.broken(at=at(form, "parent_signed_on"))
