"""Every reason not to be counted has a rule."""

import re

import pytest

from contracts import catalog
from contracts.access import Role
from contracts.errors import Rule, Severity
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.queries import judged


def test_every_reason_has_a_rule() -> None:
    """Each reason for not counting a student says what to do."""
    assert set(NOT_COUNTED) == set(Reason) - {Reason.COUNTED}


def test_the_query_gives_every_reason_in_the_order_of_the_rules() -> None:
    """The reasons of the query are those of the rules, tried in their order."""
    query = judged.judged_students(None)
    places = [query.index(f"'{reason}'") for reason in Reason if reason is not Reason.COUNTED]
    assert places == sorted(places)
    assert f"ELSE '{Reason.COUNTED}'" in query


@pytest.mark.parametrize("rule", NOT_COUNTED.values(), ids=lambda rule: rule.code)
def test_a_reason_says_which_command_mends_it(rule: Rule) -> None:
    """Each reason that an LEA must correct names an existing command and its role."""
    named = [command for command in catalog.commands() if re.search(rf"\b{command}\b", rule.solution)]
    if rule.severity is Severity.ERROR:
        assert named
        assert any(f"role {role}" in rule.solution for role in Role)
    else:
        assert rule.solution == "Nothing to do."
