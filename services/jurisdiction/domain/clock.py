"""Until when the owner answers a blocked claim: 10 business days, which the state's calendars count."""

from datetime import date, timedelta

from contracts.counting import Calendars, Clock
from contracts.jurisdiction import Transfer
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.writing import ANSWER_DAYS

AT_LEAST = timedelta(days=ANSWER_DAYS // 5 * 7)
"""The days from a claim to the last day of its clock, if each weekday is a business day."""


def answer_due(transfer: Transfer, calendars: Calendars) -> date | None:
    """The last day on which the owner answers in time; None if no open services block the claim."""
    blocked = any(finding.code == rules.SERVICES_OPEN.code for finding in transfer.findings)
    if not blocked or transfer.waiting_since is None:
        return None
    return calendars.day_after(transfer.waiting_since, ANSWER_DAYS, Clock.BUSINESS_DAYS)


def before_the_state(transfer: Transfer, calendars: Calendars, today: date) -> bool:
    """Whether the state office looks at it: an LEA asked it to, or the owner did not answer in time."""
    due = answer_due(transfer, calendars)
    late = due is not None and due < today and transfer.answered_on is None
    return transfer.escalated_on is not None or late
