"""Every rule has a code, a sentence and a test."""

import re
from collections import Counter

import pytest

from contracts import errors
from tests.architecture.system import SERVICES, said_in_tests

CONSTANTS = {rule.code: name for name, rule in vars(errors).items() if isinstance(rule, errors.Rule)}
RULES = errors.RULES | {code: rule for service in SERVICES.values() for code, rule in service.rules.items()}
TESTS = said_in_tests("unit", "integration", "contracts", "e2e")


def test_codes_are_unique() -> None:
    """A code means one rule in the whole system."""
    told = Counter(code for rules in (errors.RULES, *(s.rules for s in SERVICES.values())) for code in rules)
    assert not [code for code, times in told.items() if times > 1]


def test_retired_codes_stay_retired() -> None:
    """A code whose rule is gone never comes back with another meaning."""
    assert errors.RETIRED & RULES.keys() == set()


@pytest.mark.parametrize("code", RULES)
def test_every_rule_is_broken_by_a_test(code: str) -> None:
    """No rule is written down without a test that breaks it and names it, by its code or its constant."""
    named = "|".join(filter(None, (f'"{code}"', CONSTANTS.get(code))))
    is_named = re.search(rf"(?<!\w)({named})(?!\w)", TESTS) is not None
    assert is_named, f"no test names {code}"


@pytest.mark.parametrize("code", RULES)
def test_rules_are_sentences(code: str) -> None:
    """Who breaks a rule reads a sentence that says what is wrong, and another that says what to do."""
    for sentence in (RULES[code].message, RULES[code].solution):
        assert re.match(r"[A-Z{]|eScholar", sentence)
        assert sentence.endswith(".")
    assert RULES[code].source
