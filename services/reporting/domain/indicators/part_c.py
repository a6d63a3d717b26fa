"""Indicator 12, from Part C to Part B: an IEP that is in use by the third birthday.

The letters are those of the performance plan. a: served in Part C, and referred. b: found not eligible by the
third birthday. c: eligible, with an IEP that was developed and implemented by it. d: the parent's refusal
caused the delay, or 34 CFR 300.301(d) applies. e: found eligible for Part C less than 90 days before the
birthday. f: the parent chose to continue in Part C. Each child has the first letter of b, c, f, d, e that
applies. Percent: c of a - b - d - e - f.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contracts.deadlines import anniversary
from contracts.errors import Rule
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.year import SchoolYear

_THIRD = 3
_LATE_ENTRY = timedelta(days=90)
_SUMMER = (6, 7, 8)


class Letter(StrEnum):
    """The verdict on a child of a."""

    NOT_ELIGIBLE = "b"
    IN_TIME = "c"
    REFUSED = "d"
    LATE_ENTRY = "e"
    CONTINUES = "f"
    LATE = "late"
    OPEN = "open"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Facts:
    """What early intervention did. None in place of it: nothing is recorded."""

    served: bool
    referred_on: date | None = None
    eligible_for_part_c_on: date | None = None
    parent_refusal_on: date | None = None
    continues_in_part_c: bool = False


@dataclass(frozen=True, slots=True)
class Determination:
    """A determination of eligibility by an initial evaluation."""

    on: date
    eligible: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """An official IEP. `services`: for each, its first day in the record, and its first session."""

    meeting_on: date
    begin_on: date
    services: Sequence[tuple[date, date | None]] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """A child as far as the indicator needs it. `excused`: the child was not produced, or had moved (d)."""

    birth_on: date | None
    facts: Facts | None
    determinations: Sequence[Determination] = ()
    plans: Sequence[Plan] = ()
    excused: bool = False

    @property
    def third_birthday(self) -> date | None:
        """A child of 29 February has it on 1 March."""
        return anniversary(self.birth_on, _THIRD) if self.birth_on else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The letter, or the rule that leaves the child out. `implemented_on`: the first day of an IEP in use."""

    letter: Letter
    key_on: date
    rule: Rule | None = None
    implemented_on: date | None = None


def considered(child: Child, year: SchoolYear) -> bool:
    """Whether the indicator looks at the child: it turns three in the year, or has Part C facts."""
    return child.facts is not None or child.third_birthday in year


def judge(child: Child, year: SchoolYear, as_of: date) -> Judgement:
    """The verdict on a child as of a day. The key date is the third birthday."""
    rule, birthday = _left_out(child, year), child.third_birthday
    if rule is not None or birthday is None or child.facts is None:
        return Judgement(Letter.LEFT_OUT, min(birthday or as_of, as_of), rule)
    implemented_on = _implemented_on(child.plans, as_of)
    letter = _letter(child, child.facts, birthday, as_of)
    return Judgement(letter, min(birthday, as_of), None, implemented_on)


def _left_out(child: Child, year: SchoolYear) -> Rule | None:
    if child.facts is None or not child.facts.served or child.facts.referred_on is None:
        return rules.NOT_REFERRED
    if child.third_birthday is None:
        return rules.NO_BIRTH_DATE
    return None if child.third_birthday in year else rules.BIRTHDAY_OUTSIDE


def _letter(child: Child, facts: Facts, birthday: date, as_of: date) -> Letter:
    entered_on = facts.eligible_for_part_c_on
    letters = (
        (_determined(child, birthday, as_of, eligible=False), Letter.NOT_ELIGIBLE),
        (_in_time(child, birthday, as_of), Letter.IN_TIME),
        (facts.continues_in_part_c, Letter.CONTINUES),
        (facts.parent_refusal_on is not None or child.excused, Letter.REFUSED),
        (entered_on is not None and entered_on > birthday - _LATE_ENTRY, Letter.LATE_ENTRY),
        (as_of < birthday, Letter.OPEN),
    )
    return next((letter for applies, letter in letters if applies), Letter.LATE)


def _determined(child: Child, birthday: date, as_of: date, *, eligible: bool) -> bool:
    """Whether the newest determination by the birthday says so."""
    by = [one for one in child.determinations if one.on <= min(birthday, as_of)]
    return bool(by) and max(by, key=lambda one: one.on).eligible is eligible


def _in_time(child: Child, birthday: date, as_of: date) -> bool:
    """Whether the child was eligible, and an IEP was developed and implemented, by the birthday.

    After a birthday in summer the first service may begin on the day that the IEP names.
    """
    if not _determined(child, birthday, as_of, eligible=True):
        return False
    developed = [plan for plan in child.plans if plan.meeting_on <= birthday]
    if birthday.month in _SUMMER and any(_as_the_plan_says(plan, as_of) for plan in developed):
        return True
    implemented_on = _implemented_on(developed, as_of)
    return implemented_on is not None and implemented_on <= birthday


def _as_the_plan_says(plan: Plan, as_of: date) -> bool:
    """Whether each first session was on the service's first day or before it."""
    given = [(first_on, session_on or first_on) for first_on, session_on in plan.services]
    return bool(given) and all(session_on <= min(first_on, as_of) for first_on, session_on in given)


def _implemented_on(plans: Sequence[Plan], as_of: date) -> date | None:
    """The first day on which an IEP was in force and a service under it was given.

    A service whose first session nobody recorded has begun on its first day.
    """
    days = [
        max(plan.begin_on, session_on or first_on) for plan in plans for first_on, session_on in plan.services
    ]
    return min((day for day in days if day <= as_of), default=None)
