"""Program/Services: the planned services lie in the year of the plan."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted
from contracts.forms import ProgramServices
from contracts.terms import Setting
from tests.unit.ieps import scenario
from tests.unit.ieps.test_validation import found, validated, with_forms
from tests.unit.scenario import codes

DAY = timedelta(days=1)
LAST = date(2018, 5, 21)


@pytest.mark.parametrize(
    ("begin_on", "code"),
    [(scenario.BEGINS - DAY, "IEP-106"), (scenario.BEGINS, None), (LAST, None), (LAST + DAY, "IEP-107")],
)
def test_services_begin_within_the_year_of_the_iep(begin_on: date, code: str | None) -> None:
    """A service before the IEP is refused; one after its last day is warned of."""
    service = scenario.planned("SPE", begin_on)
    history = with_forms(PRG=ProgramServices(services=(service,)))

    assert found(validated(history)) == ([(code, "forms.PRG.services.0.begin_on")] if code else [])
    refused = not isinstance(scenario.decide(history, scenario.make_official()), Accepted)
    assert refused is (code == "IEP-106")


@pytest.mark.parametrize(
    ("end_on", "code"),
    [(scenario.BEGINS - DAY, "IEP-108"), (scenario.BEGINS, None), (LAST, None), (LAST + DAY, "IEP-107")],
)
def test_services_end_after_they_begin(end_on: date, code: str | None) -> None:
    """The last day of a service is not before its first; one after the year of the IEP is warned of."""
    service = scenario.planned("SPE", end_on=end_on)
    history = with_forms(PRG=ProgramServices(services=(service,)))

    assert found(validated(history)) == ([(code, "forms.PRG.services.0.end_on")] if code else [])
    assert codes(scenario.decide(history, scenario.make_official())) == ({code} if code else set())


def test_one_service_twice_warns() -> None:
    """The same service on the same day in the same setting stands once; elsewhere it is another service."""
    service = scenario.planned()
    elsewhere = service.model_copy(update={"setting": Setting.SPECIAL})

    twice = with_forms(PRG=ProgramServices(services=(service, service)))
    assert found(validated(twice)) == [("IEP-109", "forms.PRG.services")]
    assert codes(scenario.decide(twice, scenario.make_official())) == {"IEP-109"}
    assert found(validated(with_forms(PRG=ProgramServices(services=(service, elsewhere))))) == []


@pytest.mark.parametrize(("day", "green"), [(date(2017, 2, 28), True), (date(2017, 3, 1), False)])
def test_the_year_of_an_iep_begun_on_a_leap_day(day: date, green: bool) -> None:
    """An IEP that began on 29 February is in effect through 28 February of the next year."""
    leap_day = date(2016, 2, 29)
    history = scenario.drafted(
        meeting_on=leap_day,
        begin_on=leap_day,
        forms=scenario.complete_forms(PRG=ProgramServices(services=(scenario.planned("SPE", day),))),
    )

    assert ("IEP-107" in codes(scenario.decide(history, scenario.make_official()))) is not green
