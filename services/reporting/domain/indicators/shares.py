"""Percentages as the performance plan prints them: two decimals, from exact numbers."""

_PLACES = 2


def percent(part: int, whole: int) -> str:
    """A percentage with two decimals, half rounded up. `-`: there is nothing to divide by."""
    if whole == 0:
        return "-"
    scaled = (2 * part * 10 ** (_PLACES + 2) + whole) // (2 * whole)
    units, rest = divmod(scaled, 10**_PLACES)
    return f"{units}.{rest:02d}"
