"""All reports, by name."""

from collections.abc import Mapping
from typing import Any

from services.reporting.reports.assistance import ASSISTANCE
from services.reporting.reports.business_days import BUSINESS_DAYS
from services.reporting.reports.caseloads import CASELOADS
from services.reporting.reports.child_count import CHILD_COUNT
from services.reporting.reports.deliveries import DELIVERED
from services.reporting.reports.disproportionality import (
    INDICATOR_9,
    INDICATOR_10,
    SIGNIFICANT_DISPROPORTIONALITY,
)
from services.reporting.reports.evaluations import EVALUATIONS
from services.reporting.reports.exits import EXITS
from services.reporting.reports.ieps import IEPS
from services.reporting.reports.indicator_11 import INDICATOR_11
from services.reporting.reports.indicator_12 import INDICATOR_12
from services.reporting.reports.indicator_13 import INDICATOR_13
from services.reporting.reports.indicators_1_2_14 import INDICATOR_1, INDICATOR_2, INDICATOR_14
from services.reporting.reports.indicators_5_6 import INDICATOR_5, INDICATOR_6
from services.reporting.reports.plans import PLANS
from services.reporting.reports.reevaluations import REEVALUATIONS
from services.reporting.reports.report import Report
from services.reporting.reports.rosters import ROSTERS
from services.reporting.reports.summers import SUMMERS
from services.reporting.reports.transfers import TRANSFERS
from services.reporting.reports.transition_plans import TRANSITION
from services.reporting.reports.turning_nine import TURNING_NINE

_ALL: tuple[Report[Any], ...] = (
    BUSINESS_DAYS,
    EVALUATIONS,
    IEPS,
    REEVALUATIONS,
    ROSTERS,
    TURNING_NINE,
    PLANS,
    CASELOADS,
    EXITS,
    TRANSFERS,
    TRANSITION,
    SUMMERS,
    DELIVERED,
    CHILD_COUNT,
    INDICATOR_1,
    INDICATOR_2,
    INDICATOR_5,
    INDICATOR_6,
    INDICATOR_9,
    INDICATOR_10,
    INDICATOR_11,
    INDICATOR_12,
    INDICATOR_13,
    INDICATOR_14,
    SIGNIFICANT_DISPROPORTIONALITY,
    ASSISTANCE,
)
REPORTS: Mapping[str, Report[Any]] = {report.name: report for report in _ALL}
