"""IEP meetings due in a period: the percentage in the timeline, and each case."""

from services.reporting.domain import rules
from services.reporting.domain.iep_cases import COLUMNS, INITIAL, REVIEW, iep_cases
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, in_timeline, judging, of_period, reasons
from services.reporting.reports.report import Report

_REASONS = reasons(
    rules.NOT_FOUND_ELIGIBLE,
    rules.DUE_OUTSIDE,
    rules.IS_AMENDMENT,
    rules.IS_INTERIM,
    rules.OLD_EVALUATION,
    rules.EXITED_BEFORE_DUE,
    rules.SERVICES_REFUSED,
)
IEPS = Report(
    name="ieps",
    title="IEP and IEP Summary",
    answers="Of the IEP meetings due in a period, how many were held in the timeline, how many were not, and"
    " which?",
    version=1,
    parameters=OfPeriod,
    facts=LIVES,
    judge=judging(of_period(iep_cases)),
    columns=COLUMNS,
    dimensions=("block", *GROUPS, "days_late"),
    tables=in_timeline(
        {
            INITIAL: "First IEPs: 30 days from the evaluation's report",
            REVIEW: "Reviews: a year from the team's meeting",
        },
        _REASONS,
    ),
    reasons=_REASONS,
)
