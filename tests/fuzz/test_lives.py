"""Whatever happens to a student in whatever order, each service answers every command and stays whole."""

from collections import Counter

import pytest
from hypothesis import given

from contracts import catalog
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import SERVICES
from tests.fuzz.amount import Progress, amount, say, trying
from tests.fuzz.desk import Desk
from tests.fuzz.lives import Step, lives
from tests.fuzz.post import Post

SMALL = 40
ENOUGH = 5_000
"""So many lives bring every event a service can say; fewer need not."""
DECIDING = [service for service in SERVICES.values() if service.deciders]


@pytest.mark.parametrize("service", DECIDING, ids=lambda service: service.name)
def test_any_life_is_answered(service: ServiceDefinition, post: Post) -> None:
    """Commands and events in any order, twice, late, mistaken or by strangers: every command has its answer,
    no number is left out, nothing meets a defect, and the same input gives the same answer."""
    progress = Progress(f"lives in {service.name}", amount(SMALL))
    happened: Counter[str] = Counter()

    @trying(SMALL)
    @given(lives(service))
    def living(steps: list[Step]) -> None:
        progress.step()
        happened.update(Desk(service, post).live(steps))

    living()
    say(f"{service.name}: " + ", ".join(f"{what} {times:,}" for what, times in happened.most_common()))
    for something in ("accepted", "refused", "applied", "duplicate"):
        assert happened[something], f"no life had anything {something}"
    missed = {"held", "dead letter", *catalog.events(service.name)} - happened.keys()
    assert not missed or amount(SMALL) < ENOUGH, f"no life brought {missed}"
