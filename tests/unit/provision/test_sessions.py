"""The first session of a service."""

from datetime import date, timedelta

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Decision, Refused
from contracts.message import Record
from contracts.provision import FirstSessionGiven, RecordFirstSession, Service, ServiceTerminated
from services.provision.domain import DECIDERS
from tests.unit.events import AUGUST, JEFFERSON, ORLEANS, SEPTEMBER, claimed
from tests.unit.provision.events import given, ready, records_after, requested, service, terminate
from tests.unit.scenario import TODAY, actor, codes, decide_with, new_records

FIRST = AUGUST + timedelta(days=5)


def decide(
    past: list[Record], command: RecordFirstSession, by: Actor | None = None, on: date = TODAY
) -> Decision:
    """The decision on a first session, by default of Orleans."""
    return decide_with(DECIDERS, past, command, by=by or actor(ORLEANS), on=on)


def terminated() -> Service:
    """The LEA ended the service on September 1."""
    return ServiceTerminated.of(service(), end_on=TODAY, termination_reason="GOALS")


def test_first_session() -> None:
    """The LEA records the day of the first session. Other fields stay as they are."""
    (new,) = new_records(decide(ready(service()), given(given_on=FIRST)))
    assert isinstance(new, FirstSessionGiven)
    assert (new.first_given_on, new.revision, new.terms) == (FIRST, 2, service().terms)
    assert new.open


def test_correction() -> None:
    """The LEA may correct the day, of a terminated service too."""
    (new,) = new_records(decide(ready(service()), given(given_on=FIRST)))
    (better,) = new_records(decide(ready(new), given(given_on=AUGUST)))
    assert isinstance(better, Service)
    assert better.first_given_on == AUGUST
    (late,) = new_records(decide(ready(terminated()), given(given_on=TODAY)))
    assert isinstance(late, Service)
    assert (late.first_given_on, late.end_on) == (TODAY, TODAY)


def test_changed_since() -> None:
    """Provision refuses a correction of a service that has changed since the sender looked."""
    command = given(given_on=FIRST).model_copy(update={"on_revision": 1})
    assert isinstance(decide(ready(service()), command), Accepted)
    decision = decide(ready(terminated()), command)
    assert codes(decision) == {"MSG-031"}


def test_before_the_service_began() -> None:
    """No session is given before the service began."""
    assert codes(decide(ready(service()), given(given_on=AUGUST - timedelta(days=1)))) == {"PRO-021"}


def test_after_the_service_ended() -> None:
    """No session is given after the service ended."""
    gone = ServiceTerminated.of(service(), end_on=FIRST, termination_reason="GOALS")
    assert codes(decide(ready(gone), given(given_on=FIRST + timedelta(days=1)))) == {"PRO-022"}


def test_tomorrow() -> None:
    """A session that is yet to come has not been given."""
    assert isinstance(decide(ready(service()), given(given_on=TODAY)), Accepted)
    assert codes(decide(ready(service()), given(given_on=TODAY + timedelta(days=1)))) == {"MSG-049"}


def test_no_end_before_the_first_session() -> None:
    """A service does not end before its first session."""
    (new,) = new_records(decide(ready(service()), given(given_on=FIRST)))
    decision = decide_with(
        DECIDERS, ready(new), terminate(end_on=FIRST - timedelta(days=1)), by=actor(ORLEANS)
    )
    assert codes(decision) == {"PRO-023"}


def test_unknown() -> None:
    """Provision refuses the first session of an unknown service at once."""
    decision = decide(ready(), given(), by=actor(ORLEANS, Role.READER))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"PRO-011", "ACC-004"}


@pytest.mark.parametrize("lea", [JEFFERSON, "LA"])
def test_another_lea(lea: str) -> None:
    """Only the LEA that gives the service records its first session. Others learn no dates."""
    decision = decide(ready(service()), given(given_on=AUGUST - timedelta(days=1)), by=actor(lea))
    assert codes(decision) == {"ACC-005"}


def test_a_former_owner() -> None:
    """A former owner no longer changes its services, and the new owner does not change them either."""
    past = records_after(
        requested(), claimed(JEFFERSON, SEPTEMBER, "the transfer"), after=ready(terminated())
    )
    for lea in (ORLEANS, JEFFERSON):
        assert codes(decide(past, given(given_on=FIRST), by=actor(lea), on=SEPTEMBER)) == {"ACC-005"}
