"""The definitions of the federal child count, due dates, and the sentences of a student's timeline.

In reading order: `rules`, `race`, `sex`, `definitions`, `layout`; then `due`; then `sentences`.
"""

from services.reporting.domain.rules import RULES

__all__ = ["RULES"]
