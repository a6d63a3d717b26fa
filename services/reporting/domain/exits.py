"""Exits from special education in a period, with the reason, and whether the student came back."""

from collections.abc import Iterator
from datetime import date

from contracts.codes import EXIT_REASONS
from contracts.counting import Calendars
from services.reporting.domain.life import Activity, Life
from services.reporting.domain.periods import Period
from services.reporting.domain.rosters import age_on
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import placed

LEFT, CAME_BACK = "left", "came back"
IN_ERROR = "ERR"
"""The reason of an entry that was made in error. Such an entry is no time in special education."""

COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("entered_on", "Entered", Kind.DAY),
    Column("exited_on", "Exited", Kind.DAY),
    Column("exit_reason", "Exit reason", Kind.CODE),
    Column("basis", "Federal basis of exit", Kind.CODE),
    Column("age", "Age", Kind.NUMBER),
    Column("grade", "Grade", Kind.CODE),
    Column("primary", "Primary exceptionality", Kind.CODE),
    Column("back_on", "Came back", Kind.DAY),
)


def exits(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The student's exits in the period, through the day. LEA and school are those of the exit."""
    for one in life.activities:
        exited_on = one.exited_on
        if exited_on and exited_on <= as_of and exited_on in period and one.exit_reason != IN_ERROR:
            yield _exit(life, one, exited_on, as_of)


def _exit(life: Life, one: Activity, exited_on: date, as_of: date) -> Judged:
    back = [each.entered_on for each in life.activities if exited_on < each.entered_on <= as_of]
    found, reason = life.determination_on(exited_on), one.exit_reason
    return Judged(
        life.student_id,
        CAME_BACK if back else LEFT,
        None,
        {
            **placed(life, exited_on),
            "entered_on": one.entered_on,
            "exited_on": exited_on,
            "exit_reason": reason,
            "basis": EXIT_REASONS[reason].edfacts if reason and reason in EXIT_REASONS else None,
            "age": age_on(life.birth_on, exited_on) if life.birth_on else None,
            "grade": life.grade_on(exited_on),
            "primary": found.primary if found else None,
            "back_on": min(back, default=None),
        },
    )
