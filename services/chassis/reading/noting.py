"""The log line of a batch, without contents: refusals by code, dead letters by topic, defects."""

from collections import Counter
from typing import Any

from pydantic_core import from_json

from contracts.outcome import Status
from services.chassis.deciding.batch import Writes


def noteworthy(writes: Writes) -> dict[str, dict[str, int]]:
    """How many refusals gave each code, and how many records of each topic became dead letters.

    Empty if the batch had neither.
    """
    refused = Counter(
        code
        for entry in writes.ledger.values()
        if entry.status is Status.REFUSED
        for code in _codes(from_json(entry.body))
    )
    unread: Counter[str] = Counter()
    for (topic, _, result), count in writes.tally.items():
        if result == "dead letter":
            unread[topic] += count
    found = {"refused": dict(refused), "dead_letters": dict(unread)}
    return {name: counts for name, counts in found.items() if counts}


def defects(writes: Writes) -> dict[str, dict[str, int]]:
    """How many messages are held from now on for each defect, by the class of its exception; and their names.

    Empty if there are none. A message that stays held for the same defect is not among them.
    """
    met = [held for held in writes.held.values() if held.defect]
    if not met:
        return {}
    return {
        "defects": dict(Counter(held.reason for held in met)),
        "names": dict(Counter(held.item.name for held in met)),
    }


def _codes(outcome: dict[str, Any]) -> set[str]:
    """The codes of an outcome, each once."""
    return {finding["code"] for finding in outcome["findings"]}
