"""The definitions of the federal child count.

In reading order: `rules`, `race`, `sex`, `definitions`, `layout`.
"""

from services.reporting.domain.rules import RULES

__all__ = ["RULES"]
