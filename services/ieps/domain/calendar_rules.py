"""The rules of calendars (CAL), by code. Codes are this project's own."""

from contracts.errors import Rule, by_code

OUTSIDE_YEAR = Rule(
    "CAL-001",
    "{day} is not in the year {year}.",
    "Correct the date, or put it into the calendar of its own year.",
)
DAY_TWICE = Rule("CAL-002", "The calendar lists {day} more than once.", "List each day once.")
WEEKEND_BUSINESS = Rule(
    "CAL-003",
    "{day} is a Saturday or Sunday, which is never a business day.",
    "Leave `business` out.",
    "34 CFR 300.11",
)
ENDS_EARLY = Rule(
    "CAL-004", "The last day, {day}, is before the first, {first}.", "Correct one of the dates."
)
TERMS_OVERLAP = Rule(
    "CAL-005",
    "The school term that begins on {day} overlaps the term that ends on {last}.",
    "Correct the dates, or make one term of the two.",
)
EFFECT_UNCLEAR = Rule(
    "CAL-006",
    "An extension rule needs either a number of business days or a new due date.",
    "Fill in exactly one of `business_days` and `until`.",
)
EXTENDS_NOTHING = Rule(
    "CAL-007",
    "The new due date, {day}, is not after the window, which ends on {last}.",
    "Correct the new due date or the window.",
)
OVER_THE_MOST = Rule(
    "CAL-008",
    "The rule gives {days} business days, but allows at most {most}.",
    "Correct one of the numbers.",
)
RULES_OVERLAP = Rule(
    "CAL-009",
    "Another rule already covers extensions of the kind {kind} on {day}.",
    "Let only one rule of each kind apply to an evaluation.",
)
OFFICIAL_STAYS = Rule(
    "CAL-010",
    "The state has published its official calendar of {year}.",
    "Publish the calendar with the source `official`. One of the project never replaces it.",
    fields=("source",),
)
NOT_PUBLISHED = Rule(
    "CAL-011",
    "The state has not published a calendar of {year}.",
    "Ask the state for it. Until then each Monday through Friday counts.",
    fields=("year",),
)
NEVER_EXTENDED = Rule(
    "CAL-012",
    "Only evaluations are extended, but the due date is of the kind {kind}.",
    "Leave the extension out.",
    fields=("business_days", "until"),
)


RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
