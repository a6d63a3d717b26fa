"""Placement (LRE) and Site Determination (SIT).

The environment fits the age group and the kind of plan, and the percentage fits the environment.
"""

from collections.abc import Iterator
from datetime import date

from contracts.codes import ENVIRONMENTS
from contracts.errors import Finding
from contracts.forms import Placement, ProgramServices, SiteDetermination
from contracts.ieps import PlanKind
from contracts.types import age_on
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, lacks

_SHARES = {"RC80": range(80, 101), "RC79TO40": range(40, 80), "RC39": range(40)}
EARLY_CHILDHOOD, SCHOOL_AGE = "3-5", "6-21"
"""The age groups of the environments."""
_KINDERGARTEN_COUNTS_FROM = date(2019, 7, 1)
"""From school year 2019-20 on, five-year-olds in kindergarten are counted in the school-age environments."""


_PRIVATE = "PPPS"
_TRANSPORTATION = "TRA"


def judge(form: Placement, case: Case) -> Iterator[Finding]:
    """The environment and why; it fits the student's age and the kind of plan."""
    yield from lacks(form, environment="the educational environment", justification="the justification")
    yield from misplaced(form, case.birth_on, case.iep.begin_on, case.last_day)
    yield from _of_other_kind(form, case.iep.plan_kind)


def judge_site(form: SiteDetermination, case: Case) -> Iterator[Finding]:
    """Why the student attends another school, and whether the plan has the transportation to it."""
    yield from lacks(form, reason="the reason")
    placement, planned = case.form(Placement), case.form(ProgramServices)
    if placement and placement.at_home_school:
        yield rules.SITE_UNNEEDED.broken(at="forms.LRE.at_home_school")
    services = {one.service_code for one in planned.services} if planned else set()
    if form.transportation and _TRANSPORTATION not in services:
        yield rules.TRANSPORT_UNPLANNED.broken(at="forms.SIT.transportation")


def misplaced(form: Placement, birth_on: date, first: date, last: date) -> Iterator[Finding]:
    """The findings about a placement that is in effect from `first` through `last`."""
    if form.environment is None:
        return
    yield from of_other_age(form.environment, birth_on, first, last)
    yield from _share_disagrees(form, form.environment)


def _of_other_kind(form: Placement, kind: PlanKind) -> Iterator[Finding]:
    """The warning that a services plan has no private placement, or that another plan has one."""
    if form.environment is None or ENVIRONMENTS[form.environment].more["age_group"] != SCHOOL_AGE:
        return
    if (form.environment == _PRIVATE) is not (kind is PlanKind.SERVICES_PLAN):
        yield rules.PRIVATE_PLACEMENT.broken(
            at="forms.LRE.environment", kind=kind, environment=ENVIRONMENTS.label(form.environment)
        )


def of_other_age(environment: str, birth_on: date, first: date, last: date) -> Iterator[Finding]:
    """The finding that an environment is not of the student's age group from `first` through `last`."""
    groups, age = _age_groups(birth_on, first, last), age_on(birth_on, first)
    of_group = ENVIRONMENTS[environment].more["age_group"]
    if not of_group:
        return
    label = ENVIRONMENTS.label(environment)
    if of_group not in groups:
        yield rules.ENVIRONMENT_OF_OTHER_AGE.broken(
            at="forms.LRE.environment", environment=label, group=of_group, age=age
        )
    elif len(groups) > 1:
        yield rules.ENVIRONMENT_OUTGROWN.broken(at="forms.LRE.environment", environment=label, group=of_group)


def _age_groups(birth_on: date, first: date, last: date) -> set[str]:
    """The age groups in which a child count from `first` through `last` may count the student."""
    school_age_from = 5 if last >= _KINDERGARTEN_COUNTS_FROM else 6
    early = {EARLY_CHILDHOOD} if age_on(birth_on, first) < 6 else set()
    late = {SCHOOL_AGE} if age_on(birth_on, max(first, last)) >= school_age_from else set()
    return early | late


def _share_disagrees(form: Placement, environment: str) -> Iterator[Finding]:
    share, at = form.percent_in_regular_class, "forms.LRE.percent_in_regular_class"
    if environment not in _SHARES:
        return
    if share is None:
        yield rules.SHARE_MISSING.broken(at=at, environment=ENVIRONMENTS.label(environment))
    elif share not in _SHARES[environment]:
        yield rules.SHARE_DISAGREES.broken(at=at, share=share, environment=ENVIRONMENTS.label(environment))
