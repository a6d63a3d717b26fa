"""Where a page ends in a list that shows the newest first: the instant and id of its last row.

`after` names that place: the instant in microseconds since 1970, a blank, and the id.
"""

from datetime import UTC, datetime, timedelta

INSTANT_FORM = "[0-9]{1,17}"
"""The form of the instant in `after`."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def place_of(at: datetime, row_id: object) -> str:
    """The place of a row, as `after` of the next page."""
    return f"{(at - _BEGINNING) // _TICK} {row_id}"


def place_in(after: str) -> tuple[datetime | None, str | None]:
    """The instant and id in `after`; None and None if it is blank."""
    if not after:
        return None, None
    instant, _, row_id = after.partition(" ")
    return _BEGINNING + int(instant) * _TICK, row_id
