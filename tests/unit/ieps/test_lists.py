"""The lists of an LEA's work."""

from contracts.deadlines import NO_CALENDARS
from contracts.evaluations import Evaluation
from contracts.ieps import IEP
from services.ieps.queries.ieps import listed
from services.ieps.queries.of_lea import place_of
from tests.unit.ieps import scenario
from tests.unit.scenario import id_named


def test_two_open_evaluations_of_a_student_have_two_places() -> None:
    """A student whose State IDs were merged may have an open evaluation of each. A page that ends between the
    two loses neither."""
    history = scenario.after(scenario.open_record(), scenario.request())
    [one] = (record for record in history if isinstance(record, Evaluation))
    other = one.model_copy(update={"evaluation_id": id_named("of the other State ID")})
    places = {place_of(each, (), NO_CALENDARS) for each in (one, other)}

    assert len(places) == 2
    assert max(map(len, places)) <= 60


def test_an_iep_that_has_moved_away_says_nobody_who_changed_it() -> None:
    """A former owner's copy may have an IEP that went to another State ID since."""
    [kept] = (record for record in scenario.drafted() if isinstance(record, IEP))
    shown = listed(kept, None, None, None)

    assert (shown.iep_id, shown.changed_by, shown.changed_at) == (kept.iep_id, None, None)
