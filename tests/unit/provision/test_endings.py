"""Services that end because the student leaves."""

from datetime import date, timedelta

import pytest

from contracts.activities import SpedActivityEnded
from contracts.decision import Known
from contracts.facts import KnownSpell
from contracts.jurisdiction import EndReason
from contracts.message import Record
from contracts.provision import FirstSessionGiven, Service, ServiceTerminated, TransferReleased
from services.provision.domain import DECIDERS, REACTIONS
from services.provision.domain.facts import released_claims
from tests.unit.events import (
    AUGUST,
    CADDO,
    JEFFERSON,
    OCTOBER,
    ORLEANS,
    SEPTEMBER,
    claimed,
    corrected_claim,
    ended,
    resumed,
    withdrawn,
)
from tests.unit.provision.events import add, exited, ready, records_after, requested, service, submitted
from tests.unit.scenario import actor, codes, decide_with, id_named, new_records, react_with

LAST_DAY = SEPTEMBER - timedelta(days=1)


def after_the_end(past: list[Record], reason: EndReason | None = EndReason.LEFT_STATE) -> list[Record]:
    """What provision records when Orleans has closed its jurisdiction on September 9."""
    return [
        part
        for part in react_with(REACTIONS, past, ended(claimed(), LAST_DAY, reason))
        if isinstance(part, Record)
    ]


def terminated(records: list[Record]) -> dict[str, tuple[date | None, str | None]]:
    """Last day and reason of the ended services, by code."""
    gone = (record for record in records if isinstance(record, ServiceTerminated))
    return {one.terms.service_code: (one.end_on, one.termination_reason) for one in gone}


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (EndReason.LEFT_STATE, "EXIT"),
        (EndReason.DIED, "DECEASED"),
        (EndReason.GRADUATED, "GRADUATED"),
        (EndReason.AGED_OUT, "EXIT"),
        (EndReason.OTHER, "EXIT"),
    ],
)
def test_the_services_end(reason: EndReason, code: str) -> None:
    """The LEA's open services end on the last day of its jurisdiction."""
    past = ready(service("speech"), service("transport", code="TRA"))
    assert terminated(after_the_end(past, reason)) == {"SPE": (LAST_DAY, code), "TRA": (LAST_DAY, code)}


def test_a_transfer_ends_no_services() -> None:
    """Before a transfer the old LEA has ended its services itself."""
    past = ready(service("speech", lea=JEFFERSON))
    assert terminated(after_the_end(past, reason=None)) == {}


def test_not_before_the_service_began() -> None:
    """A planned service ends on its first day. A service does not end before its first session."""
    given = FirstSessionGiven.of(service("transport", code="TRA"), first_given_on=OCTOBER)
    past = ready(service("speech", begin_on=OCTOBER), given)
    assert {day for day, _ in terminated(after_the_end(past)).values()} == {OCTOBER}


def test_ended_services_stay() -> None:
    """A service that the LEA had ended stays as it was."""
    gone = ServiceTerminated.of(service(), end_on=AUGUST, termination_reason="GOALS")
    assert terminated(after_the_end(ready(gone))) == {}


def test_blocked_claims_are_released() -> None:
    """The end of the services releases the claims that they blocked. One of them begins too early."""
    blocked = records_after(
        requested(),
        requested(CADDO, LAST_DAY, "the second"),
        after=ready(service()),
    )
    new = after_the_end(blocked)
    assert sum(isinstance(one, TransferReleased) for one in new) == 2
    assert [claim.to_lea for claim in released_claims(Known([*blocked, *new]))] == [JEFFERSON]


def test_the_lea_has_claimed_the_student_again() -> None:
    """The event of a new claim arrives first: the services of the new spell stay open."""
    again = records_after(claimed(ORLEANS, SEPTEMBER, "again"), after=ready(service("speech")))
    past = [*again, service("transport", begin_on=SEPTEMBER, code="TRA")]
    assert terminated(after_the_end(past)) == {"SPE": (LAST_DAY, "EXIT")}


def test_the_correction_of_the_claim_has_not_arrived() -> None:
    """The ended spell begins earlier than provision knew: it is no earlier spell, and its services end."""
    past = ready(service("speech", begin_on=OCTOBER))
    later = [one for one in past if not isinstance(one, KnownSpell)] + [
        KnownSpell.noted(claimed(ORLEANS, OCTOBER))
    ]
    assert terminated(after_the_end(later)) == {"SPE": (OCTOBER, "EXIT")}


def test_the_end_of_the_spell_comes_with_a_correction() -> None:
    """The correction of a closed spell's claim arrives before its end: the services end already."""
    closed = ended(claimed(), LAST_DAY, EndReason.LEFT_STATE)
    records = react_with(REACTIONS, ready(service("speech")), corrected_claim(closed, AUGUST))
    assert terminated([one for one in records if isinstance(one, Record)]) == {"SPE": (LAST_DAY, "EXIT")}


def test_another_lea_has_claimed_the_student() -> None:
    """The event of the next LEA's claim arrives first: only the old LEA's services end."""
    past = records_after(claimed(JEFFERSON, SEPTEMBER, "another"), after=ready(service("speech")))
    others = service("transport", lea=JEFFERSON, begin_on=SEPTEMBER, code="TRA")
    assert terminated(after_the_end([*past, others])) == {"SPE": (LAST_DAY, "EXIT")}


def test_no_addition_afterwards() -> None:
    """After the end an addition waits for the next claim."""
    past = [*ready(), *after_the_end(ready())]
    assert codes(decide_with(DECIDERS, past, add(), by=actor(ORLEANS))) == {"REC-002"}
    assert not [one for one in past if isinstance(one, Service)]


# A withdrawn claim


SECOND = claimed(JEFFERSON, SEPTEMBER, "the transfer")


def transferred(*more: Record) -> list[Record]:
    """Jefferson has won its claim on the student of Orleans; then `more`."""
    return [*records_after(requested(), ended(claimed(), LAST_DAY), SECOND, after=ready()), *more]


def test_the_services_of_a_withdrawn_claim_end() -> None:
    """The services that the LEA added after its claim end as entered in error, on their first day."""
    past = transferred(service("speech", lea=JEFFERSON, begin_on=OCTOBER))
    new = [part for part in react_with(REACTIONS, past, withdrawn(SECOND)) if isinstance(part, Record)]
    assert terminated(new) == {"SPE": (OCTOBER, "ERROR")}


def test_services_of_another_spell_stay() -> None:
    """The LEA had withdrawn the claim and claimed again. The event of the new claim arrives first."""
    again = records_after(claimed(JEFFERSON, SEPTEMBER, "again"), after=transferred())
    past = [*again, service("speech", lea=JEFFERSON, begin_on=OCTOBER)]
    new = [part for part in react_with(REACTIONS, past, withdrawn(SECOND)) if isinstance(part, Record)]
    assert terminated(new) == {}


def test_the_owner_before_adds_again() -> None:
    """After a withdrawal the LEA before it adds services again; the LEA that withdrew adds none."""
    past = records_after(withdrawn(SECOND), resumed(ended(claimed(), LAST_DAY)), after=transferred())
    later = add(begin_on=OCTOBER)
    assert new_records(decide_with(DECIDERS, past, later, by=actor(ORLEANS)))
    assert codes(decide_with(DECIDERS, past, later, by=actor(JEFFERSON))) == {"ACC-005"}


# Exit from special education


def after_the_exit(past: list[Record], event: SpedActivityEnded) -> list[Record]:
    """What provision records when the student has exited special education."""
    return [part for part in react_with(REACTIONS, past, event) if isinstance(part, Record)]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        *(("RTN", "EXIT"), ("MVO", "EXIT"), ("DRP", "EXIT"), (None, "EXIT")),
        *(("GRD", "GRADUATED"), ("DIE", "DECEASED"), ("REV", "REVOKED"), ("ERR", "ERROR")),
    ],
)
def test_an_exit_ends_the_services(reason: str | None, code: str) -> None:
    """The open services of the student's LEA end on the day of the exit."""
    past = ready(service("speech"), service("transport", code="TRA"))
    assert terminated(after_the_exit(past, exited(reason))) == {
        "SPE": (SEPTEMBER, code),
        "TRA": (SEPTEMBER, code),
    }


def test_an_exit_that_leaves_the_services_open() -> None:
    """The LEA may end its services itself. Provision keeps that it has processed the exit."""
    (kept,) = after_the_exit(ready(service()), exited(ends_services=False))
    assert (kept.kind, kept.record_id, kept.revision) == ("sped_activity", str(id_named("the activity")), 2)


def test_an_exit_ends_no_service_of_another_lea() -> None:
    """The exit that an LEA records ends its own services only."""
    assert terminated(after_the_exit(ready(service(lea=JEFFERSON)), exited())) == {}


def test_an_exit_releases_blocked_claims() -> None:
    """The exit ends the last service, so the claim that it blocked is released."""
    past = records_after(requested(), after=ready(service()))
    assert sum(isinstance(one, TransferReleased) for one in after_the_exit(past, exited())) == 1


def test_services_after_an_exit() -> None:
    """A student who comes back under another IEP gets services again."""
    past = [*ready(service()), *after_the_exit(ready(service()), exited())]
    back = records_after(submitted("the new IEP", SEPTEMBER), after=past)
    decision = decide_with(DECIDERS, back, add("speech again", SEPTEMBER, "the new IEP"), by=actor(ORLEANS))
    assert codes(decision) == set()


def test_the_services_of_a_return_stay() -> None:
    """The event of an exit arrives after the student's return: the services of the new IEP stay open."""
    back = service("transport", begin_on=OCTOBER, code="TRA").model_copy(update={"iep_id": id_named("new")})
    past = records_after(submitted("new", OCTOBER), after=ready(service("speech"), back))
    assert terminated(after_the_exit(past, exited())) == {"SPE": (SEPTEMBER, "EXIT")}


def test_a_planned_service_ends_with_the_exit() -> None:
    """A service that was planned for later ends on its first day."""
    past = ready(service("transport", begin_on=OCTOBER, code="TRA"))
    assert terminated(after_the_exit(past, exited())) == {"TRA": (OCTOBER, "EXIT")}
