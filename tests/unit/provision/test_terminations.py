"""Ending a service."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from contracts.access import Actor, Role
from contracts.decision import Accepted, Decision, Known, Refused
from contracts.message import Record
from contracts.provision import Service, ServiceTerminated, TerminateService, TransferReleased
from services.provision.domain import DECIDERS
from services.provision.domain.facts import released_claims
from services.provision.domain.recorded import LastSession
from tests.unit.events import AUGUST, CADDO, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed, ended
from tests.unit.provision.events import kinds, ready, records_after, requested, service, terminate
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, id_named, new_records


def decide(
    past: list[Record], command: TerminateService, by: Actor | None = None, on: date = TODAY
) -> Decision:
    """The decision on a termination, by default of Orleans."""
    return decide_with(DECIDERS, past, command, by=by or actor(ORLEANS), on=on)


def after(past: list[Record], command: TerminateService) -> list[Record]:
    """The records after Orleans ended a service."""
    return [*past, *new_records(decide(past, command))]


def released(records: list[Record]) -> list[TransferReleased]:
    """The claims that were released."""
    return [record for record in records if isinstance(record, TransferReleased)]


def test_terminate() -> None:
    """The LEA ends its service with a last day and a reason. Other fields stay as they are."""
    (gone,) = new_records(decide(ready(service()), terminate()))
    assert isinstance(gone, ServiceTerminated)
    assert (gone.end_on, gone.termination_reason, gone.revision) == (SEPTEMBER, "TRANSFER", 2)
    assert not gone.open
    assert gone.terms == service().terms


def test_on_its_first_day() -> None:
    """A service may end on the day it began."""
    assert isinstance(decide(ready(service()), terminate(end_on=AUGUST)), Accepted)


def test_before_it_began() -> None:
    """A service does not end before it began."""
    decision = decide(ready(service()), terminate(end_on=AUGUST - timedelta(days=1)))
    assert codes(decision) == {"PRO-013"}


def test_too_far_ahead() -> None:
    """A service's last day is within a year from today."""
    assert codes(decide(ready(service()), terminate(end_on=TODAY + timedelta(days=367)))) == {"REC-004"}


def test_twice() -> None:
    """Provision refuses to terminate a service twice."""
    past = after(ready(service()), terminate(end_on=SEPTEMBER))
    decision = decide(past, terminate(end_on=OCTOBER))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"PRO-012"}
    assert "2017-09-10" in decision.findings[0].message


def test_unknown() -> None:
    """Provision refuses the termination of an unknown service at once, with all other findings."""
    far = TODAY + timedelta(days=367)
    decision = decide(ready(), terminate(end_on=far), by=actor(ORLEANS, Role.READER))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"PRO-011", "REC-004", "ACC-004"}


def test_another_lea() -> None:
    """Only the LEA that gives a service may end it. Another LEA learns that LEA and no dates."""
    decision = decide(ready(service()), terminate(end_on=AUGUST - timedelta(days=1)), by=actor(JEFFERSON))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    assert "Orleans" in decision.findings[0].message


def test_a_terminated_service_of_another_lea() -> None:
    """The owner and the LEA that gave it learn when a service ended and began; no other LEA does."""
    past = after(ready(service()), terminate())
    moved = records_after(ended(claimed(), SEPTEMBER), claimed(JEFFERSON, OCTOBER, "moved"), after=past)
    too_early = terminate(end_on=AUGUST - timedelta(days=1))
    assert codes(decide(moved, too_early, by=actor(CADDO), on=OCTOBER)) == {"ACC-005"}
    assert codes(decide(moved, too_early, by=actor(JEFFERSON), on=OCTOBER)) == {"PRO-012", "PRO-013"}
    assert codes(decide(moved, too_early, by=actor(ORLEANS), on=OCTOBER)) == {"PRO-012", "PRO-013"}


def test_reader() -> None:
    """A reader cannot end a service."""
    assert codes(decide(ready(service()), terminate(), by=actor(ORLEANS, Role.READER))) == {"ACC-004"}


@pytest.mark.parametrize("missing", ["end_on", "reason"])
def test_end_date_and_reason_are_required(missing: str) -> None:
    """A termination needs a last day and a reason."""
    body = terminate().model_dump(exclude={missing})
    with pytest.raises(ValidationError, match=missing):
        TerminateService(**body)


def test_reason_is_one_of_the_list() -> None:
    """The reason is a code of the termination reasons."""
    with pytest.raises(ValidationError, match="reason"):
        TerminateService(
            student_id=STUDENT, service_id=id_named("speech"), end_on=date(2017, 9, 10), reason="BORED"
        )


# Those who wait for the last service to end


def test_last_service_releases_the_claim() -> None:
    """When the last service ends, provision tells the blocked LEA that it can claim the student."""
    past = records_after(requested(), after=ready(service()))
    gone, free = new_records(decide(past, terminate()))
    assert kinds([gone, free]) == ["ServiceTerminated", "TransferReleased"]
    assert isinstance(free, TransferReleased)
    assert (free.claim_id, free.state, free.revision) == (id_named("the transfer"), "released", 2)
    assert (free.from_lea, free.to_lea, free.open_services) == (ORLEANS, JEFFERSON, ())


def test_not_the_last_service() -> None:
    """Provision releases no claim while another service is open."""
    past = records_after(requested(), after=ready(service("speech"), service("transport")))
    assert kinds(new_records(decide(past, terminate("speech")))) == ["ServiceTerminated"]
    rest = after(past, terminate("speech"))
    assert kinds(new_records(decide(rest, terminate("transport")))) == [
        "ServiceTerminated",
        "TransferReleased",
    ]


def test_every_lea_that_waits_is_released() -> None:
    """Provision sends each waiting LEA a release."""
    past = records_after(requested(), requested(CADDO, under="another"), after=ready(service()))
    free = released(list(new_records(decide(past, terminate()))))
    assert {claim.to_lea for claim in free} == {JEFFERSON, CADDO}


def test_last_claim_of_each_lea() -> None:
    """An LEA that claimed several times gets one release, for its last claim."""
    first, second = requested(begin_on=OCTOBER, under="first"), requested(begin_on=SEPTEMBER, under="second")
    past = records_after(first, second, after=ready(service()))
    (free,) = released(list(new_records(decide(past, terminate()))))
    assert free.claim_id == id_named("second")


def test_order_of_loading_does_not_matter() -> None:
    """The LEA's last claim is the same in any loading order."""
    first, second = requested(begin_on=OCTOBER, under="first"), requested(begin_on=SEPTEMBER, under="second")
    past = records_after(first, second, after=ready(service()))
    (free,) = released(list(new_records(decide(past[::-1], terminate()))))
    assert free.claim_id == id_named("second")


def test_released_once() -> None:
    """Provision releases a claim once, also if a later service ends."""
    past = after(records_after(requested(), after=ready(service("speech"))), terminate("speech"))
    again = [*past, service("transport")]
    assert kinds(new_records(decide(again, terminate("transport")))) == ["ServiceTerminated"]


def test_superseded_claim_stays_silent() -> None:
    """After the release of an LEA's last claim, its earlier claims are over too."""
    first, second = requested(under="first"), requested(under="second")
    past = after(records_after(first, second, after=ready(service("speech"))), terminate("speech"))
    again = [*past, service("transport")]
    assert not released(list(new_records(decide(again, terminate("transport")))))


def test_claims_against_an_earlier_time_are_over() -> None:
    """The end of a service in a later time of an LEA does not release a claim from an earlier time."""
    early = records_after(
        requested(CADDO, under="early"), requested(CADDO, under="later"), after=ready(service("speech"))
    )
    returned = records_after(
        requested(JEFFERSON, SEPTEMBER, "away"),
        requested(ORLEANS, OCTOBER, "back", from_lea=JEFFERSON, from_claim="away"),
        after=after(early, terminate("speech")),
    )
    again = [*returned, service("transport", begin_on=OCTOBER)]
    assert not released(list(new_records(decide(again, terminate("transport", OCTOBER)))))


def test_released_claims_would_be_won() -> None:
    """An LEA can make a released claim again, until the owner adds a service or the student moves."""
    past = after(records_after(requested(), after=ready(service())), terminate())
    assert [claim.to_lea for claim in released_claims(Known(past))] == [JEFFERSON]
    assert not released_claims(Known([*past, service("transport")]))
    assert not released_claims(Known(records_after(requested(JEFFERSON, OCTOBER, "again"), after=past)))
    away = records_after(requested(CADDO, OCTOBER, "away"), after=past)
    assert not released_claims(Known(away))
    assert not released_claims(Known(records_after(claimed(CADDO, OCTOBER, "away"), after=away)))


def test_a_released_claim_may_be_overtaken_by_time() -> None:
    """A released claim is over when the owner's new jurisdiction begins on its begin date or later."""
    past = after(records_after(requested(), after=ready(service())), terminate())
    back = claimed(ORLEANS, SEPTEMBER, "back")
    assert not released_claims(Known(records_after(back, after=past)))


def test_nobody_waits() -> None:
    """The end of a service publishes no release if no claim waits for it."""
    (gone,) = new_records(decide(ready(service()), terminate()))
    assert isinstance(gone, Service)


def test_sessions_after_the_end() -> None:
    """SER ends a service before a session that is recorded, and warns. On that day it ends without one."""
    given = service()
    last = LastSession(
        student_id=given.student_id, revision=1, service_id=given.service_id, given_on=SEPTEMBER
    )
    decision = decide([*ready(given), last], terminate(end_on=SEPTEMBER - timedelta(days=1)))
    assert (isinstance(decision, Accepted), codes(decision)) == (True, {"PRO-053"})
    assert codes(decide([*ready(given), last], terminate(end_on=SEPTEMBER))) == set()
