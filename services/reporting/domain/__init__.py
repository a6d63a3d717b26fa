"""The definitions of the federal child count, due dates, and the sentences of a student's timeline.

In reading order: `rules`, `race`, `sex`, `definitions`, `layout`; then `due`; then `sentences`; then the
packages `indicators` and `federal`, the federal files.
"""

from services.reporting.domain import rules
from services.reporting.domain.federal.rules import RULES as FEDERAL_RULES
from services.reporting.domain.indicators import rules as indicators

RULES = rules.RULES | indicators.RULES | FEDERAL_RULES

__all__ = ["RULES"]
