"""Services that block a transfer."""

from datetime import timedelta

from contracts.decision import Known
from contracts.jurisdiction import TransferRequested
from contracts.message import Record
from contracts.provision import (
    DoneSince,
    OpenService,
    ServiceTerminated,
    TransferAnswer,
    TransferBlocked,
    TransferCleared,
)
from services.provision.domain import REACTIONS
from services.provision.domain.facts import KnownEvaluation, KnownTransfer
from tests.unit.events import AUGUST, CADDO, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed
from tests.unit.provision.events import kinds, ready, records_after, requested, service
from tests.unit.scenario import STUDENT, id_named, react_with


def answer(past: list[Record], event: object = None) -> TransferAnswer:
    """Provision's reaction to a requested transfer."""
    request = requested() if event is None else event
    assert isinstance(request, Record)
    (found,) = (part for part in react_with(REACTIONS, past, request) if isinstance(part, TransferAnswer))  # type: ignore[arg-type]
    return found


def test_nothing_open() -> None:
    """A transfer is cleared when the old LEA gives no service."""
    cleared = answer(ready())
    assert isinstance(cleared, TransferCleared)
    assert (cleared.claim_id, cleared.from_lea, cleared.to_lea) == (
        id_named("the transfer"),
        ORLEANS,
        JEFFERSON,
    )
    assert (cleared.begin_on, cleared.revision, cleared.open_services) == (SEPTEMBER, 1, ())


def test_services_open() -> None:
    """A transfer is blocked by the old LEA's open services, and all of them are listed, earliest first."""
    past = ready(service("transport", begin_on=SEPTEMBER, code="TRA"), service("speech"))
    blocked = answer(past)
    assert isinstance(blocked, TransferBlocked)
    assert blocked.open_services == (
        OpenService(service_id=id_named("speech"), lea=ORLEANS, service_code="SPE", begin_on=AUGUST),
        OpenService(service_id=id_named("transport"), lea=ORLEANS, service_code="TRA", begin_on=SEPTEMBER),
    )


def test_terminated_services_are_no_obstacle() -> None:
    """A terminated service blocks no claim, even before its last day."""
    gone = ServiceTerminated.of(service(), end_on=OCTOBER, termination_reason="TRANSFER")
    assert isinstance(answer(ready(gone)), TransferCleared)


def test_what_the_owner_did_since_the_begin_date() -> None:
    """A clear claim names services that had not ended by the begin date, team meetings and evaluations."""
    gone = ServiceTerminated.of(service(), end_on=SEPTEMBER, termination_reason="TRANSFER")
    assert answer(ready(gone)).done_since == DoneSince(
        services=(OpenService(service_id=gone.service_id, lea=ORLEANS, service_code="SPE", begin_on=AUGUST),),
        service_count=1,
    )
    early = TransferRequested.of(requested(), begin_on=AUGUST)
    report = KnownEvaluation(
        student_id=STUDENT, revision=1, evaluation_id=id_named("e"), lea=ORLEANS, evaluated_on=SEPTEMBER
    )
    done = answer([*ready(), report], early).done_since
    assert done
    assert (done.services, done.meetings, done.evaluations) == ((), (AUGUST,), (SEPTEMBER,))
    ended_before = ServiceTerminated.of(gone, end_on=SEPTEMBER - timedelta(days=1))
    assert answer(ready(ended_before)).done_since is None


def test_services_of_another_lea_are_no_obstacle() -> None:
    """Only the services of the LEA that is to give the student up are asked for."""
    past = records_after(
        requested(), claimed(JEFFERSON, SEPTEMBER, "the transfer"), after=ready(service(lea=CADDO))
    )
    onward = requested(CADDO, OCTOBER, "onward", from_lea=JEFFERSON, from_claim="the transfer")
    assert isinstance(answer(past, onward), TransferCleared)


def test_the_same_request_twice() -> None:
    """A request that comes again changes no answer: the first answer is the newest still."""
    past = Known(records_after(requested(), after=ready()))
    past.learn(service())
    for part in react_with(REACTIONS, list(past), requested()):
        assert isinstance(part, Record)
        assert not past.learn(part)
    (only,) = past.all(TransferAnswer)
    assert isinstance(only, TransferCleared)


def test_a_request_said_anew() -> None:
    """A claim is answered once: a newer word on the same request is remembered, and its answer stands."""
    past = records_after(requested(), requested(CADDO, OCTOBER, "another"), after=ready())
    (noted,) = react_with(REACTIONS, past, requested().model_copy(update={"revision": 2}))
    assert isinstance(noted, KnownTransfer)
    assert (noted.record_id, noted.revision) == (str(id_named("the transfer")), 2)


def test_a_request_that_comes_first() -> None:
    """Provision answers a transfer request that arrives before all other events about the student."""
    assert isinstance(answer([]), TransferCleared)


def test_the_request_is_remembered() -> None:
    """Beside the answer provision remembers the request, so that it counts once."""
    noted, _ = react_with(REACTIONS, ready(), requested())
    assert isinstance(noted, Record)
    assert (noted.kind, noted.record_id, noted.revision) == ("transfer", str(id_named("the transfer")), 1)
    assert kinds([noted]) == ["KnownTransfer"]


def test_thousands_of_open_services() -> None:
    """If many services block a claim, the answer lists the earliest ones and their number."""
    many = [service(f"service {number}") for number in range(11_000)]
    (_, answer) = react_with(REACTIONS, ready(*many), requested())
    assert isinstance(answer, TransferBlocked)
    assert (len(answer.open_services), answer.open_count) == (100, 11_000)
    assert len(answer.model_dump_json()) < 20_000
