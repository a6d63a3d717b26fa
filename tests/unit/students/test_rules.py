"""Every rule is tried."""

from pathlib import Path

from services.students.domain import RULES


def test_every_rule_is_named_by_a_test() -> None:
    """No rule is written down without a test that breaks it and says its code."""
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert not [code for code in RULES if f'"{code}"' not in tests]
