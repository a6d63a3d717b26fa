"""Other terms of a service from a day on."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Decision
from contracts.message import Record
from contracts.provision import (
    ChangeServiceTerms,
    EarlierTerms,
    ProviderRegistered,
    ProviderType,
    Service,
    ServiceTerminated,
    ServiceTermsReplaced,
)
from services.provision.domain import DECIDERS
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER
from tests.unit.provision.events import ready, service
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, id_named, new_records

FIRST = service().terms


def change(
    past: list[Record], effective_on: date = SEPTEMBER, by: Actor | None = None, **changes: Any
) -> Decision:
    """The decision on Orleans's command to give speech therapy on other terms; 45 minutes unless said."""
    on_revision = changes.pop("on_revision", None)
    terms = FIRST.model_copy(update=changes or {"minutes_per_session": 45})
    command = ChangeServiceTerms(
        student_id=STUDENT,
        service_id=id_named("speech"),
        terms=terms,
        effective_on=effective_on,
        on_revision=on_revision,
    )
    return decide_with(DECIDERS, past, command, by=by or actor(ORLEANS))


def changed(past: list[Record], effective_on: date = SEPTEMBER, **changes: Any) -> Service:
    """The service after the change."""
    (new,) = new_records(change(past, effective_on, **changes))
    assert isinstance(new, ServiceTermsReplaced)
    return new


def therapist(**given: Any) -> ProviderRegistered:
    """A therapist of Orleans."""
    facts = {"lea": ORLEANS, "provider_id": "T-4471", "provider_type": ProviderType.SPEECH, "revision": 1}
    return ProviderRegistered(**{**facts, "active_from": AUGUST, **given})


def test_other_terms() -> None:
    """From September on the session takes 45 minutes; the record keeps that it took 30 before."""
    new = changed(ready(service()))
    assert (new.terms.minutes_per_session, new.terms_since) == (45, SEPTEMBER)
    assert new.earlier_terms == (EarlierTerms(terms=FIRST, last_day=SEPTEMBER - timedelta(days=1)),)
    assert new.terms_on(SEPTEMBER - timedelta(days=1)) == FIRST
    assert new.terms_on(SEPTEMBER) == new.terms


def test_terms_change_twice() -> None:
    """Each change keeps the terms before it."""
    twice = changed(ready(changed(ready(service()))), OCTOBER, minutes_per_session=60)
    assert [twice.terms_on(day).minutes_per_session for day in (AUGUST, SEPTEMBER, OCTOBER)] == [30, 45, 60]
    assert (twice.begin_on, twice.earliest_end) == (AUGUST, AUGUST)


def test_terms_are_corrected() -> None:
    """On the first day of the present terms a change corrects them, and keeps no terms that never held."""
    once = changed(ready(service()))
    corrected = changed(ready(once), SEPTEMBER, minutes_per_session=50)
    assert corrected.earlier_terms == once.earlier_terms
    assert corrected.terms.minutes_per_session == 50


def test_the_first_terms_are_corrected() -> None:
    """Terms that were recorded wrong from the start are corrected from the service's first day."""
    new = changed(ready(service()), AUGUST)
    assert (new.terms.minutes_per_session, new.earlier_terms) == (45, ())


@pytest.mark.parametrize(
    ("effective_on", "changes", "code"),
    [
        (AUGUST - timedelta(days=1), {}, "PRO-029"),
        (SEPTEMBER, {"minutes_per_session": 30}, "PRO-030"),
        (SEPTEMBER, {"service_code": "OTH"}, "PRO-028"),
        (SEPTEMBER, {"begin_on": SEPTEMBER}, "PRO-028"),
        (SEPTEMBER, {"provider_id": "T-4471"}, "PRO-014"),
        (TODAY + timedelta(days=500), {}, "REC-004"),
    ],
)
def test_wrong_terms(effective_on: date, changes: dict[str, Any], code: str) -> None:
    """New terms begin after the present ones, differ from them, and are of the same service."""
    assert code in codes(change(ready(service()), effective_on, **changes))


def test_a_new_provider_works_on_the_first_day_of_the_new_terms() -> None:
    """The therapist must work for the LEA when the new terms begin."""
    later = therapist(active_from=SEPTEMBER + timedelta(days=1))
    assert codes(change(ready(service(), later), provider_id="T-4471")) == {"PRO-015"}
    new = changed(ready(service(), therapist()), provider_id="T-4471")
    assert new.terms.provider_id == "T-4471"


def test_a_new_provider_who_is_not_certified() -> None:
    """Provision warns of a provider who is certified for other services only."""
    decision = change(ready(service(), therapist(certified_for=("OTH",))), provider_id="T-4471")
    assert isinstance(decision, Accepted)
    assert [one.code for one in decision.warnings] == ["PRO-027"]


def test_a_terminated_service() -> None:
    """A terminated service stays as it is."""
    gone = ServiceTerminated.of(service(), end_on=OCTOBER, termination_reason="GOALS")
    assert codes(change(ready(gone))) == {"PRO-012"}


def test_another_leas_service() -> None:
    """Only the LEA that gives a service changes its terms."""
    assert codes(change(ready(service()), by=actor(JEFFERSON))) == {"ACC-005"}


def test_only_writers_change_terms() -> None:
    """A reader cannot change terms."""
    assert codes(change(ready(service()), by=actor(ORLEANS, Role.READER))) == {"ACC-004"}


def test_no_such_service() -> None:
    """A service that the student does not have cannot be changed."""
    assert codes(change(ready())) == {"PRO-011"}


def test_somebody_else_changed_the_terms() -> None:
    """Provision refuses a change that is based on an older revision."""
    once = changed(ready(service()))
    assert "MSG-031" in codes(change(ready(once), OCTOBER, minutes_per_session=60, on_revision=1))
