"""The days in a form on which something was done are not in the future."""

from collections.abc import Iterator
from datetime import date

from contracts.dates import in_the_future
from contracts.errors import Finding
from contracts.forms import (
    AlternateAssessment,
    AmendmentForm,
    ExtendedSchoolYear,
    Form,
    ServicesPlan,
    Signatures,
    Transition,
)
from services.ieps.domain.requirements.case import at

_DONE: dict[type, tuple[str, ...]] = {
    AlternateAssessment: ("parent_informed_on",),
    Transition: ("student_invited_on", "agency_consent_on"),
    ExtendedSchoolYear: ("screened_on", "decided_on", "parent_notified_on"),
    ServicesPlan: ("consulted_on",),
    AmendmentForm: ("informed_on",),
    Signatures: ("parent_signed_on", "lea_signed_on"),
}
"""Fields with the day on which something was done. A service or a graduation may lie ahead."""

_DONE_IN_ROWS: dict[type, tuple[tuple[str, str], ...]] = {
    Transition: (("assessments", "on"), ("agencies", "invited_on")),
    ExtendedSchoolYear: (("breaks", "break_ended_on"),),
}


def ahead(form: Form, today: date) -> Iterator[Finding]:
    """A finding for each day of the form that has not come yet."""
    for field, day in _days(form):
        if day:
            yield from in_the_future(day, today, at=at(form, field))


def _days(form: Form) -> Iterator[tuple[str, date | None]]:
    for field in _DONE.get(type(form), ()):
        yield field, getattr(form, field)
    for rows, field in _DONE_IN_ROWS.get(type(form), ()):
        for number, row in enumerate(getattr(form, rows)):
            yield f"{rows}.{number}.{field}", getattr(row, field)
