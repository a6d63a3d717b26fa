"""The terms that a planned service and a recorded one have in common."""

from contracts.types import Choice


class Frequency(Choice):
    """What `sessions` counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SIX_WEEKS = "six weeks"
    SEMESTER = "semester"
    YEAR = "year"


class Setting(Choice):
    """Where a service is given."""

    GENERAL = "general"
    SPECIAL = "special"
    COMMUNITY = "community"
    HOME = "home"
    OTHER = "other"


class Delivery(Choice):
    """Whether the provider works with the student or with those who do."""

    DIRECT = "direct"
    CONSULT = "consult"
