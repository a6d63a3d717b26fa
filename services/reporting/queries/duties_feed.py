"""The calendar of duties as an iCalendar feed (RFC 5545), which calendar programs subscribe to.

It has days and tasks. It has no student, no person and no number of an LEA, so it needs no token.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from services.reporting.domain.duties import PROJECT, Duty, Whose, duties_between

_BEFORE, _AFTER = timedelta(days=366), timedelta(days=2 * 366)
_DAILY = timedelta(days=1)
_OURS = "The day is this project's, and not official"


def feed(on: date, whose: Whose) -> bytes:
    """The known days from a year before a day through two years after it. Each is an event of a whole day."""
    calendar = Calendar()
    calendar.add("PRODID", "-//SER//Calendar of duties//EN")
    calendar.add("VERSION", "2.0")
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, "Special education reporting: duties")
    calendar.add("REFRESH-INTERVAL", _DAILY, parameters={"VALUE": "DURATION"})
    for event in _events(duties_between(on - _BEFORE, on + _AFTER, whose)):
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _events(duties: Sequence[Duty]) -> Sequence[Event]:
    return [_event(duty, duty.due_on) for duty in duties if duty.due_on]


def _event(duty: Duty, due_on: date) -> Event:
    event = Event()
    event.add("UID", f"{duty.name}.{duty.year.name}@duties.ser")
    event.add("DTSTAMP", datetime.combine(duty.recorded_on, time.min, UTC))
    event.add("DTSTART", due_on)
    event.add("SUMMARY", duty.title)
    event.add("DESCRIPTION", f"{duty.do}. In SER: {duty.where}\n{_why(duty)}")
    event.add("CATEGORIES", [str(duty.whose)])
    event.add("TRANSP", "TRANSPARENT")
    return event


def _why(duty: Duty) -> str:
    source = "" if duty.source == PROJECT else f" Source: {duty.source}."
    return f"{'The day is official' if duty.official else _OURS}.{source}"
