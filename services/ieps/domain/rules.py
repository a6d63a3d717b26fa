"""Every rule of ieps, by code."""

from services.ieps.domain import activity_rules, calendar_rules, evaluation_rules, form_rules, iep_rules

RULES = (
    calendar_rules.RULES | evaluation_rules.RULES | iep_rules.RULES | form_rules.RULES | activity_rules.RULES
)
