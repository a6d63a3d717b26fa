"""Evaluations due in a period: the percentage in the timeline, and each case."""

from services.reporting.domain import rules
from services.reporting.domain.evaluation_cases import COLUMNS, INITIAL, REEVALUATION, evaluation_cases
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, in_timeline, judging, of_period, reasons
from services.reporting.reports.report import Report

_REASONS = reasons(
    rules.NO_CONSENT,
    rules.DUE_OUTSIDE,
    rules.NOT_PRODUCED,
    rules.AGREED_ELSEWHERE,
    rules.CONSENT_WITHDRAWN,
    rules.GONE_BEFORE_DUE,
)
EVALUATIONS = Report(
    name="evaluations",
    title="Evaluation and Eval Summary",
    answers="Of the evaluations due in a period, how many were completed in the timeline, how many were not,"
    " and which?",
    version=1,
    parameters=OfPeriod,
    facts=LIVES,
    judge=judging(of_period(evaluation_cases)),
    columns=COLUMNS,
    dimensions=("block", *GROUPS, "days_late"),
    tables=in_timeline(
        {
            INITIAL: "Initial evaluations: 60 business days from the consent",
            REEVALUATION: "Re-evaluations: three years from the last evaluation",
        },
        _REASONS,
    ),
    reasons=_REASONS,
)
