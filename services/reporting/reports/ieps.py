"""IEP meetings due in a period: the percentage in the timeline, and each case."""

from collections.abc import Iterable, Sequence

from services.reporting.domain import rules
from services.reporting.domain.iep_cases import COLUMNS, INITIAL, REVIEW, iep_cases
from services.reporting.domain.life import Life
from services.reporting.domain.tables import Judged, Table, Tally
from services.reporting.domain.timeliness import reasons_table, summary
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging, period_of, reasons
from services.reporting.reports.report import Asked, Report


def _course(life: Life, asked: Asked[OfPeriod]) -> Iterable[Judged]:
    return iep_cases(life, period_of(asked), asked.as_of, asked.calendars)


def _tables(tally: Tally, asked: Asked[OfPeriod]) -> Sequence[Table]:
    by = asked.parameters.by
    return (
        summary(tally, by, INITIAL, "First IEPs: 30 days from the evaluation's report"),
        summary(tally, by, REVIEW, "Reviews: a year from the team's meeting"),
        reasons_table(tally, list(IEPS.reasons)),
    )


IEPS = Report(
    name="ieps",
    title="IEP and IEP Summary",
    answers="Of the IEP meetings due in a period, how many were held in the timeline, how many were not, and"
    " which?",
    version=1,
    parameters=OfPeriod,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=("block", *GROUPS, "days_late"),
    tables=_tables,
    reasons=reasons(
        rules.NOT_FOUND_ELIGIBLE,
        rules.DUE_OUTSIDE,
        rules.IS_AMENDMENT,
        rules.IS_INTERIM,
        rules.OLD_EVALUATION,
        rules.EXITED_BEFORE_DUE,
        rules.SERVICES_REFUSED,
    ),
)
