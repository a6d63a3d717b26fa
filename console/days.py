"""Days as people type them, and days and times as the console shows them."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.dates import ZONE

_ZONE = ZoneInfo(ZONE)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RELATIVE = re.compile(r"t\s*(?:([+-])\s*([0-9]{1,4}))?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_SLASHED = re.compile(r"([0-9]{1,2})[/.\-\s]([0-9]{1,2})[/.\-\s]([0-9]{4}|[0-9]{2})")
_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_NAMED = re.compile(r"(?:[a-z]+day,?\s+)?([a-z]{3,9})\.?\s+([0-9]{1,2})(?:,\s*|\s+)([0-9]{4}|[0-9]{2})")


def read_day(typed: str, today: date) -> date | None:
    """The day that somebody typed; None if it cannot be read.

    `10/1/26`, `10-1-2026`, `2026-10-01`, `oct 1 2026`, `10012026`; `t` is today, `t-1` yesterday. A year of
    two digits is in this century.
    """
    text = " ".join(typed.lower().split())
    if found := _RELATIVE.fullmatch(text):
        days = int(found[2] or 0)
        return today + timedelta(days=-days if found[1] == "-" else days)
    if found := _ISO.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := _SLASHED.fullmatch(text) or _DIGITS.fullmatch(text):
        return _day(found[3], found[1], found[2])
    if (found := _NAMED.fullmatch(text)) and found[1][:3] in _MONTHS:
        return _day(found[3], str(_MONTHS.index(found[1][:3]) + 1), found[2])
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def shown(day: date | str | None) -> str:
    """A day in a table or a field: `Oct 1, 2026`."""
    day = date.fromisoformat(day) if isinstance(day, str) and day else day
    return f"{day:%b} {day.day}, {day.year}" if isinstance(day, date) else ""


def in_words(day: date | str | None) -> str:
    """A day in an explanation: `Thursday, October 1, 2026`."""
    day = date.fromisoformat(day) if isinstance(day, str) and day else day
    return f"{day:%A}, {day:%B} {day.day}, {day.year}" if isinstance(day, date) else ""


def at_time(instant: datetime | str) -> str:
    """An instant as the state's clocks show it: `Nov 20, 2026, 2:04:31 p.m.`."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    local = moment.astimezone(_ZONE)
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{shown(local.date())}, {local.hour % 12 or 12}:{local:%M:%S} {half}"
