"""What the checks of a form know of the student and of the IEP, and what they say in the same way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from contracts.counting import Calendars
from contracts.errors import Finding, Rule
from contracts.forms import Form
from contracts.ieps import IEP
from services.ieps.domain import form_rules
from services.ieps.domain.contents import Forms
from services.ieps.domain.forms import name_of

OneForm = TypeVar("OneForm", bound=Form)


@dataclass(frozen=True, slots=True)
class Case:
    """Birth date, IEP and its forms, its year, whether it brings the first services, today, the calendars.

    The year begins with the first IEP of the line. An amendment does not begin another year.
    """

    birth_on: date
    iep: IEP
    forms: Forms
    year_began: date
    last_day: date
    first_provision: bool
    today: date
    calendars: Calendars

    @property
    def planned_on(self) -> date:
        """The day by which the plan was made: of an amendment its begin, as it needs no meeting."""
        return self.iep.begin_on if self.iep.amends else self.iep.meeting_on

    def form(self, model: type[OneForm]) -> OneForm | None:
        """The form of the IEP, if it has one."""
        return next((form for form in self.forms if isinstance(form, model)), None)


def at(form: Form, field: str) -> str:
    """The place of a field in a finding: `forms.LRE.environment`."""
    return f"forms.{name_of(form)}.{field}"


def lacks(form: Form, rule: Rule = form_rules.CONTENT_MISSING, **contents: str) -> Iterator[Finding]:
    """A finding for each of these fields that is blank. `contents`: what the form does not give, by field."""
    for field, content in contents.items():
        if getattr(form, field) in (None, "", ()):
            yield rule.broken(at=at(form, field), form=name_of(form), content=content)
