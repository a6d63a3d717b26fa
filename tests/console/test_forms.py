"""Forms: the command that was typed, what cannot be read, and the form that is shown again."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from console import forms
from console.fields import Kind, fields_of, flat
from console.forms import ADD, ID, FilledForm, Form, Typed, blank_form, numbered, typed_form, with_theirs
from contracts.activities import ExitSpecialEducation
from contracts.catalog import commands
from contracts.errors import FIELD_INVALID, FIELD_MISSING, REVISION_MOVED
from contracts.evaluations import DetermineEligibility, Exceptionality, RequestEvaluation
from contracts.forms import ExtendedSchoolYear, GeneralInformation
from contracts.ieps import SaveIEPForms
from contracts.message import Command
from contracts.provision import AddService
from contracts.students import SaveGuardian, SaveProfile

TODAY = date(2026, 11, 20)
STUDENT = "1000000074"
ELIGIBILITY = Form(DetermineEligibility, given=("student_id", "evaluation_id"))


def typed(form: Form, **values: str | list[str]) -> dict[str, list[str]]:
    """What a browser sends: `a__b` stands for the field `a.b`."""
    fields = {
        name.replace("__", "."): value if isinstance(value, list) else [value]
        for name, value in values.items()
    }
    return {"form": [form.key], ID: [str(uuid4())], "student_id": [STUDENT], **fields}


def body_of(form: Form, given: Typed) -> dict[str, Any]:
    """The body of the command that a form asks for."""
    body = forms.body_of(form, given, TODAY)
    assert isinstance(body, dict), body
    return body


def findings_of(form: Form, given: Typed) -> list[tuple[str, str | None]]:
    """The codes and the fields of what cannot be read."""
    found = forms.body_of(form, given, TODAY)
    assert isinstance(found, tuple)
    return [(one.code, one.field) for one in found]


def test_a_form_becomes_its_command() -> None:
    """The body has the typed fields in their places; a blank field is left out."""
    form = Form(SaveGuardian, given=("student_id", "guardian_id"))
    given = typed(form, guardian_id="6e0c8a2e-2f4b-4a52-9a57-0b3a3b7f9f10", guardian__first_name="Ada")
    assert body_of(form, given | {"guardian.email": ["  "]}) == {
        "student_id": STUDENT,
        "guardian_id": "6e0c8a2e-2f4b-4a52-9a57-0b3a3b7f9f10",
        "guardian": {"first_name": "Ada"},
    }


def test_the_revision_travels_as_a_number() -> None:
    """`on_revision` says which revision the person saw."""
    assert body_of(Form(SaveProfile), typed(Form(SaveProfile), on_revision="3"))["on_revision"] == 3


@pytest.mark.parametrize("revision", ["²", "-1", "x", "9" * 5000])
def test_a_revision_that_is_no_number_is_sent_as_it_is(revision: str) -> None:
    """The service says what is wrong with it."""
    form = Form(SaveProfile)
    assert body_of(form, typed(form, on_revision=revision))["on_revision"] == revision


def test_commands_that_differ_in_a_field_have_ids_by_it() -> None:
    """Two of three ticked services sent again are the same commands as before, whatever their order."""
    root, services = uuid4(), ["a", "b", "c"]

    def ids(some: list[str]) -> list[UUID]:
        commands: list[tuple[type[Command], forms.Body]] = [(AddService, {"service_id": one}) for one in some]
        return [one.command_id for one in numbered(root, commands, "service_id")]

    first = ids(services)
    assert len(set(first)) == 3
    assert ids(["c", "b"]) == [first[2], first[1]]


def test_a_box_that_is_not_ticked_says_no() -> None:
    """A browser sends nothing for it, and the command says false."""
    profile = body_of(Form(SaveProfile), typed(Form(SaveProfile), profile__medicaid="yes"))["profile"]
    assert profile["medicaid"] is True
    assert profile["english_learner"] is False


def test_the_same_form_is_the_same_commands() -> None:
    """A double click, a reload and a second sending have the same command ids; each command has its own."""
    body, root = {"student_id": STUDENT}, uuid4()
    two: list[tuple[type[Command], forms.Body]] = [(SaveProfile, body), (SaveGuardian, body)]
    first, again = numbered(root, two), numbered(root, two)
    assert first == again
    assert first[0].command_id == root
    assert len({one.command_id for one in (*first, *numbered(uuid4(), two))}) == 4


def test_where_a_person_goes_after_sending() -> None:
    """The address may name what was typed; nothing typed leads elsewhere."""
    form = Form(SaveGuardian, next="/students/{student_id}/x?area={area}")
    assert form.next_address(typed(form, area="a/../b?&")) == f"/students/{STUDENT}/x?area=a%2F..%2Fb%3F%26"
    assert Form(SaveGuardian).next_address({}) == ""


def test_everything_unreadable_is_found_at_once() -> None:
    """Each day and each number that cannot be read has a finding at its field."""
    form = Form(AddService, given=("student_id", "service_id", "iep_id"))
    given = typed(form, terms__begin_on="some day", terms__sessions="two", terms__minutes_per_session="30")
    assert findings_of(form, given) == [("CON-005", "terms.begin_on"), ("CON-013", "terms.sessions")]


@pytest.mark.parametrize(("text", "number"), [("30", 30), (" 30 ", 30), ("1,200", 1200), ("-1", -1)])
def test_numbers_are_read(text: str, number: int) -> None:
    """A number may have commas and spaces around it; whether it is too large, the service says."""
    form = Form(AddService, given=("student_id", "service_id", "iep_id"))
    assert body_of(form, typed(form, terms__sessions=text))["terms"]["sessions"] == number


def test_blank_rows_say_nothing() -> None:
    """A row in which nothing was typed is left out, wherever it stands; the others keep their order."""
    given = typed(ELIGIBILITY, evaluation_id=str(uuid4()), determined_on="t")
    given |= {
        "exceptionalities.0.code": [""],
        "exceptionalities.1.code": ["AUT"],
        "exceptionalities.primary": ["1"],
        "exceptionalities.2.code": [""],
        "exceptionalities.10.code": ["SLI"],
        "exceptionalities.10.details": ["SLI-AR", "SLI-FL"],
    }
    body = body_of(ELIGIBILITY, given)
    assert body["determined_on"] == "2026-11-20"
    assert [(row["code"], row["primary"]) for row in body["exceptionalities"]] == [
        ("AUT", True),
        ("SLI", False),
    ]
    assert body["exceptionalities"][1]["details"] == ["SLI-AR", "SLI-FL"]


def test_a_form_of_rows_shows_one_at_least_and_one_more_if_asked() -> None:
    """*Add another row* adds one below the typed ones."""
    (field,) = (one for one in ELIGIBILITY.fields if one.kind is Kind.ROWS)
    blank = blank_form(ELIGIBILITY, student_id=STUDENT)
    assert len(blank.rows(field)) == 1
    given = typed(ELIGIBILITY) | {"exceptionalities.0.code": ["AUT"], ADD: ["exceptionalities"]}
    grown = typed_form(blank, given, (), UUID(given[ID][0]))
    assert [row[0].path for row in grown.rows(field)] == [
        "exceptionalities.0.code",
        "exceptionalities.1.code",
    ]
    assert grown.value(grown.rows(field)[0][0]) == "AUT"


def test_exactly_one_row_is_the_primary() -> None:
    """The first exceptionality is primary until somebody chooses another; of saved ones, the saved one."""
    (field,) = (one for one in ELIGIBILITY.fields if one.kind is Kind.ROWS)

    def primary(filled: FilledForm) -> list[bool]:
        return [
            filled.ticked(column)
            for row in filled.rows(field)
            for column in row
            if column.kind is Kind.ONE_ROW
        ]

    blank = blank_form(ELIGIBILITY, student_id=STUDENT)
    assert primary(blank) == [True]
    given = typed(ELIGIBILITY) | {
        "exceptionalities.0.code": ["OHI"],
        "exceptionalities.1.code": ["AUT"],
        "exceptionalities.primary": ["1"],
    }
    assert primary(typed_form(blank, given, (), uuid4())) == [False, True]
    found = (Exceptionality(code="OHI"), Exceptionality(code="AUT", primary=True))
    saved = {"exceptionalities": [one.model_dump(mode="json") for one in found]}
    assert primary(blank_form(ELIGIBILITY, saved)) == [False, True]


def test_a_refused_form_has_everything_typed() -> None:
    """Each finding is at its field, and the field shows what was typed."""
    form = Form(RequestEvaluation, given=("student_id", "evaluation_id"))
    given = typed(form, permission_requested_on="10/1/26")
    finding = FIELD_MISSING.broken(at="permission_requested_on")
    shown = typed_form(blank_form(form, student_id=STUDENT), given, (finding,), uuid4())
    (field,) = (one for one in form.fields if one.path == "permission_requested_on")
    assert shown.value(field) == "10/1/26"
    assert shown.of(field) == (finding,)
    assert field.path in shown.named


def test_days_are_shown_as_people_write_them() -> None:
    """A known value's day is shown as a person writes it, in rows, too."""
    form = Form(SaveProfile)
    (field,) = (one for one in form.fields if one.path == "profile.effective_on")
    filled = blank_form(form, {"profile": {"effective_on": "2026-10-01"}})
    assert filled.value(field) == "Oct 1, 2026"


@pytest.mark.parametrize("command", [entry.model for entry in commands().values()])
def test_a_blank_form_of_every_command_can_be_sent(command: type[Command]) -> None:
    """The console builds the command even if nothing was typed; the service says what is missing."""
    form = Form(command, given=())
    assert isinstance(forms.body_of(form, {"form": [form.key]}, TODAY), dict)


def test_a_form_that_somebody_overtook_shows_what_they_saved() -> None:
    """It has the revision that is saved now, so that sending it again puts this person's values on top."""
    form = Form(SaveProfile)
    saved = {"profile": {"home_language": "Spanish", "medicaid": True}}
    filled = blank_form(form, saved, student_id=STUDENT, on_revision=4)
    given = typed(form, profile__home_language="French", profile__medicaid="yes", on_revision="3")
    moved = REVISION_MOVED.broken(at="on_revision", seen=3, now=4, record="student", fields="")
    shown = typed_form(filled, given, (moved,), uuid4())
    assert [(one.field.path, one.saved, one.typed) for one in shown.theirs] == [
        ("profile.home_language", "Spanish", "French")
    ]
    assert shown.hidden["on_revision"] == "4"
    assert shown.values["profile.home_language"] == "French"


def test_theirs_are_taken_field_by_field() -> None:
    """Rows that somebody else saved can be taken, too; everything else stays as it was typed."""
    (rows,) = (one for one in ELIGIBILITY.fields if one.kind is Kind.ROWS)
    saved = {"exceptionalities": [{"code": "AUT", "primary": True}, {"code": "SLI", "primary": False}]}
    filled = blank_form(ELIGIBILITY, saved, student_id=STUDENT, on_revision=4)
    given = typed(ELIGIBILITY, determined_on="t") | {"exceptionalities.0.code": ["SLD"]}
    moved = REVISION_MOVED.broken(at="on_revision", seen=3, now=4, record="evaluation", fields="")
    shown = typed_form(filled, given, (moved,), uuid4())
    found = {one.field.path: (one.field.label, one.saved, one.typed) for one in shown.theirs}
    label = f"{rows.label}, row 2: {rows.columns[0].label}"
    assert found["exceptionalities.1.code"] == (label, "SLI", "")
    given |= {
        "take.exceptionalities.0.code": ["mine"],
        "theirs.exceptionalities.0.code": ["AUT"],
        "take.exceptionalities.1.code": ["theirs"],
        "theirs.exceptionalities.1.code": ["SLI"],
    }
    body = body_of(ELIGIBILITY, with_theirs(given))
    assert [row["code"] for row in body["exceptionalities"]] == ["SLD", "SLI"]


def test_numbers_in_a_row_are_read() -> None:
    """The scores before a break are typed one after the other; what is no number is found."""
    shown = fields_of(ExtendedSchoolYear, prefix="forms.0.")
    form = Form(SaveIEPForms, given=("student_id", "iep_id"), shown=shown)
    given = typed(form) | {"forms.0.breaks.0.before": ["80, 75 90"], "forms.0.breaks.0.after": ["6x"]}
    assert findings_of(form, given) == [("CON-013", "forms.0.breaks.0.after")]
    given["forms.0.breaks.0.after"] = ["60"]
    (row,) = body_of(form, given)["forms"]["0"]["breaks"]
    assert (row["before"], row["after"]) == ([80, 75, 90], [60])
    assert flat({"breaks": [{"before": [80, 75]}]}) == {"breaks.0.before": "80, 75"}


def test_a_finding_about_one_line_is_at_the_field_with_the_lines() -> None:
    """The service names the third participant of a form; the form has one field for all of them.

    The list of forms is then too short as well. That says nothing to the person.
    """
    shown = fields_of(GeneralInformation, prefix="forms.0.")
    form = Form(SaveIEPForms, given=("student_id", "iep_id"), shown=shown)
    long, short = (
        FIELD_INVALID.broken(at=at, problem="x", where="y") for at in ("forms.0.GSI.participants.2", "forms")
    )
    refused = typed_form(blank_form(form), typed(form), [long, short], uuid4())
    assert [one.field for one in refused.findings] == ["forms.0.participants"]
    assert refused.findings[0].field in refused.named


@pytest.mark.parametrize("place", [None, "guardian.2", "on_revision"])
def test_a_finding_about_no_field_of_the_form_stays_where_it_is(place: str | None) -> None:
    """It stands first, without a link."""
    form = Form(SaveGuardian, given=("student_id", "guardian_id"))
    finding = FIELD_MISSING.broken(at=place)
    assert typed_form(blank_form(form), typed(form), [finding], uuid4()).findings == (finding,)


def test_a_finding_calls_its_field_as_the_form_does() -> None:
    """The error summary says *Exit reason*, as the field does; of two exceptionalities it says which row."""
    leave = blank_form(Form(ExitSpecialEducation), student_id=STUDENT)
    assert leave.labels["reason"] == "Exit reason"
    given = typed(ELIGIBILITY) | {"exceptionalities.0.code": ["OHI"]}
    one = typed_form(blank_form(ELIGIBILITY), given, (), uuid4())
    assert one.labels["exceptionalities.0.code"] == "Exceptionality"
    given |= {"exceptionalities.1.code": ["AUT"]}
    two = typed_form(blank_form(ELIGIBILITY), given, (), uuid4())
    assert two.labels["exceptionalities.1.code"] == "Exceptionalities, row 2: Exceptionality"
    assert two.named == two.labels.keys()
