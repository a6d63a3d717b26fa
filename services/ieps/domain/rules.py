"""Every rule of ieps, by code."""

from services.ieps.domain import evaluation_rules, form_rules, iep_rules

RULES = evaluation_rules.RULES | iep_rules.RULES | form_rules.RULES
