"""DD Turning 9: who must be reclassified or dismissed before the ninth birthday."""

from collections.abc import Iterable

from services.reporting.domain import rules
from services.reporting.domain.life import Life
from services.reporting.domain.periods import school_year_of
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.turning_nine import COLUMNS, STATUSES, turning_nine
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfSchoolYear, in_levels, judging, period_of, reasons
from services.reporting.reports.report import Asked, Report


def _course(life: Life, asked: Asked[OfSchoolYear]) -> Iterable[Judged]:
    return turning_nine(life, period_of(asked, school_year_of), asked.as_of)


_COUNTED = [Column(one, one.capitalize(), Kind.COUNT, {"verdict": one}) for one in STATUSES]
_REASONS = reasons(rules.NO_DELAY_BEFORE_NINE, rules.NINE_OUTSIDE)
TURNING_NINE = Report(
    name="dd-turning-9",
    title="DD Turning 9",
    answers="Which students with developmental delay turn nine in a period, and which of them does the LEA"
    " still have to reclassify or dismiss?",
    version=2,
    parameters=OfSchoolYear,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=tuple(GROUPS),
    tables=in_levels("status", "Students with developmental delay who turn nine", _COUNTED, _REASONS),
    reasons=_REASONS,
)
