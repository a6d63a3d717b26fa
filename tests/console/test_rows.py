"""Lists in the forms of an IEP: rows are added and removed, and nothing that was typed is lost."""

from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from console import forms, rules
from console.fields import Kind
from console.forms import ADD, ID, REMOVE, FilledForm, Form, blank_form, typed_form
from console.pages.iep_forms import EDITORS, MODELS
from console.rows import without_row
from console.wording import input_of
from contracts.errors import Finding, Severity
from contracts.evaluations import DetermineEligibility
from contracts.forms import BreakScores
from tests.console.test_forms import TODAY
from tests.unit.ieps.realistic import realistic_forms
from tests.unit.ieps.scenario import BEGINS, MET

SERVICES = "forms.0.services"
TWO_SERVICES = {
    f"{SERVICES}.0.service_code": ["SPE"],
    f"{SERVICES}.0.begin_on": ["8/22/2017"],
    f"{SERVICES}.0.sessions": ["2"],
    f"{SERVICES}.0.minutes_per_session": ["thirty"],
    f"{SERVICES}.1.service_code": ["OTH"],
    f"{SERVICES}.1.minutes_per_session": ["45"],
}


def shown_again(form: Form, **buttons: str) -> FilledForm:
    """The form after a button that sends nothing was pressed."""
    given = TWO_SERVICES | {name: [value] for name, value in buttons.items()} | {ID: [str(uuid4())]}
    return typed_form(blank_form(form), given, (), UUID(given[ID][0]))


def rows_of(filled: FilledForm) -> list[dict[str, str]]:
    """What each row of the services shows."""
    (field,) = filled.form.fields
    return [
        {column.path.rpartition(".")[2]: text for column in row if (text := filled.values.get(column.path))}
        for row in filled.rows(field)
    ]


def test_a_row_is_added_below_what_was_typed() -> None:
    """The typed rows stay as they are, even a number that is none, and a blank one follows."""
    grown = shown_again(EDITORS["PRG"], **{ADD: SERVICES})

    assert [len(row) for row in rows_of(grown)] == [4, 2, 0]
    assert rows_of(grown)[0]["minutes_per_session"] == "thirty"
    assert grown.unsaved


def test_a_row_is_removed_and_later_rows_move_up() -> None:
    """The other row keeps everything that was typed into it."""
    left = shown_again(EDITORS["PRG"], **{REMOVE: f"{SERVICES}.0"})

    assert rows_of(left) == [{"service_code": "OTH", "minutes_per_session": "45"}]
    assert left.unsaved
    assert [len(row) for row in rows_of(shown_again(EDITORS["PRG"], **{REMOVE: f"{SERVICES}.1"}))] == [4]


@pytest.mark.parametrize("row", ["", "x", f"{SERVICES}.", f"{SERVICES}.x", f"{SERVICES}.9", f"{SERVICES}.²"])
def test_a_row_that_is_not_there(row: str) -> None:
    """Nothing is lost if a browser names no row of the form."""
    values = {name: value for name, (value,) in TWO_SERVICES.items()}
    assert without_row(values, row) == values


def test_without_the_chosen_row_the_first_one_is_chosen() -> None:
    """The primary exceptionality was removed: the first of the others is primary."""
    form = Form(DetermineEligibility, given=("student_id", "evaluation_id"))
    given = {
        "exceptionalities.0.code": ["AUT"],
        "exceptionalities.1.code": ["SLD"],
        "exceptionalities.primary": ["1"],
        REMOVE: ["exceptionalities.1"],
    }
    (field,) = (one for one in form.fields if one.kind is Kind.ROWS)
    filled = typed_form(blank_form(form), given, (), uuid4())

    (row,) = filled.rows(field)
    assert [filled.ticked(column) for column in row if column.kind is Kind.ONE_ROW] == [True]


def test_a_row_with_nothing_but_its_defaults_says_nothing() -> None:
    """The blank row of a service shows a frequency and a setting, and is not sent."""
    blank = {f"{SERVICES}.0.frequency": ["week"], f"{SERVICES}.0.setting": ["general"]}

    assert body_of("PRG", blank) == {"services": []}


def test_scores_are_numbers() -> None:
    """Scores have commas or blanks between; a word among them is named."""
    row = {
        "forms.0.breaks.0.break_began_on": ["12/19/2016"],
        "forms.0.breaks.0.before": ["50,58"],
        "forms.0.breaks.0.after": ["44 57"],
    }

    (one,) = body_of("ESY", row)["breaks"]
    assert (one["before"], one["after"]) == ([50, 58], [44, 57])
    unclear = forms.body_of(EDITORS["ESY"], row | {"forms.0.breaks.0.after": ["44 few"]}, TODAY)
    assert isinstance(unclear, tuple)
    assert [(found.code, found.field) for found in unclear] == [
        (rules.NUMBER_UNCLEAR.code, "forms.0.breaks.0.after")
    ]


def body_of(code: str, typed: dict[str, list[str]]) -> dict[str, Any]:
    """The form as it is sent."""
    body = forms.body_of(EDITORS[code], typed, TODAY)
    assert isinstance(body, dict), body
    content: dict[str, Any] = body["forms"]["0"]
    return content


@pytest.mark.parametrize("code", MODELS)
def test_every_form_is_shown_and_read_without_loss(code: str) -> None:
    """A form that a browser shows and sends back unchanged is the same form, rows included."""
    for content in realistic_forms(Random(7), MET, BEGINS):
        if content.form != code:
            continue
        filled = blank_form(EDITORS[code], {"forms": {"0": content}})
        typed = {name: [text] for name, text in filled.values.items()}
        assert MODELS[code].model_validate(body_of(code, typed)) == content


def test_each_list_of_rows_has_its_columns() -> None:
    """Goals, agencies, breaks, special factors and services are rows of their own fields."""
    rows = {
        one.path.removeprefix("forms.0."): len(one.columns)
        for form in EDITORS.values()
        for one in form.fields
        if one.kind is Kind.ROWS
    }
    assert rows == {
        "special_factors": 2,
        "goals": 3,
        "assessments": 2,
        "agencies": 2,
        "breaks": len(BreakScores.model_fields),
        "services": 9,
    }


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("forms.PRG.services.0.begin_on", "forms.0.services.0.begin_on"),
        ("forms.IPL[math. basics].objectives", "forms.0.objectives"),
        ("forms.TRN", ""),
        ("iep_type", ""),
        (None, ""),
    ],
)
def test_a_finding_leads_to_its_input(field: str | None, place: str) -> None:
    """A finding about a row leads to the input of that row."""
    finding = Finding(code="IEP-102", severity=Severity.ERROR, message="", solution="", field=field)
    assert input_of(finding) == place
