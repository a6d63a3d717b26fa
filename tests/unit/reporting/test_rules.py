"""Every rule is tried, and every reason has one."""

from pathlib import Path

from services.reporting.domain.rules import NOT_COUNTED, RULES, Reason
from services.reporting.queries import judged

_TESTS = Path(__file__).parent
_INTEGRATION = _TESTS.parents[1] / "integration"


def test_every_rule_is_named_by_a_test() -> None:
    """No rule is written down without a test that breaks it and says its code."""
    paths = [*_TESTS.glob("test_*.py"), *_INTEGRATION.glob("test_reporting_*.py")]
    tests = "".join(path.read_text() for path in paths)
    assert not [code for code in RULES if f'"{code}"' not in tests]


def test_every_reason_has_a_rule() -> None:
    """Whoever is not counted is told why and what to do."""
    assert set(NOT_COUNTED) == set(Reason) - {Reason.COUNTED}


def test_the_query_gives_every_reason_in_the_order_of_the_rules() -> None:
    """The reasons of the query are those of the rules, tried in their order."""
    query = judged.judged_students(None)
    places = [query.index(f"'{reason}'") for reason in Reason if reason is not Reason.COUNTED]
    assert places == sorted(places)
    assert f"ELSE '{Reason.COUNTED}'" in query
