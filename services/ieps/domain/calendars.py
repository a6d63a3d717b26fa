"""The state's calendars: publishing one and amending it; those that a decision about a student reads."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from contracts.access import Actor, Role
from contracts.calendars import (
    Calendar,
    CalendarAmended,
    CalendarDay,
    CalendarPublished,
    CalendarSource,
    EarlierCalendar,
    ExtensionRule,
    PublishCalendar,
)
from contracts.counting import Calendars, is_weekend
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import ROLE_MISSING, Finding
from contracts.message import Command
from contracts.revisions import differing, moved_on
from services.ieps.domain import calendar_rules as rules

_YEARS = range(2005, 2051)
"""The years of the calendars that a decision without a day reads. SER began in 2005."""


def publish(known: Known, ask: Ask[PublishCalendar]) -> Decision:
    """The state publishes the calendar of a year, or replaces it by another version."""
    earlier, content = known.one(Calendar), content_of(ask.command)
    content["published_on"] = ask.on
    published = (
        CalendarAmended.of(earlier, earlier_versions=_versions(earlier, content["days"]), **content)
        if earlier
        else CalendarPublished(revision=1, **content)
    )
    return verdict(_broken(earlier, known, ask), [published])


def _versions(earlier: Calendar, days: Sequence[CalendarDay]) -> Sequence[EarlierCalendar]:
    """The versions before the next one, which has these days."""
    replaced = EarlierCalendar(
        revision=earlier.revision,
        published_on=earlier.published_on,
        added=tuple(exception.day for exception in days if exception not in earlier.days),
        days=tuple(exception for exception in earlier.days if exception not in days),
        terms=earlier.terms,
        start_counts=earlier.start_counts,
    )
    return *earlier.earlier_versions, replaced


def content_of(command: PublishCalendar) -> dict[str, Any]:
    """What a command says of the calendar: the year, and the days and terms, earliest first."""
    content = {name: value for name, value in command if name != "on_revision"}
    days = tuple(sorted(command.days, key=lambda exception: exception.day))
    terms = tuple(sorted(command.terms, key=lambda term: term.begin_on))
    return content | {"days": days, "terms": terms}


def _broken(earlier: Calendar | None, known: Known, ask: Ask[PublishCalendar]) -> Iterator[Finding]:
    command = ask.command
    if not ask.actor.has(Role.STATE):
        yield ROLE_MISSING.broken(role=Role.STATE)
    yield from moved_on(
        known, command, Calendar, fields=differing(earlier, command.model_copy(update=content_of(command)))
    )
    if earlier and earlier.source is CalendarSource.OFFICIAL and command.source is not earlier.source:
        yield rules.OFFICIAL_STAYS.broken(at="source", year=command.year)
    yield from unfit(command)


def unfit(command: PublishCalendar) -> Iterator[Finding]:
    """What is wrong with a calendar by itself."""
    yield from _unfit_days(command)
    yield from _unfit_terms(command)
    for number, rule in enumerate(command.extension_rules):
        yield from _unfit_rule(command, rule, f"extension_rules.{number}")
    yield from _overlapping_rules(command)


def _unfit_days(command: PublishCalendar) -> Iterator[Finding]:
    listed = set[date]()
    for number, exception in enumerate(command.days):
        at = f"days.{number}.day"
        yield from _outside(command, exception.day, at)
        if exception.day in listed:
            yield rules.DAY_TWICE.broken(at=at, day=exception.day)
        if exception.business and is_weekend(exception.day):
            yield rules.WEEKEND_BUSINESS.broken(at=f"days.{number}.business", day=exception.day)
        listed.add(exception.day)


def _unfit_terms(command: PublishCalendar) -> Iterator[Finding]:
    for number, term in enumerate(command.terms):
        yield from _span(command, term.begin_on, term.end_on, f"terms.{number}", ("begin_on", "end_on"))
    in_order = sorted(enumerate(command.terms), key=lambda numbered: numbered[1].begin_on)
    for (_, before), (number, term) in pairwise(in_order):
        if term.begin_on <= before.end_on:
            yield rules.TERMS_OVERLAP.broken(
                at=f"terms.{number}.begin_on", day=term.begin_on, last=before.end_on
            )


def _unfit_rule(command: PublishCalendar, rule: ExtensionRule, at: str) -> Iterator[Finding]:
    yield from _span(command, rule.window_begin, rule.window_end, at, ("window_begin", "window_end"))
    if (rule.business_days is None) is (rule.until is None):
        yield rules.EFFECT_UNCLEAR.broken(at=f"{at}.business_days")
    if rule.until and rule.until <= rule.window_end:
        yield rules.EXTENDS_NOTHING.broken(at=f"{at}.until", day=rule.until, last=rule.window_end)
    if rule.business_days and rule.most_business_days and rule.business_days > rule.most_business_days:
        yield rules.OVER_THE_MOST.broken(
            at=f"{at}.business_days", days=rule.business_days, most=rule.most_business_days
        )


def _overlapping_rules(command: PublishCalendar) -> Iterator[Finding]:
    for number, rule in enumerate(command.extension_rules):
        for other in command.extension_rules[:number]:
            first = max(rule.window_begin, other.window_begin)
            alike = rule.kind is other.kind and set(rule.applies_to) & set(other.applies_to)
            if alike and first <= min(rule.window_end, other.window_end):
                yield rules.RULES_OVERLAP.broken(
                    at=f"extension_rules.{number}.kind", kind=rule.kind, day=first
                )


def _span(
    command: PublishCalendar, first: date, last: date, at: str, fields: tuple[str, str]
) -> Iterator[Finding]:
    yield from _outside(command, first, f"{at}.{fields[0]}")
    yield from _outside(command, last, f"{at}.{fields[1]}")
    if last < first:
        yield rules.ENDS_EARLY.broken(at=f"{at}.{fields[1]}", day=last, first=first)


def _outside(command: PublishCalendar, day: date, at: str) -> Iterator[Finding]:
    if day.year != int(command.year):
        yield rules.OUTSIDE_YEAR.broken(at=at, day=day, year=command.year)


def around(day: date) -> Sequence[str]:
    """The calendars of the year of a day, of the year before and of the year after, as subjects."""
    return _subjects(range(day.year - 1, day.year + 2))


def looks_at_those_around(field: str) -> Callable[[Command, Actor], Iterable[str]]:
    """The calendars that a decision about a command reads: those around the day in a field of it."""
    return lambda command, _: around(getattr(command, field))


def looks_at_every(command: Command, actor: Actor) -> Iterable[str]:
    """The calendars that a decision reads if its command has no day."""
    return _subjects(_YEARS)


def calendars_around(known: Known, day: date) -> Calendars:
    """The published ones of the calendars around a day. A decision never waits for a calendar."""
    return _published(known, around(day))


def every_calendar(known: Known) -> Calendars:
    """The published ones of all calendars (`looks_at_every`)."""
    return _published(known, _subjects(_YEARS))


def _subjects(years: Iterable[int]) -> Sequence[str]:
    return [Calendar.subject_form.format(year=year) for year in years]


def _published(known: Known, subjects: Iterable[str]) -> Calendars:
    looked_at = (known.of(subject).one(Calendar) for subject in subjects)
    return Calendars(calendar for calendar in looked_at if calendar)
