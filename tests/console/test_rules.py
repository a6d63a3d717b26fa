"""The console's own rules: each has a code, a sentence and a solution, and the console raises it."""

import re
from pathlib import Path

import pytest

from console import rules
from contracts.errors import Rule
from tests.architecture.test_rules import RULES as OF_SERVICES

NAMED = {name: one for name, one in vars(rules).items() if isinstance(one, Rule)}
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(rules.__file__).parent.rglob("*.py"))
EACH = pytest.mark.parametrize("name", NAMED)


@EACH
def test_something_raises_each_rule(name: str) -> None:
    """A rule that nothing raises is a help page for nobody."""
    assert re.search(rf"\brules\.{name}\.broken\(", SOURCE), f"nothing raises {name}; delete it"


@EACH
def test_a_rule_is_two_sentences(name: str) -> None:
    """Each rule says what is wrong and what to do."""
    for sentence in (NAMED[name].message, NAMED[name].solution):
        assert re.fullmatch(r"[A-Z].*\.", sentence)


def test_no_service_has_a_code_of_the_console() -> None:
    """A code means one rule in the whole system."""
    assert not rules.RULES.keys() & OF_SERVICES.keys()
    assert all(code.startswith("CON-") for code in rules.RULES)
