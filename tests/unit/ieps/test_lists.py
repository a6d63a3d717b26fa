"""The lists of an LEA's work."""

from contracts.deadlines import NO_CALENDARS
from contracts.evaluations import Evaluation
from services.ieps.queries.evaluations import dated
from services.ieps.queries.of_lea import place_of
from tests.unit.ieps import scenario
from tests.unit.scenario import id_named


def test_two_open_evaluations_of_a_student_have_two_places() -> None:
    """A student whose State IDs were merged may have an open evaluation of each. A page that ends between the
    two loses neither."""
    history = scenario.after(scenario.open_record(), scenario.request())
    [one] = (record for record in history if isinstance(record, Evaluation))
    other = one.model_copy(update={"evaluation_id": id_named("of the other State ID")})
    places = {place_of(dated(each, (), NO_CALENDARS)) for each in (one, other)}

    assert len(places) == 2
    assert max(map(len, places)) <= 60
