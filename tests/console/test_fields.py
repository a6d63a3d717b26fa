"""Fields of forms come from the messages: every command's, with labels, kinds and ids."""

from uuid import uuid4

import pytest

from console.fields import Field, Kind, fields_of, flat
from console.forms import Form, blank_form, typed_form
from console.words import label_of
from contracts.catalog import commands
from contracts.evaluations import DetermineEligibility
from contracts.ieps import SaveIEPForms
from contracts.message import Command
from contracts.students import GuardianDetails, SaveGuardian, SaveProfile

EACH = pytest.mark.parametrize("command", [entry.model for entry in commands().values()])


def every(fields: tuple[Field, ...]) -> list[Field]:
    """The fields, and the columns of those that are rows."""
    return [one for field in fields for one in (field, *every(field.columns))]


@EACH
def test_every_command_has_a_form(command: type[Command]) -> None:
    """A form can be made of every command: each field has a label, and a choice has options."""
    fields = fields_of(command)
    assert {field.path.split(".")[0] for field in fields} == set(command.model_fields)
    for field in every(fields):
        assert field.label
        assert "_" not in field.label
        assert (field.kind is Kind.CHOICE) <= bool(field.options)
        assert (field.kind is Kind.ROWS) <= bool(field.columns) or field.path == "forms"
        assert (field.kind is Kind.SEVERAL) <= bool(field.options)


@EACH
def test_ids_are_unique(command: type[Command]) -> None:
    """The path of a field is its id, so no path occurs twice."""
    paths = [field.path for field in fields_of(command)]
    assert len(paths) == len(set(paths))


def test_fields_can_be_left_out() -> None:
    """A page that knows a field leaves it out, at any depth."""
    paths = [field.path for field in fields_of(SaveProfile, ("student_id", "profile.medicaid"))]
    assert "student_id" not in paths
    assert "profile.medicaid" not in paths
    assert "profile.grade" in paths


def test_a_row_has_the_path_of_its_number() -> None:
    """The exceptionality in the second row is `exceptionalities.1.code`, as in the service's finding."""
    (rows,) = (one for one in fields_of(DetermineEligibility) if one.kind is Kind.ROWS)
    assert rows.columns[0].within("exceptionalities.1").path == "exceptionalities.1.code"


def test_a_choice_within_a_command_of_several_kinds_is_no_field() -> None:
    """The forms of an IEP are a choice of models; the IEP's own screens show them, and no general form."""
    assert [one.path for one in fields_of(SaveIEPForms) if one.path.startswith("forms")] == ["forms"]


def test_a_value_becomes_texts_by_path() -> None:
    """A form shows what is known: a text by the path of each field, nothing for blanks."""
    known = GuardianDetails(first_name="Ada", last_name="Fontenot", phone="225-555-0100")
    texts = flat({"guardian": known})
    assert texts["guardian.first_name"] == "Ada"
    assert texts["guardian.phone"] == "225-555-0100"
    assert "guardian.email" not in texts
    assert flat({"lines": ["a", "b"], "yes": True, "no": False, "number": 3}) == {
        "lines": "a\nb",
        "yes": "yes",
        "no": "no",
        "number": "3",
    }
    assert flat({"rows": [{"code": "AUT"}, {"code": "SLI"}]}) == {"rows.0.code": "AUT", "rows.1.code": "SLI"}


def test_labels_of_a_guardian_are_plain_words() -> None:
    """The form of a guardian reads like a form on paper."""
    labels = [one.label for one in fields_of(SaveGuardian, ("student_id", "guardian_id", "on_revision"))]
    assert labels[:3] == ["First name", "Last name", "Suffix"]


def test_a_label_may_belong_to_one_message() -> None:
    """An explanation is what the amendment changes; elsewhere it is an explanation."""
    assert label_of("explanation", "AmendmentForm") == "What the amendment changes, and why"
    assert label_of("explanation", "AnyOther") == "Explanation"


def test_a_box_that_is_usually_ticked_is_ticked_at_first() -> None:
    """A field that is true unless somebody says otherwise has its box ticked, until somebody unticks it."""

    class Ended(Command):
        """Ends."""

        services_too: bool = True

    form = Form(Ended, given=())
    (field,) = form.fields
    blank = blank_form(form)
    assert blank.ticked(field)
    assert not typed_form(blank, {}, (), uuid4()).ticked(field)
