"""Which service reads which events."""

from contracts.catalog import CATALOG, Kind
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import EACH_SERVICE, READ_ONLY, SERVICES


@EACH_SERVICE
def test_what_is_heard_is_said(service: ServiceDefinition) -> None:
    """A service reads catalog events only."""
    assert set(service.heard) <= set(CATALOG)


@EACH_SERVICE
def test_every_reaction_remembers(service: ServiceDefinition) -> None:
    """What a service hears it keeps under the kind of the event: that is how it knows a second copy."""
    kept = {model.kind for model in service.stored}
    assert {event.kind for event in service.reactions} <= kept


@EACH_SERVICE
def test_nobody_hears_itself(service: ServiceDefinition) -> None:
    """A service does not read its own events."""
    if service.name not in READ_ONLY:
        assert not [e.name for e in service.heard if e.owner == service.name and e.kind is Kind.EVENT]


def test_reporting_hears_everything() -> None:
    """Reporting listens to every event, outcome and heartbeat there is."""
    heard = set(SERVICES["reporting"].heard)
    assert {entry for entry in CATALOG if entry.kind in (Kind.EVENT, Kind.OUTCOME, Kind.HEARTBEAT)} <= heard


def test_every_topic_has_a_reader() -> None:
    """Every topic has a reader; people read dead letters with `ser tail`."""
    read = {topic for service in SERVICES.values() for topic in service.topics("")}
    unread = {entry.base_topic for entry in CATALOG if entry.base_topic not in read}
    assert unread == {entry.base_topic for entry in CATALOG if entry.kind is Kind.DEAD_LETTER}
