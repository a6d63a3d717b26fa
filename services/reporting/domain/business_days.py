"""For each day of a year: when a clock that starts on it ends."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from contracts.calendars import Calendar, ExtendedEvaluation, Extension, ExtensionRule
from contracts.counting import Calendars, is_weekend
from contracts.deadlines import Due, consent_request_due, evaluation_due
from services.reporting.domain.tables import Column, Kind, Row, Table

_BUSINESS, _NOT, _WEEKEND = "yes", "no", "weekend"


def business_days(year: int, calendars: Calendars) -> Table:
    """Every date of the year as a start: +10 and +60 business days, and +60 with each extension that the
    calendar of the start allows. A date that needs an unpublished calendar is provisional."""
    calendar = calendars.of(year)
    rules = [rule for rule in calendar.extension_rules if _for_initial(rule)] if calendar else []
    columns = (
        Column("day", "Date", Kind.DAY),
        Column("weekday", "Weekday"),
        Column("business", "Business day"),
        Column("reason", "Reason"),
        Column("ten", "+10", Kind.DAY),
        Column("sixty", "+60", Kind.DAY),
        *(Column(f"extended {n}", f"+60 and {rule.kind}", Kind.DAY) for n, rule in enumerate(rules)),
        Column("provisional", "Provisional"),
        Column("version", "Calendar version", Kind.NUMBER),
    )
    rows = tuple(_row(day, calendar, rules, calendars) for day in _days(year))
    return Table("days", f"Business days of {year}", columns, rows)


def _for_initial(rule: ExtensionRule) -> bool:
    return ExtendedEvaluation.INITIAL in rule.applies_to and bool(rule.business_days or rule.until)


def _row(day: date, calendar: Calendar | None, rules: Sequence[ExtensionRule], calendars: Calendars) -> Row:
    exception = next((one for one in calendar.days if one.day == day), None) if calendar else None
    business = exception.business if exception else not is_weekend(day)
    reason = exception.reason if exception else _WEEKEND if is_weekend(day) else None
    ten = consent_request_due(day, calendars)
    sixty = evaluation_due(day, calendars)
    extended = [_extended(day, rule, calendars) for rule in rules]
    counted = [ten, sixty, *(one for one in extended if one)]
    return Row(
        (
            day,
            f"{day:%A}",
            _BUSINESS if business else _NOT,
            reason,
            ten.due_on,
            sixty.due_on,
            *(one.due_on if one else None for one in extended),
            any(one.provisional for one in counted),
            calendar.revision if calendar else None,
        )
    )


def _extended(day: date, rule: ExtensionRule, calendars: Calendars) -> Due | None:
    """The due date with an extension. None: the rule does not apply to a start on the day."""
    if not rule.window_begin <= day <= rule.window_end:
        return None
    extension = Extension(kind=rule.kind, business_days=rule.business_days, until=rule.until, approved_on=day)
    return evaluation_due(day, calendars, [extension])


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)
