"""The events that each service consumes."""

from contracts.catalog import CATALOG, Kind
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import EACH_SERVICE, READ_ONLY, SERVICES


@EACH_SERVICE
def test_consumed_messages_are_in_the_catalog(service: ServiceDefinition) -> None:
    """A service reads catalog events only."""
    assert set(service.consumed) <= set(CATALOG)


@EACH_SERVICE
def test_every_reaction_remembers(service: ServiceDefinition) -> None:
    """A service keeps each event under its kind. So it recognizes a second copy."""
    kept = {model.kind for model in service.stored}
    assert {event.kind for event in service.reactions} <= kept


@EACH_SERVICE
def test_no_service_consumes_its_own_events(service: ServiceDefinition) -> None:
    """A service does not read its own events."""
    if service.name not in READ_ONLY:
        assert not [e.name for e in service.consumed if e.owner == service.name and e.kind is Kind.EVENT]


def test_reporting_consumes_everything() -> None:
    """Reporting consumes every event, outcome and heartbeat of the catalog."""
    consumed = set(SERVICES["reporting"].consumed)
    assert {
        entry for entry in CATALOG if entry.kind in (Kind.EVENT, Kind.OUTCOME, Kind.HEARTBEAT)
    } <= consumed


def test_every_topic_has_a_reader() -> None:
    """Every topic has a reader; people read dead letters with `ser tail`."""
    read = {topic for service in SERVICES.values() for topic in service.topics("")}
    unread = {entry.base_topic for entry in CATALOG if entry.base_topic not in read}
    assert unread == {entry.base_topic for entry in CATALOG if entry.kind is Kind.DEAD_LETTER}
