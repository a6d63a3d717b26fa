"""How often one person may ask, in a minute. It keeps the console fair; the services protect themselves."""

import math
import time
from enum import Enum

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from console import rules
from contracts.errors import Finding


class Rate(Enum):
    """What is limited, and how often it may happen in a minute."""

    SIGN_IN = ("sign-ins", 120)  # by address: the people of a district may share one
    FEED = ("calendar feeds", 120)  # by address: a calendar program asks for many people
    SEARCH = ("searches", 60)
    STUDENT = ("student pages", 120)
    COMMAND = ("commands", 120)


class TooMany(Exception):
    """Somebody asks too often. `seconds`: when they may go on."""

    def __init__(self, finding: Finding, seconds: int) -> None:
        super().__init__(finding.code)
        self.finding, self.seconds = finding, seconds


class Rates:
    """Counts in the memory of one process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, rate: Rate, who: str, times: int = 1) -> None:
        """Count one, or several at once. TooMany: the minute's limit is reached."""
        what, most = rate.value
        limit = RateLimitItemPerMinute(most, namespace=what)
        if not self._limiter.hit(limit, who, cost=times):
            again_at = self._limiter.get_window_stats(limit, who).reset_time
            seconds = max(1, math.ceil(again_at - time.time()))
            raise TooMany(rules.TOO_MANY.broken(limit=most, seconds=seconds), seconds)
