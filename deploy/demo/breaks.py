"""The breaks in instruction of this project's calendars: the days between two school terms."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from deploy.seeding import calendars

_DAY = timedelta(days=1)
_BREAKS = 2


def breaks_before(day: date) -> Sequence[tuple[date, date]]:
    """The last two breaks that ended before a day, each with its first and its last day.

    Before the first calendars: two breaks of ten days.
    """
    ended = [one for one in _breaks() if one[1] < day]
    if len(ended) >= _BREAKS:
        return ended[-_BREAKS:]
    return [(day - ago * _DAY, day - (ago - 9) * _DAY) for ago in (200, 120)]


@cache
def _breaks() -> Sequence[tuple[date, date]]:
    terms = [term for calendar in calendars() for term in calendar.terms]
    return [(before.end_on + _DAY, after.begin_on - _DAY) for before, after in pairwise(terms)]
