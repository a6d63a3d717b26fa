"""Every reason not to be counted has a rule."""

from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.queries import judged


def test_every_reason_has_a_rule() -> None:
    """Whoever is not counted is told why and what to do."""
    assert set(NOT_COUNTED) == set(Reason) - {Reason.COUNTED}


def test_the_query_gives_every_reason_in_the_order_of_the_rules() -> None:
    """The reasons of the query are those of the rules, tried in their order."""
    query = judged.judged_students(None)
    places = [query.index(f"'{reason}'") for reason in Reason if reason is not Reason.COUNTED]
    assert places == sorted(places)
    assert f"ELSE '{Reason.COUNTED}'" in query
