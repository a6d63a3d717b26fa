"""What no longer agrees with a birth date that eScholar has corrected."""

from datetime import date

import pytest

from contracts.codes import ENVIRONMENTS
from contracts.decision import Known
from services.ieps.domain.birth_dates import disagreements
from tests.unit.ieps import scenario


def found(born: date, *, of: str = "AUT") -> list[tuple[str, str]]:
    """Kind of record and code of what does not agree, after eScholar has corrected the birth date."""
    history = scenario.after(scenario.drafted(of=of), scenario.make_official(), scenario.submit())
    corrected = scenario.records_after(scenario.corrected(born), after=history)
    return [(one.about, one.finding.code) for one in disagreements(Known(corrected))]


def test_a_birth_date_that_fits_leaves_nothing_to_do() -> None:
    """The student is still of the age of every record."""
    assert found(date(2009, 1, 20)) == []


def test_an_evaluation_before_birth() -> None:
    """Then neither the IEP nor its environment fits."""
    after = found(date(2017, 2, 2))
    assert after[0] == ("evaluation", "REC-003")
    assert ("iep", "IEP-111") in after


@pytest.mark.parametrize("born", [date(2007, 5, 4), date(2006, 1, 1)])
def test_developmental_delay_determined_at_nine(born: date) -> None:
    """The exceptionality is for ages three through eight."""
    assert ("evaluation", "EVA-009") in found(born, of="DD")
    assert found(born) == []


def test_an_iep_that_begins_before_three() -> None:
    """Special education begins at three."""
    assert ("iep", "IEP-141") in found(date(2014, 10, 1))


def test_the_environment_is_of_the_other_age_group() -> None:
    """A school-age environment of a child who is four all year."""
    assert ENVIRONMENTS["RC80"].more["age_group"] == "6-21"
    assert [code for about, code in found(date(2013, 6, 1)) if about == "iep"] == ["IEP-111"]


def test_each_says_what_to_do() -> None:
    """First the birth date is checked, then the record is corrected."""
    history = scenario.records_after(
        scenario.corrected(date(2017, 2, 2)), after=scenario.after(scenario.open_record(), scenario.request())
    )
    (one,) = disagreements(Known(history))
    assert one.finding.message == "2017-02-01 is before the student was born."
    assert one.what_to_do.startswith("Check the birth date in eScholar.")
    assert "CorrectEvaluation" in one.what_to_do
