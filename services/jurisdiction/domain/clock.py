"""Until when the owner answers a blocked claim: 10 business days, which the state's calendars count."""

from datetime import date, timedelta

from contracts.counting import Calendars, Clock
from contracts.jurisdiction import Transfer
from services.jurisdiction.domain import rules

ANSWER_DAYS = 10
"""The business days within which the owner answers a blocked claim. Later the state office sees it."""

_AT_LEAST = timedelta(days=ANSWER_DAYS // 5 * 7)
"""The days from a claim to the last day of its clock, if each weekday is a business day."""


def answer_due(transfer: Transfer, calendars: Calendars) -> date | None:
    """The last day on which the owner answers in time; None if no open services block the claim."""
    blocked = any(finding.code == rules.SERVICES_OPEN.code for finding in transfer.findings)
    if not blocked or transfer.waiting_since is None:
        return None
    return _due(transfer.waiting_since, calendars)


def over_for_claims_of(calendars: Calendars, today: date) -> date:
    """The day of the latest claims for whose answer the business days are over."""
    day = today - _AT_LEAST
    while _due(day, calendars) >= today:
        day -= timedelta(days=1)
    return day


def _due(claimed_on: date, calendars: Calendars) -> date:
    return calendars.day_after(claimed_on, ANSWER_DAYS, Clock.BUSINESS_DAYS)
