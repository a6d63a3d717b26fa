"""The directory of an LEA's providers, and a service that names one."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.access import Role
from contracts.decision import Accepted, Decision, Refused
from contracts.message import Record
from contracts.provision import Provider, ProviderRegistered, ProviderType, RegisterProvider
from services.provision.domain import DECIDERS
from services.provision.domain.recorded import ProviderAtWork
from tests.unit.events import AUGUST, JEFFERSON, ORLEANS
from tests.unit.provision.events import add, ready
from tests.unit.scenario import actor, codes, decide_with, new_records

THERAPIST = "T-4471"


def registration(lea: str = ORLEANS, **changes: Any) -> RegisterProvider:
    """A command to register a speech-language pathologist who works since August."""
    given = {"provider_type": ProviderType.SPEECH, "active_from": AUGUST} | changes
    return RegisterProvider(lea=lea, provider_id=THERAPIST, **given)


def register(past: list[Record], command: RegisterProvider, *roles: Role) -> Decision:
    """The decision on Orleans's registration."""
    return decide_with(DECIDERS, past, command, by=actor(ORLEANS, *roles))


def registered(lea: str = ORLEANS, **changes: Any) -> Record:
    """The LEA has registered the therapist."""
    (record,) = new_records(decide_with(DECIDERS, [], registration(lea, **changes), by=actor(lea)))
    return record


def with_provider(past: list[Record], begin_on: date = AUGUST, term: str = "provider_id") -> Decision:
    """The decision on Orleans's addition of speech therapy by the therapist."""
    command = add(begin_on=begin_on)
    terms = command.terms.model_copy(update={term: THERAPIST})
    return decide_with(DECIDERS, past, command.model_copy(update={"terms": terms}), by=actor(ORLEANS))


def test_a_provider_is_registered() -> None:
    """An LEA registers a provider under its own number. SER keeps no name."""
    (provider,) = new_records(register([], registration()))
    assert isinstance(provider, ProviderRegistered)
    assert (provider.subject, provider.revision) == (f"provider/{ORLEANS}/{THERAPIST}", 1)
    assert set(Provider.model_fields) == {
        *("lea", "provider_id", "revision", "provider_type", "active_from", "active_through"),
        "certified_for",
    }


def test_a_provider_is_registered_again() -> None:
    """An LEA that registers a provider again replaces the provider's entry."""
    last_day = AUGUST + timedelta(days=300)
    (provider,) = new_records(register([registered()], registration(active_through=last_day)))
    assert isinstance(provider, ProviderRegistered)
    assert (provider.revision, provider.active_through) == (2, last_day)


def test_a_provider_whom_somebody_else_has_changed() -> None:
    """Provision refuses a registration based on an older revision, and names the changed fields to the owner
    only."""
    (changed,) = new_records(register([registered()], registration(provider_type=ProviderType.OTHER)))
    again = registration(on_revision=1)
    decision = register([changed], again)
    assert isinstance(decision, Refused)
    assert [(finding.code, finding.facts["fields"]) for finding in decision.findings] == [
        ("MSG-031", "provider_type")
    ]
    new_records(register([changed], registration(on_revision=2)))
    assert codes(decide_with(DECIDERS, [changed], again, by=actor(JEFFERSON))) == {"PRO-016"}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (registration(JEFFERSON), "PRO-016"),
        (registration(active_through=AUGUST - timedelta(days=1)), "PRO-017"),
    ],
)
def test_what_is_wrong_with_a_registration(command: RegisterProvider, code: str) -> None:
    """An LEA registers only its own providers, and a provider's last day is not before the first."""
    assert codes(register([], command)) == {code}


def test_only_writers_register() -> None:
    """A reader cannot register providers."""
    assert codes(register([], registration(), Role.READER)) == {"ACC-004"}


def test_a_service_names_a_registered_provider() -> None:
    """A service is added with a provider whom the LEA has registered."""
    new_records(with_provider([*ready(), registered()]))


def test_an_unknown_provider() -> None:
    """Provision refuses an unknown provider at once; no later event can make it known."""
    assert codes(with_provider(ready())) == {"PRO-014"}


def test_a_teacher_of_record() -> None:
    """A service's teacher of record is somebody whom the LEA has, too."""
    new_records(with_provider([*ready(), registered()], term="teacher_of_record"))
    refused = with_provider(ready(), term="teacher_of_record")
    assert isinstance(refused, Refused)
    assert [(one.code, one.field) for one in refused.findings] == [("PRO-014", "terms.teacher_of_record")]


def test_a_provider_who_is_certified_for_the_service() -> None:
    """A speech-language pathologist gives speech therapy. Provision has nothing to say about that."""
    (provider,) = new_records(register([], registration(certified_for=("SPE", "AUD", "SPE"))))
    assert isinstance(provider, Provider)
    assert provider.certified_for == ("SPE", "AUD")
    decision = with_provider([*ready(), provider])
    assert isinstance(decision, Accepted)
    assert not decision.warnings


def test_a_provider_who_is_not_certified_for_the_service() -> None:
    """Provision warns if the provider is certified for other services only."""
    decision = with_provider([*ready(), registered(certified_for=("OTH",))])
    assert isinstance(decision, Accepted)
    assert [(one.code, one.field) for one in decision.warnings] == [("PRO-027", "terms.provider_id")]


def test_another_leas_provider() -> None:
    """The same local number at another LEA is another provider."""
    assert codes(with_provider([*ready(), registered(JEFFERSON)])) == {"PRO-014"}


@pytest.mark.parametrize(
    "days",
    [
        {"active_from": AUGUST + timedelta(days=1)},
        {"active_from": date(2010, 1, 1), "active_through": AUGUST - timedelta(days=1)},
    ],
    ids=["not yet", "no longer"],
)
def test_a_provider_who_does_not_work_then(days: dict[str, Any]) -> None:
    """A service begins on a day on which its provider works for the LEA."""
    assert codes(with_provider([*ready(), registered(**days)])) == {"PRO-015"}


def test_a_provider_leaves_before_a_recorded_session() -> None:
    """SER warns that sessions are recorded after the last day, and that open services name the provider."""
    last_day = AUGUST + timedelta(days=30)
    at_work = ProviderAtWork(
        lea=ORLEANS, provider_id=THERAPIST, revision=1, services=2, last_given_on=last_day + timedelta(days=1)
    )
    leaves = registration(active_through=last_day)
    assert codes(register([registered(), at_work], leaves)) == {"PRO-054", "PRO-055"}
    on_the_day = at_work.model_copy(update={"services": 0, "last_given_on": last_day})
    assert codes(register([registered(), on_the_day], leaves)) == set()
    assert codes(register([registered(), at_work], registration())) == set()
