"""The day on which a query is asked."""

from datetime import UTC, date, datetime

from contracts.dates import day_at


def today() -> date:
    """The present day in Louisiana."""
    return day_at(datetime.now(UTC))
