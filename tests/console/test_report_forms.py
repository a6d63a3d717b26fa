"""The form of a report's question: from its parameters, and back."""

from datetime import date

from console.report_forms import body_of, cell, parameters_of, typed_in
from services.chassis.answering.requests import inlined
from services.reporting.reports.rosters import OfRosters

TODAY = date(2024, 11, 4)
SCHEMA = inlined(OfRosters.model_json_schema())


def test_only_the_state_chooses_an_lea() -> None:
    """An LEA asks about itself, so its form does not offer an LEA."""
    assert "lea" not in [one.name for one in parameters_of(SCHEMA, everywhere=False)]
    shown = {one.name: one for one in parameters_of(SCHEMA, everywhere=True)}
    assert [shown[name].kind for name in ("as_of", "known_at", "by", "everybody", "school")] == [
        "day",
        "instant",
        "choice",
        "tick",
        "text",
    ]
    assert [option.value for option in shown["by"].options] == ["state", "LEA", "school", "coordinator"]
    assert shown["by"].value == "LEA"


def test_what_was_typed_becomes_the_question() -> None:
    """A day is read as everywhere in the console. A blank parameter is left out."""
    typed = {
        "as_of": ["t-3"],
        "known_at": ["11/1/2024"],
        "everybody": ["yes"],
        "school": [" "],
        "by": ["LEA"],
    }
    body = body_of(typed_in(parameters_of(SCHEMA, everywhere=True), typed), TODAY)
    assert body == {
        "as_of": "2024-11-01",
        "known_at": "2024-11-01T23:59:59-05:00",
        "everybody": True,
        "by": "LEA",
    }
    assert isinstance(body, dict)
    OfRosters.model_validate_json(str(body).replace("'", '"').replace("True", "true"))


def test_what_cannot_be_read_is_said() -> None:
    """A day that is none is refused at its field."""
    found = body_of(typed_in(parameters_of(SCHEMA, everywhere=True), {"as_of": ["soon"]}), TODAY)
    assert isinstance(found, tuple)
    assert [(one.code, one.field) for one in found] == [("CON-005", "as_of")]


def test_a_value_reads_as_people_write_it() -> None:
    """Days, numbers and codes of a table."""
    assert cell("2024-11-01", "day", "due_on") == "Nov 1, 2024"
    assert cell(1234, "count", "IN") == "1,234"
    assert cell("017", "code", "lea") == "East Baton Rouge (017)"
    assert (cell(None, "text", "x"), cell(True, "text", "x"), cell("021", "code", "school")) == (
        "",
        "yes",
        "021",
    )
