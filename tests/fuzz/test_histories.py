"""Each service answers every command of any history of a student."""

from collections import Counter

import pytest
from hypothesis import given

from contracts import catalog
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import SERVICES
from tests.fuzz.amount import Progress, amount, say, trying
from tests.fuzz.histories import Step, histories
from tests.fuzz.judged_service import JudgedService
from tests.fuzz.kafka_messages import Senders

SMALL = 150
ENOUGH = 5_000
"""So many histories bring every event of a service; fewer may not."""
DECIDING = [service for service in SERVICES.values() if service.deciders]


@pytest.mark.parametrize("service", DECIDING, ids=lambda service: service.name)
def test_any_history_is_answered(service: ServiceDefinition, senders: Senders) -> None:
    """A service answers every command of a random history. It skips no sequence and meets no defect.

    The same input gives the same answer."""
    progress = Progress(f"histories of {service.name}", amount(SMALL))
    happened: Counter[str] = Counter()

    @trying(SMALL)
    @given(histories(service))
    def histories_are_answered(steps: list[Step]) -> None:
        progress.step()
        happened.update(JudgedService(service, senders).run(steps))

    histories_are_answered()
    say(f"{service.name}: " + ", ".join(f"{what} {times:,}" for what, times in happened.most_common()))
    for something in ("accepted", "refused", "applied", "duplicate"):
        assert happened[something], f"no history had anything {something}"
    missed = {"held", "dead letter", *catalog.events(service.name)} - happened.keys()
    assert not missed or amount(SMALL) < ENOUGH, f"no history brought {missed}"
