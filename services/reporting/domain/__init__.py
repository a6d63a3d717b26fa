"""The definitions of the federal child count, due dates, and the sentences of a student's timeline.

In reading order: `rules`, `race`, `sex`, `definitions`, `layout`; then `due`; then `sentences`; then the
package `indicators`.
"""

from services.reporting.domain import rules
from services.reporting.domain.indicators import rules as indicators

RULES = rules.RULES | indicators.RULES

__all__ = ["RULES"]
