"""Each rule of ieps has a test that breaks it."""

from pathlib import Path

import pytest

from contracts.errors import Rule
from services.ieps.domain.rules import RULES

TESTS = "\n".join(
    path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path.name != "test_rules.py"
)


@pytest.mark.parametrize("code", RULES)
def test_every_rule_is_broken_by_a_test(code: str) -> None:
    """No rule is written down and never tried."""
    assert f'"{code}"' in TESTS


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_says_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    """Each rule has a sentence, a solution and a source."""
    assert rule.message.endswith(".")
    assert rule.solution.endswith(".")
    assert rule.source
