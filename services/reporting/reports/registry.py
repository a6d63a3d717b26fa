"""All reports, by name."""

from collections.abc import Mapping
from typing import Any

from services.reporting.reports.business_days import BUSINESS_DAYS
from services.reporting.reports.child_count import CHILD_COUNT
from services.reporting.reports.evaluations import EVALUATIONS
from services.reporting.reports.ieps import IEPS
from services.reporting.reports.plans import PLANS
from services.reporting.reports.reevaluations import REEVALUATIONS
from services.reporting.reports.report import Report
from services.reporting.reports.rosters import ROSTERS
from services.reporting.reports.turning_nine import TURNING_NINE

_ALL: tuple[Report[Any], ...] = (
    BUSINESS_DAYS,
    EVALUATIONS,
    IEPS,
    REEVALUATIONS,
    ROSTERS,
    TURNING_NINE,
    PLANS,
    CHILD_COUNT,
)
REPORTS: Mapping[str, Report[Any]] = {report.name: report for report in _ALL}
