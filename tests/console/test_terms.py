"""How a service's terms differ over time, as people say it."""

from datetime import timedelta

from console.terms import differences, terms_of
from contracts.provision import EarlierTerms
from tests.unit.events import AUGUST, SEPTEMBER
from tests.unit.provision.events import service


def test_differences_in_words() -> None:
    """Each changed term is named with its value before and after."""
    before = service().terms
    after = before.model_copy(update={"minutes_per_session": 45, "provider_id": "T-1"})
    said = differences(before, after)
    assert said == "Minutes per session 30 → 45; provider's number none → T-1"
    assert differences(None, before) == differences(before, before) == ""


def test_the_last_terms_stand_first() -> None:
    """The list has each terms' days, the last terms first."""
    given = service()
    later = given.terms.model_copy(update={"sessions": 3})
    earlier = EarlierTerms(terms=given.terms, last_day=SEPTEMBER - timedelta(days=1))
    now, before = terms_of(given.model_copy(update={"terms": later, "earlier_terms": (earlier,)}))
    assert (now.since, now.last_day, now.differs) == (SEPTEMBER, None, "Sessions 2 → 3")
    assert (before.since, before.last_day, before.differs) == (AUGUST, earlier.last_day, "")
