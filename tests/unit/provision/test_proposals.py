"""What an LEA may record from an IEP."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid5

import pytest

from contracts.decision import Accepted, Known
from contracts.facts import latest_spell
from contracts.ieps import IEPContentsMadeOfficial
from contracts.message import Record
from contracts.provision import (
    FirstSessionGiven,
    ProviderRegistered,
    ProviderType,
    Service,
    ServiceTerminated,
)
from services.provision.domain import DECIDERS
from services.provision.domain.facts import KnownIEP, KnownPlan
from services.provision.domain.proposals import ProposedServices, looks_at, newest_iep, proposed
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, added, claimed
from tests.unit.provision.events import (
    contents,
    deleted,
    planned,
    ready,
    records_after,
    requested,
    service,
    submitted,
)
from tests.unit.scenario import STUDENT, actor, codes, decide_with, id_named

TEACHER = "T-4471"
NEXT_YEAR = AUGUST + timedelta(days=360)


def of_iep(past: list[Record], under: str = "the IEP") -> ProposedServices:
    """The proposals from an IEP to the student's owner."""
    own = [record for record in past if record.subject == STUDENT]
    known, lea = Known(own), latest_spell(Known(own))
    iep, plan = known.get(KnownIEP, id_named(under)), known.get(KnownPlan, id_named(under))
    assert iep is not None
    assert plan is not None
    assert lea is not None
    others = {subject: Known() for subject in looks_at(known, lea.lea)}
    for record in past:
        if record.subject in others:
            others[record.subject].learn(record)
    return proposed(known.beside(others), iep, plan, lea)


def planning(*services: Any, past: list[Record] | None = None) -> list[Record]:
    """Orleans owns the student, and submitted an IEP with these planned services."""
    return records_after(contents(*services), after=ready() if past is None else past)


def recorded(place: int, **changes: Any) -> Service:
    """The service that was recorded from this place of the IEP."""
    name = uuid5(id_named("the IEP"), f"service {place}")
    return service().model_copy(update={"service_id": name, **changes})


def provider(active_through: date | None = None, number: str = TEACHER) -> ProviderRegistered:
    """A provider of Orleans."""
    return ProviderRegistered(
        lea=ORLEANS,
        provider_id=number,
        revision=1,
        provider_type=ProviderType.SPEECH,
        active_from=date(2000, 1, 1),
        active_through=active_through,
    )


def test_nothing_recorded_yet() -> None:
    """Every planned service is proposed with its terms. The commands can be sent as they are."""
    past = planning(planned(sessions=3, setting="special"), planned("TRA", OCTOBER, frequency="day"))
    found = of_iep(past)
    assert (found.to_end, found.agreeing) == ((), ())
    speech, transport = found.to_add
    assert (speech.iep_id, speech.terms.begin_on, speech.terms.sessions) == (id_named("the IEP"), AUGUST, 3)
    assert (speech.terms.setting, speech.terms.recipient) == ("special", "student")
    assert (transport.terms.service_code, transport.terms.frequency) == ("TRA", "day")
    assert transport.terms.begin_on == OCTOBER
    for command in found.to_add:
        assert isinstance(decide_with(DECIDERS, past, command, by=actor(ORLEANS)), Accepted)


def test_ids_stay() -> None:
    """The same IEP proposes the same ids, so a service that is sent twice is recorded once."""
    past = planning(planned(), planned())
    first, second = of_iep(past).to_add
    assert first.service_id != second.service_id
    assert of_iep(past).to_add == (first, second)
    assert codes(decide_with(DECIDERS, [*past, recorded(1)], first, by=actor(ORLEANS))) >= {"PRO-006"}


def test_what_is_recorded() -> None:
    """A recorded service agrees with its place in the IEP, also with other terms. An ended one is over."""
    more = service().terms.model_copy(update={"sessions": 9})
    ended = ServiceTerminated.of(recorded(2), end_on=SEPTEMBER, termination_reason="GOALS")
    past = planning(planned(), planned("OTH"), planned("TRA"))
    found = of_iep([*past, recorded(1, terms=more), ended])
    assert [one.terms.sessions for one in found.agreeing] == [9]
    assert [one.terms.service_code for one in found.to_add] == ["TRA"]
    assert found.to_end == ()


def test_the_next_iep() -> None:
    """A service of last year with the same terms goes on. Changed and dropped ones end the day before."""
    same, changed, dropped = (
        service("same"),
        service("changed", code="OTH"),
        service("dropped", code="TRA"),
    )
    after = planned("OTH", NEXT_YEAR, sessions=1)
    past = records_after(
        submitted("the review", NEXT_YEAR),
        contents(planned(begin_on=NEXT_YEAR), after, under="the review"),
        after=ready(same, changed, dropped),
    )
    found = of_iep(past, "the review")
    assert found.agreeing == (same,)
    assert [one.terms.service_code for one in found.to_add] == ["OTH"]
    last_day = NEXT_YEAR - timedelta(days=1)
    assert {(one.service_id, one.end_on, one.reason) for one in found.to_end} == {
        (changed.service_id, last_day, "IEPCHG"),
        (dropped.service_id, last_day, "IEPCHG"),
    }
    for command in found.to_end:
        assert isinstance(decide_with(DECIDERS, past, command, by=actor(ORLEANS), on=NEXT_YEAR), Accepted)


def test_no_end_before_the_first_session() -> None:
    """A proposed end is not before the service began or was first given."""
    given = FirstSessionGiven.of(service(), first_given_on=SEPTEMBER)
    (end,) = of_iep([*planning(planned("TRA")), given]).to_end
    assert end.end_on == SEPTEMBER


def test_two_services_of_one_code() -> None:
    """One recorded service agrees with one planned service only."""
    found = of_iep([*planning(planned(), planned()), service()])
    assert (len(found.agreeing), len(found.to_add)) == (1, 1)


@pytest.mark.parametrize(
    ("last_day", "proposed_provider"), [(None, TEACHER), (SEPTEMBER - timedelta(days=1), None)]
)
def test_last_years_provider(last_day: date | None, proposed_provider: str | None) -> None:
    """Provider and teacher of record of the LEA's last service of the kind are proposed, if they still work
    there."""
    terms = {"provider_id": TEACHER, "teacher_of_record": "T-1208", "recipient": "parent"}
    old = service().model_copy(update={"terms": service().terms.model_copy(update=terms)})
    gone = ServiceTerminated.of(old, end_on=AUGUST, termination_reason="IEPCHG")
    past = planning(planned(begin_on=SEPTEMBER), planned("TRA", SEPTEMBER))
    speech, transport = of_iep([*past, gone, provider(last_day), provider(number="T-1208")]).to_add
    assert speech.terms.provider_id == proposed_provider
    assert (speech.terms.teacher_of_record, speech.terms.recipient) == ("T-1208", "parent")
    assert (transport.terms.provider_id, transport.terms.recipient) == (None, "student")
    (speech, _) = of_iep([*past, gone, provider()]).to_add
    assert speech.terms.teacher_of_record is None


def test_the_iep_of_a_former_owner() -> None:
    """A new owner begins planned services when its jurisdiction began. One that was over is left out."""
    over = planned("TRA", end_on=SEPTEMBER - timedelta(days=1))
    past = records_after(
        added(),
        claimed(),
        submitted(),
        contents(planned(), over),
        requested(),
        claimed(JEFFERSON, SEPTEMBER, "the transfer"),
    )
    gone = ServiceTerminated.of(service(), end_on=AUGUST, termination_reason="TRANSFER")
    (only,) = of_iep([*past, gone]).to_add
    assert (only.terms.service_code, only.terms.begin_on) == ("SPE", SEPTEMBER)


def test_no_form_of_services() -> None:
    """An IEP without a Program/Services form says nothing about services, so none is proposed to end."""
    bare = IEPContentsMadeOfficial.model_validate(contents().model_dump() | {"forms": []})
    found = of_iep([*records_after(bare, after=ready()), service()])
    assert (found.to_add, found.to_end, found.agreeing) == ((), (), ())


def test_an_empty_form_of_services() -> None:
    """An IEP that plans no service ends every open one."""
    found = of_iep([*planning(), service()])
    assert len(found.to_end) == 1


def test_the_newest_iep() -> None:
    """The submitted IEP that begins last counts; of one meeting, the last amendment. Deleted ones are out."""
    amended = submitted("the amendment", amends="the IEP")
    past = records_after(submitted(), amended)
    assert _newest(past) == id_named("the amendment")
    assert _newest(records_after(submitted("the review", OCTOBER), after=past)) == id_named("the review")
    assert _newest(records_after(deleted("the amendment"), after=past)) == id_named("the IEP")
    assert newest_iep(Known()) is None


def _newest(past: list[Record]) -> object:
    found = newest_iep(Known(past))
    return found and found.iep_id
