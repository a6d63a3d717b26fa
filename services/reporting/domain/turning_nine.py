"""The students with developmental delay who turn nine: each is reclassified or dismissed before that day."""

from collections.abc import Iterator
from datetime import date

from contracts.dates import CHILD_COUNT
from contracts.deadlines import anniversary, reclassification_due
from services.reporting.domain import rules
from services.reporting.domain.life import DD, Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import left_out, placed

STATUSES = ("reclassified", "dismissed", "overdue", "re-evaluation under way", "to do")
COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("ninth_on", "Ninth birthday", Kind.DAY),
    Column("due_on", "Due", Kind.DAY),
    Column("dd_primary", "Delay is primary"),
    Column("evaluated_on", "Last evaluation", Kind.DAY),
    Column("done_on", "Done", Kind.DAY),
    Column("new_primary", "New primary exceptionality", Kind.CODE),
    Column("not_counted", "Not in the child count of 1 October"),
)
_NINE, _EIGHT = 9, 8


def turning_nine(life: Life, period: Period, as_of: date) -> Iterator[Judged]:
    """The student's row, if any determination ever found developmental delay."""
    delayed = [one for one in life.evaluations if DD in one.exceptionalities and one.determined_on]
    if not delayed or life.birth_on is None:
        return
    ninth_on = anniversary(life.birth_on, _NINE)
    due_on = reclassification_due(life.birth_on).due_on
    key_on = min(as_of, due_on)
    if ninth_on not in period:
        yield left_out(life, rules.NINE_OUTSIDE.code, key_on, ninth_on=ninth_on)
    elif not _delayed_in_the_year(life, ninth_on, as_of):
        yield left_out(life, rules.NO_DELAY_BEFORE_NINE.code, key_on, ninth_on=ninth_on)
    else:
        yield _row(life, ninth_on, due_on, key_on, as_of)


def _delayed_in_the_year(life: Life, ninth_on: date, as_of: date) -> bool:
    """Whether a determination with the delay was in force on a day of the year before the ninth birthday,
    while the student was in special education."""
    assert life.birth_on is not None, "the caller knows the birth date"
    first = anniversary(life.birth_on, _EIGHT)
    days = {first, *(one.determined_on for one in life.evaluations if one.determined_on)}
    days |= {one.entered_on for one in life.activities}
    inside = [day for day in sorted(days) if first <= day < ninth_on and day <= as_of]
    return any(_delayed(life, day) and life.in_special_education(day) for day in inside)


def _delayed(life: Life, day: date) -> bool:
    found = life.determination_on(day)
    return found is not None and DD in found.exceptionalities


def _row(life: Life, ninth_on: date, due_on: date, key_on: date, as_of: date) -> Judged:
    status, done_on, primary = _status(life, due_on, as_of)
    reports = [one.evaluated_on for one in life.evaluated_on(as_of) if one.evaluated_on]
    found = life.determination_on(key_on)
    year = ninth_on.year if (ninth_on.month, ninth_on.day) <= CHILD_COUNT else ninth_on.year + 1
    october = date(year, *CHILD_COUNT)
    still = life.determination_on(min(october, as_of))
    return Judged(
        life.student_id,
        status,
        None,
        {
            **placed(life, key_on),
            "ninth_on": ninth_on,
            "due_on": due_on,
            "dd_primary": found.primary == DD if found else None,
            "evaluated_on": reports[-1] if reports else None,
            "done_on": done_on,
            "new_primary": primary,
            "not_counted": october <= as_of and still is not None and DD in still.exceptionalities,
        },
    )


def _status(life: Life, due_on: date, as_of: date) -> tuple[str, date | None, str | None]:
    """The status, the day on which it was reached, and the new primary exceptionality."""
    newest = life.determination_on(as_of)
    left = [one.exited_on for one in life.activities if one.exited_on and one.exited_on <= as_of]
    if newest and DD not in newest.exceptionalities and newest.exceptionalities:
        return "reclassified", newest.determined_on, newest.primary
    if newest and not newest.exceptionalities:
        return "dismissed", newest.determined_on, None
    if left and not life.in_special_education(as_of):
        return "dismissed", max(left), None
    if as_of > due_on:
        return "overdue", None, None
    if any(one.stage in ("begun", "requested", "consented", "completed") for one in life.evaluations):
        return "re-evaluation under way", None, None
    return "to do", None, None
