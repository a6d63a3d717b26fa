"""Evaluations due in a period: the percentage in the timeline, and each case."""

from collections.abc import Iterable, Sequence

from services.reporting.domain import rules
from services.reporting.domain.evaluation_cases import COLUMNS, INITIAL, REEVALUATION, evaluation_cases
from services.reporting.domain.life import Life
from services.reporting.domain.tables import Judged, Table, Tally
from services.reporting.domain.timeliness import reasons_table, summary
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging, period_of, reasons
from services.reporting.reports.report import Asked, Report


def _course(life: Life, asked: Asked[OfPeriod]) -> Iterable[Judged]:
    return evaluation_cases(life, period_of(asked), asked.as_of, asked.calendars)


def _tables(tally: Tally, asked: Asked[OfPeriod]) -> Sequence[Table]:
    by = asked.parameters.by
    return (
        summary(tally, by, INITIAL, "Initial evaluations: 60 business days from the consent"),
        summary(tally, by, REEVALUATION, "Re-evaluations: three years from the last evaluation"),
        reasons_table(tally, list(EVALUATIONS.reasons)),
    )


EVALUATIONS = Report(
    name="evaluations",
    title="Evaluation and Eval Summary",
    answers="Of the evaluations due in a period, how many were completed in the timeline, how many were not,"
    " and which?",
    version=1,
    parameters=OfPeriod,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=("block", *GROUPS, "days_late"),
    tables=_tables,
    reasons=reasons(
        rules.NO_CONSENT,
        rules.DUE_OUTSIDE,
        rules.NOT_PRODUCED,
        rules.AGREED_ELSEWHERE,
        rules.CONSENT_WITHDRAWN,
        rules.GONE_BEFORE_DUE,
    ),
)
