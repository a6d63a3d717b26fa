"""Adding a service."""

from datetime import date, timedelta

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Decision, Refused, Waiting
from contracts.message import Record
from contracts.provision import AddService, Service, ServiceAdded, ServiceTerminated
from services.provision.domain import DECIDERS
from tests.unit.events import (
    AUGUST,
    BORN,
    CADDO,
    JEFFERSON,
    OCTOBER,
    ORLEANS,
    SEPTEMBER,
    added,
    claimed,
    corrected,
    ended,
)
from tests.unit.provision.events import add, deleted, ready, records_after, requested, service, submitted
from tests.unit.scenario import TODAY, actor, codes, decide_with, id_named, new_records


def decide(past: list[Record], command: AddService, by: Actor | None = None, on: date = TODAY) -> Decision:
    """The decision on an addition, by default of Orleans."""
    return decide_with(DECIDERS, past, command, by=by or actor(ORLEANS), on=on)


def test_add() -> None:
    """The owner adds a service of a submitted IEP. The service is open and belongs to that LEA."""
    (new,) = new_records(decide(ready(), add()))
    assert isinstance(new, ServiceAdded)
    assert (new.lea, new.service_id, new.iep_id) == (ORLEANS, id_named("speech"), id_named("the IEP"))
    assert new.open
    assert new.terms.begin_on == AUGUST


def test_one_record_a_service() -> None:
    """A student may receive several services of one IEP, each a record of its own."""
    new_records(decide(ready(service("speech")), add("transport", service_code="TRA")))


def test_service_of_an_amendment() -> None:
    """A submitted amendment has its own id, and LEAs add services to it as well."""
    new_records(decide(records_after(submitted("the amendment"), after=ready()), add(iep="the amendment")))


def test_iep_of_the_former_lea() -> None:
    """The new owner may use the IEP that the former owner submitted."""
    past = records_after(
        added(), claimed(), submitted(), requested(), claimed(JEFFERSON, SEPTEMBER, "the transfer")
    )
    (new,) = new_records(decide(past, add(begin_on=SEPTEMBER), by=actor(JEFFERSON), on=SEPTEMBER))
    assert isinstance(new, Service)
    assert new.lea == JEFFERSON


# Facts that are on their way


def test_waits_for_the_student() -> None:
    """A service that arrives before the student's adding waits for it."""
    decision = decide(records_after(claimed(), submitted()), add())
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-001"}


def test_waits_for_the_claim() -> None:
    """A service that arrives before its LEA's claim waits for it."""
    decision = decide(records_after(added(), submitted()), add())
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-002"}


def test_waits_for_the_iep() -> None:
    """A service waits until its IEP is submitted. Another IEP does not release it."""
    decision = decide(records_after(added(), claimed(), submitted("another IEP")), add())
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"PRO-003"}


def test_waits_for_a_successor() -> None:
    """After the end of the last jurisdiction an addition waits for the next owner."""
    past = records_after(added(), submitted(), ended(claimed(), AUGUST))
    assert codes(decide(past, add())) == {"REC-002"}


def test_hopeless_does_not_wait() -> None:
    """The service refuses a command at once if no later event could make it valid."""
    decision = decide([], add(begin_on=TODAY + timedelta(days=367)))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"REC-004"}


def test_the_state() -> None:
    """The state office owns no student, so it adds no services."""
    assert codes(decide(ready(), add(), by=actor("LA", Role.STATE, Role.WRITER))) == {"ACC-005"}


# Who may


def test_another_lea() -> None:
    """Only the owner may add services. Another LEA learns which LEA owns the student."""
    decision = decide(ready(), add(), by=actor(JEFFERSON))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    assert "Orleans" in decision.findings[0].message


def test_reader() -> None:
    """A reader cannot add a service."""
    assert codes(decide(ready(), add(), by=actor(ORLEANS, Role.READER))) == {"ACC-004"}


@pytest.mark.parametrize("late", [False, True])
def test_former_owner(late: bool) -> None:
    """The former LEA cannot add a service as soon as provision knows the new owner."""
    new = claimed(JEFFERSON, SEPTEMBER, "the transfer")
    end = [] if late else [ended(claimed(), SEPTEMBER - timedelta(days=1))]
    past = records_after(added(), claimed(), submitted(), requested(), new, *end)
    assert codes(decide(past, add(), on=SEPTEMBER)) == {"ACC-005"}


# A claim from a day to come


def claimed_ahead() -> list[Record]:
    """In the summer Jefferson has claimed the student of Orleans from September 10 on."""
    new, end = claimed(JEFFERSON, SEPTEMBER, "the transfer"), ended(claimed(), SEPTEMBER - timedelta(days=1))
    return records_after(added(), claimed(), submitted(), requested(), new, end)


def test_until_the_day_the_old_lea_adds_services() -> None:
    """Until the first day of the new LEA the old one adds services. They end on its last day."""
    decision = decide(claimed_ahead(), add(begin_on=TODAY))
    assert codes(decision) == {"PRO-051"}
    (new,) = new_records(decision)
    assert isinstance(new, ServiceAdded)
    assert (new.end_on, new.termination_reason) == (SEPTEMBER - timedelta(days=1), "TRANSFER")
    assert codes(decide(claimed_ahead(), add(begin_on=TODAY), by=actor(JEFFERSON))) == {"ACC-005"}


def test_from_the_day_the_new_lea_adds_services() -> None:
    """From its first day the new LEA adds services, and the old one adds none."""
    (new,) = new_records(decide(claimed_ahead(), add(begin_on=SEPTEMBER), by=actor(JEFFERSON), on=SEPTEMBER))
    assert isinstance(new, ServiceAdded)
    assert new.open
    assert codes(decide(claimed_ahead(), add(begin_on=SEPTEMBER), on=SEPTEMBER)) == {"ACC-005"}


def test_after_the_last_day() -> None:
    """The old LEA adds no service that begins after its last day."""
    assert codes(decide(claimed_ahead(), add(begin_on=SEPTEMBER))) == {"PRO-050"}


def test_the_first_lea_prepares() -> None:
    """If no LEA owns the student before, the LEA that claimed adds services before its first day."""
    past = records_after(added(), claimed(begin_on=SEPTEMBER), submitted())
    (new,) = new_records(decide(past, add(begin_on=SEPTEMBER)))
    assert isinstance(new, ServiceAdded)
    assert new.open


# The door between two LEAs


def test_the_door_is_closed_to_the_old_lea() -> None:
    """After a cleared transfer the old LEA cannot add a service, and learns which LEA takes the student."""
    decision = decide(records_after(added(), claimed(), submitted(), requested()), add())
    assert isinstance(decision, Refused)
    assert codes(decision) == {"PRO-004"}
    assert "Jefferson" in decision.findings[0].message


def test_the_door_is_not_yet_open_to_the_new_lea() -> None:
    """The new LEA's service waits until its jurisdiction is known."""
    past = records_after(added(), claimed(), submitted(), requested())
    decision = decide(past, add(begin_on=SEPTEMBER), by=actor(JEFFERSON))
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"PRO-005"}


def test_third_lea_at_the_door() -> None:
    """A third LEA learns which LEA takes over the student."""
    decision = decide(records_after(added(), claimed(), submitted(), requested()), add(), by=actor(CADDO))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    assert "Jefferson" in decision.findings[0].message


def test_the_door_before_the_old_lea_was_heard_of() -> None:
    """A transfer that arrives before an earlier claim still stops the old LEA's additions."""
    past = records_after(added(), submitted(), requested())
    assert codes(decide(past, add())) == {"PRO-004"}
    assert codes(decide(records_after(claimed(), after=past), add())) == {"PRO-004"}


def test_two_transfers_overtake_the_news() -> None:
    """After two transfers the last LEA's addition waits, and provision refuses the other LEAs."""
    past = records_after(
        added(),
        claimed(),
        submitted(),
        requested(),
        requested(CADDO, OCTOBER, "the second", from_lea=JEFFERSON, from_claim="the transfer"),
    )
    assert codes(decide(past, add())) == {"ACC-005"}
    assert codes(decide(past, add(), by=actor(JEFFERSON))) == {"PRO-004"}
    assert isinstance(decide(past, add(), by=actor(CADDO)), Waiting)


def test_the_door_opens_again_to_an_lea_that_gets_the_student_back() -> None:
    """An LEA that gets the student back can add services again."""
    past = records_after(
        added(),
        claimed(),
        submitted(),
        requested(),
        claimed(JEFFERSON, SEPTEMBER, "the transfer"),
        requested(ORLEANS, OCTOBER, "back", from_lea=JEFFERSON, from_claim="the transfer"),
        claimed(ORLEANS, OCTOBER, "back"),
    )
    assert isinstance(decide(past, add(begin_on=OCTOBER), on=OCTOBER), Accepted)


def test_blocked_claims_close_no_door() -> None:
    """While claims are blocked the owner keeps the student and may add services."""
    past = records_after(requested(), after=ready(service()))
    assert isinstance(decide(past, add("transport")), Accepted)


# What is asked


def test_id_used() -> None:
    """A service id is used once, even if the service was terminated since."""
    given = service()
    gone = ServiceTerminated.of(given, end_on=SEPTEMBER, termination_reason="GOALS")
    assert codes(decide(ready(given), add())) == {"PRO-006"}
    assert codes(decide(ready(gone), add())) == {"PRO-006"}


def test_before_birth() -> None:
    """A service cannot begin before birth, by the birth date that eScholar corrected."""
    past = records_after(corrected(SEPTEMBER), claimed(), submitted())
    assert codes(decide(past, add(begin_on=AUGUST))) == {"REC-003"}


def test_before_jurisdiction() -> None:
    """A service begins when the owner's jurisdiction began, or later."""
    past = records_after(added(), claimed(), submitted(begin_on=AUGUST - timedelta(days=30)))
    assert codes(decide(past, add(begin_on=AUGUST - timedelta(days=1)))) == {"PRO-008"}
    assert isinstance(decide(ready(), add(begin_on=AUGUST)), Accepted)


def test_too_far_ahead() -> None:
    """A service begins within a year from today."""
    assert codes(decide(ready(), add(begin_on=TODAY + timedelta(days=367)))) == {"REC-004"}
    assert isinstance(decide(ready(), add(begin_on=TODAY + timedelta(days=366))), Accepted)


def test_before_the_iep() -> None:
    """A service begins when its IEP begins, or later."""
    past = records_after(added(), claimed(), submitted(begin_on=SEPTEMBER))
    decision = decide(past, add(begin_on=SEPTEMBER - timedelta(days=1)))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"PRO-018"}
    assert isinstance(decide(past, add(begin_on=SEPTEMBER)), Accepted)


def test_after_the_year_of_the_iep() -> None:
    """A warning tells the LEA that the service begins after the IEP's year."""
    past = records_after(added(), claimed(), submitted(begin_on=AUGUST))
    last_day = AUGUST.replace(year=2018) - timedelta(days=1)
    assert codes(decide(past, add(begin_on=last_day))) == set()
    late = decide(past, add(begin_on=last_day + timedelta(days=1)))
    assert isinstance(late, Accepted)
    assert codes(late) == {"PRO-019"}


def test_an_amendment_begins_no_other_year() -> None:
    """The year of an amendment is the year of the IEP that it amends."""
    past = records_after(submitted("the amendment", SEPTEMBER, amends="the IEP"), after=ready())
    late = decide(past, add(begin_on=AUGUST.replace(year=2018), iep="the amendment"))
    assert codes(late) == {"PRO-019"}
    assert "2018-08-09" in late.warnings[0].message  # type: ignore[union-attr]


def test_a_deleted_iep() -> None:
    """No service is added under a deleted IEP, in any order of the events."""
    for events in ((submitted(), deleted()), (deleted(),)):
        decision = decide(records_after(added(), claimed(), *events), add())
        assert isinstance(decision, Refused)
        assert codes(decision) == {"PRO-024"}


def test_twin() -> None:
    """A second service with the same code and begin is accepted. A warning names the first one."""
    decision = decide(ready(service()), add("the same again"))
    assert isinstance(decision, Accepted)
    (warning,) = decision.warnings
    assert (warning.code, warning.facts["service"]) == ("PRO-020", str(id_named("speech")))


@pytest.mark.parametrize(
    "other",
    [
        service("speech", begin_on=AUGUST - timedelta(days=1)),
        service("speech", code="OTH"),
        ServiceTerminated.of(service("speech"), end_on=AUGUST, termination_reason="ERROR"),
    ],
    ids=["another begin", "another service", "terminated"],
)
def test_no_twin(other: Service) -> None:
    """Another begin, another code, or the end of the first service: no warning."""
    assert codes(decide(ready(other), add("once more"))) == set()


def test_everything_at_once() -> None:
    """A refusal lists every broken rule, not only the first."""
    command = add(begin_on=BORN - timedelta(days=1))
    decision = decide(ready(service()), command, by=actor(ORLEANS, Role.READER))
    assert codes(decision) == {"ACC-004", "PRO-006", "REC-003", "PRO-008", "PRO-018"}
