"""The named facts have a definition each, and reporting gives them."""

import inspect

from services.reporting.domain.named_facts import NAMED_FACTS
from services.reporting.queries import facts
from services.reporting.reports.answers import FactDescribed

_NO_FACTS = {"with_facts"}


def test_every_fact_that_reports_read_is_defined() -> None:
    """A block of SQL that reads a fact has a definition that people can read."""
    blocks = {
        name
        for name, one in inspect.getmembers(facts, inspect.isfunction)
        if one.__module__ == facts.__name__ and not name.startswith("_")
    }
    missing = blocks - _NO_FACTS - NAMED_FACTS.keys()
    assert not missing, f"define each of {sorted(missing)} in services/reporting/domain/named_facts.py"


def test_a_definition_names_its_source() -> None:
    """Law, federal file, or this system's own choice: never nothing."""
    described = [FactDescribed.of(fact) for fact in NAMED_FACTS.values()]
    assert all(one.title and one.means.endswith(".") and one.source for one in described)
    assert {one.source for one in described} >= {"project", "EDFacts FS009", "LAC 28:CI.1101.C"}
