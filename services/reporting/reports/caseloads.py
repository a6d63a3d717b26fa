"""Caseloads, down to each coordinator."""

from collections.abc import Iterable

from pydantic import Field

from services.reporting.domain import rules
from services.reporting.domain.caseloads import COLUMNS, DUE, NONE, ON_THE_CASELOAD, OVERDUE, caseload
from services.reporting.domain.life import Life
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import Level
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, in_levels, judging, period_of, reasons
from services.reporting.reports.report import Asked, Report


class OfCoordinators(OfPeriod):
    """The parameters of a report whose summary goes down to the coordinator."""

    by: Level = Field(
        default=Level.COORDINATOR, title="Summary by", description="How far down the summary goes."
    )


_WORDS = {"iep": "IEP", "evaluation": "Evaluation"}
_COUNTED = (
    Column("students", "Students", Kind.COUNT, {"verdict": ON_THE_CASELOAD}),
    *(
        Column(f"{name} {when}", f"{label} {shown}", Kind.COUNT, {name: when})
        for name, label in _WORDS.items()
        for when, shown in ((OVERDUE, "overdue"), (DUE, "due in the period"), (NONE, "has no date"))
    ),
)


def _course(life: Life, asked: Asked[OfCoordinators]) -> Iterable[Judged]:
    return caseload(life, period_of(asked), asked.as_of, asked.calendars)


_REASONS = reasons(rules.NOT_IN_SPECIAL_EDUCATION)
CASELOADS = Report(
    name="caseloads",
    title="Caseloads",
    answers="How many students does each coordinator have, and for how many of them is an IEP or an"
    " evaluation overdue, or due in a period?",
    version=1,
    parameters=OfCoordinators,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=(*GROUPS, "iep", "evaluation"),
    tables=in_levels("caseloads", "Students on the caseload", _COUNTED, _REASONS),
    reasons=_REASONS,
    sort=("lea", "school", "coordinator"),
)
