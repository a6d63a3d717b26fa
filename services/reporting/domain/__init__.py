"""The definitions of the federal child count, due dates, and the sentences of a student's timeline.

The child count, in reading order: `rules`, `race`, `sex`, `definitions`, `layout`. Then `due` and `sentences`.
"""

from services.reporting.domain.rules import RULES

__all__ = ["RULES"]
