"""Every rule has a code and a sentence. `tests.returned` checks that a test breaks each rule."""

import re
from collections import Counter

import pytest

from contracts import catalog, errors
from tests.architecture.system import SERVICES

RULES = errors.RULES | {code: rule for service in SERVICES.values() for code, rule in service.rules.items()}


def test_codes_are_unique() -> None:
    """A code means one rule in the whole system."""
    codes = Counter(code for rules in (errors.RULES, *(s.rules for s in SERVICES.values())) for code in rules)
    assert not [code for code, times in codes.items() if times > 1]


def test_retired_codes_stay_retired() -> None:
    """A retired code never returns with another meaning."""
    assert errors.RETIRED & RULES.keys() == set()


@pytest.mark.parametrize("code", RULES)
def test_rules_are_sentences(code: str) -> None:
    """Each rule has a sentence that says what is wrong, and one that says what to do."""
    for sentence in (RULES[code].message, RULES[code].solution):
        assert re.match(r"[A-Z{]|eScholar", sentence)
        assert sentence.endswith(".")
    assert RULES[code].source


@pytest.mark.parametrize("code", RULES)
def test_a_solution_names_only_commands_that_exist(code: str) -> None:
    """Each command that a rule's solution names is in the catalog."""
    named = set(re.findall(r"\b(?:[A-Z][a-z]+|IEP)(?:[A-Z][A-Za-z]+)+\b", RULES[code].solution))
    assert named - _OTHER_WORDS <= catalog.commands().keys()


_OTHER_WORDS = {"eScholar"}
