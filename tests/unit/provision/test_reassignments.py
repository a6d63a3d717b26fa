"""Giving a service to another provider from a day on."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Decision
from contracts.message import Record
from contracts.provision import (
    EarlierTerms,
    ProviderRegistered,
    ProviderType,
    ReassignProvider,
    Service,
    ServiceReassigned,
    ServiceTerminated,
)
from services.provision.domain import DECIDERS, LOOKS_AT
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER
from tests.unit.provision.events import ready, service
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, id_named, new_records

OLD, NEW = "T-4471", "T-5120"


def command(**given: Any) -> ReassignProvider:
    """Orleans's command to give speech therapy to the new therapist from September on."""
    facts = {"service_id": id_named("speech"), "provider_id": NEW, "from_on": SEPTEMBER}
    return ReassignProvider(
        student_id=STUDENT, reassignment_id=id_named("reassignment"), **{**facts, **given}
    )


def reassign(past: list[Record], by: Actor | None = None, **given: Any) -> Decision:
    """The decision on the command."""
    return decide_with(DECIDERS, past, command(**given), by=by or actor(ORLEANS))


def therapist(number: str = NEW, **given: Any) -> ProviderRegistered:
    """A therapist of Orleans."""
    facts = {"lea": ORLEANS, "provider_id": number, "provider_type": ProviderType.SPEECH, "revision": 1}
    return ProviderRegistered(**{**facts, "active_from": AUGUST, **given})


def given_by(number: str | None) -> Service:
    """Speech therapy, given by a provider since August."""
    added = service()
    return added.model_copy(update={"terms": added.terms.model_copy(update={"provider_id": number})})


def reassigned(past: list[Record], **given: Any) -> Service:
    """The service after the command."""
    (new,) = new_records(reassign(past, **given))
    assert isinstance(new, ServiceReassigned)
    return new


def test_another_provider() -> None:
    """Another therapist gives the service from September on. The record keeps who gave it before."""
    first = given_by(OLD)
    new = reassigned(ready(first, therapist()), from_provider_id=OLD)
    assert (new.terms.provider_id, new.terms_since) == (NEW, SEPTEMBER)
    assert new.earlier_terms == (EarlierTerms(terms=first.terms, last_day=SEPTEMBER - timedelta(days=1)),)
    assert [new.terms_on(day).provider_id for day in (AUGUST, SEPTEMBER)] == [OLD, NEW]


def test_the_first_provider_of_a_service() -> None:
    """A service that named no provider gets one."""
    assert reassigned(ready(given_by(None), therapist())).terms.provider_id == NEW


def test_the_provider_is_corrected() -> None:
    """On the first day of the present terms, the wrong provider is replaced and not kept."""
    new = reassigned(ready(given_by(OLD), therapist()), from_on=AUGUST)
    assert (new.terms.provider_id, new.earlier_terms) == (NEW, ())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"from_on": AUGUST - timedelta(days=1)}, "PRO-029"),
        ({"from_on": TODAY + timedelta(days=500)}, "REC-004"),
        ({"provider_id": OLD}, "PRO-031"),
        ({"from_provider_id": "T-1"}, "PRO-032"),
        ({"provider_id": "T-1"}, "PRO-014"),
        ({"service_id": id_named("another")}, "PRO-011"),
    ],
)
def test_wrong_reassignments(given: dict[str, Any], code: str) -> None:
    """The service passes from its provider to another one of the LEA, and not before its terms began."""
    assert code in codes(reassign(ready(given_by(OLD), therapist(), therapist(OLD)), **given))


@pytest.mark.parametrize("works", [{"active_from": OCTOBER}, {"active_through": AUGUST}])
def test_the_new_provider_works_on_the_first_day(works: dict[str, Any]) -> None:
    """The new therapist must work for the LEA on the first day."""
    assert codes(reassign(ready(given_by(OLD), therapist(**works)))) == {"PRO-015"}


def test_a_new_provider_who_is_not_certified() -> None:
    """Provision warns of a provider who is certified for other services only."""
    decision = reassign(ready(given_by(OLD), therapist(certified_for=("OTH",))))
    assert isinstance(decision, Accepted)
    assert [(one.code, one.field) for one in decision.warnings] == [("PRO-027", "provider_id")]


def test_a_service_without_a_provider_is_not_the_old_providers() -> None:
    """A service that names nobody is not reassigned from a named provider."""
    (finding,) = _findings(reassign(ready(given_by(None), therapist()), from_provider_id=OLD))
    assert finding == f"The service is given by no named provider now, not by provider {OLD}."


def _findings(decision: Decision) -> list[str]:
    return [one.message for one in getattr(decision, "findings", ())]


def test_a_terminated_service() -> None:
    """A terminated service keeps its provider."""
    gone = ServiceTerminated.of(given_by(OLD), end_on=OCTOBER, termination_reason="GOALS")
    assert codes(reassign(ready(gone, therapist()))) == {"PRO-012"}


def test_another_leas_service() -> None:
    """Only the LEA that gives a service reassigns it."""
    assert codes(reassign(ready(given_by(OLD)), by=actor(JEFFERSON))) == {"ACC-005"}


def test_only_writers_reassign() -> None:
    """A reader cannot reassign a service."""
    assert codes(reassign(ready(given_by(OLD), therapist()), by=actor(ORLEANS, Role.READER))) == {"ACC-004"}


def test_what_the_decision_looks_at() -> None:
    """The decision looks at the new provider in the directory of the sender's LEA."""
    assert list(LOOKS_AT[ReassignProvider](command(), actor(ORLEANS))) == [f"provider/{ORLEANS}/{NEW}"]
