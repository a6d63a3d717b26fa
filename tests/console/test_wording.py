"""Findings as people read them."""

import re
from datetime import date

import pytest
from markupsafe import Markup, escape
from pydantic import JsonValue

from console import rules, wording
from console.words import COMMANDS, FORMS, SERVICES
from contracts import catalog, errors
from contracts.errors import Rule, Severity
from services.ieps.domain import form_rules
from services.ieps.domain.rules import RULES


def test_days_are_shown_as_people_write_them() -> None:
    """A finding's dates are not shown as programs write them."""
    rule = Rule("XXX-001", "The day {day} is a holiday.", "Choose a day after {day}.")
    said = wording.said(rule.broken(day=date(2026, 10, 1)))
    assert said == "The day Oct 1, 2026 is a holiday. Choose a day after Oct 1, 2026."

    several = rule.broken(day="A since 2026-10-01, B since 2026-11-02, C since 2026-99-99")
    assert "A since Oct 1, 2026, B since Nov 2, 2026, C since 2026-99-99" in wording.wrong(several)


def test_a_solution_names_no_command() -> None:
    """A page has a button for it, so the command's name says nothing to people."""
    rule = Rule(
        "XXX-001",
        "The form is missing.",
        "Add it (SaveIEPForms), then submit (SubmitIEP, role iep-submitter).",
    )
    assert wording.said(rule.broken()) == "The form is missing. Add it, then submit."
    assert wording.without_commands("Look at `ieps` (GET /completeness).").endswith("(GET /completeness).")


IEP = "/students/1000000001/ieps/3278ec70-c3f0-5ca1-b20e-e26a6ddde34d"
SITE_UNNEEDED = form_rules.SITE_UNNEEDED.broken(at="forms.LRE.at_home_school")


def test_a_finding_names_forms_and_fields_in_words() -> None:
    """A team knows the form *Placement*, and its question about the home school. It knows no codes."""
    assert wording.said(SITE_UNNEEDED) == (
        "The form Site determination gives another school, but the form Placement says that the student"
        " attends the home school. Correct “Attends the home school” in the form Placement, or remove the"
        " form Site determination."
    )
    late = form_rules.REVIEW_LATE.broken(day="2026-10-02", due="2026-10-01", earlier="2025-10-01")
    assert wording.remedy(late) == "Give the reason when you make the IEP official."


def test_on_a_page_of_the_iep_a_named_form_is_a_link() -> None:
    """Whoever reads what is wrong goes to the form with one click. A plan of an area is a form of its own."""
    there = f"{IEP}/forms"
    assert wording.remedy(SITE_UNNEEDED, f"{IEP}/forms/ACC") == Markup(
        f'Correct “Attends the home school” in the form <a href="{there}/LRE">Placement</a>, or remove the'
        f' form <a href="{there}/SIT">Site determination</a>.'
    )
    area = form_rules.CONTENT_MISSING.broken(form="IPL[reading & <b>'s]", content="the annual goal")
    assert wording.wrong(area, IEP) == Markup(
        f'The form <a href="{there}/IPL?area=reading+%26+%3Cb%3E%27s">Instructional plan: reading &amp;'
        " &lt;b&gt;&#39;s</a> does not give the annual goal."
    )
    assert isinstance(wording.said(area, IEP), Markup)
    assert wording.said(area, "/outcomes") == escape(wording.said(area))


def test_no_rule_names_a_form_by_its_code() -> None:
    """The help page of each rule reads as the findings do."""
    for code, rule in RULES.items():
        for text in (rule.message, rule.solution):
            assert not re.search(rf"\b({'|'.join(FORMS)})\b(?! *\))", wording.of_rule(text)), code
    assert wording.of_rule(form_rules.FORM_MISSING.message) == "The form [form] is missing."
    assert wording.place("forms.LRE.at_home_school") == "Placement: Attends the home school"
    assert wording.place("begin_on") == "Begin date"


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        ("write the day as 2018-01-08, in quotation marks", "Write the date as 10/1/2026."),
        ("write a whole number, without quotation marks", "Write a whole number."),
    ],
)
def test_a_form_says_nothing_of_json(problem: str, shown: str) -> None:
    """Whoever fills in a form has typed no quotation marks."""
    finding = errors.FIELD_INVALID.broken(at="begin_on", problem=problem, where="the schema")
    assert wording.wrong(finding) == shown
    assert "schema" not in wording.said(finding)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("O'Brien & <b>", "O'Brien & <b>"),
        (None, "nothing"),
        ([], "nothing"),
        (["D'Arcy", "Ô"], "[D'Arcy, Ô]"),
        (3, "3"),
    ],
)
def test_a_changed_value_is_shown_as_it_is(value: JsonValue, shown: str) -> None:
    """The words are plain text, which the page escapes once."""
    said = wording.with_days(wording.worded(value))
    assert said == shown
    assert not isinstance(said, Markup)


def test_every_rule_of_the_console_says_what_to_do() -> None:
    """The console's own rules have codes of their own, a sentence and a solution."""
    assert rules.RULES
    for code, rule in rules.RULES.items():
        assert code.startswith("CON-")
        assert rule.message.endswith((".", ")."))
        assert rule.solution.endswith(".")
        assert rule.severity in Severity


def test_every_command_and_service_has_a_name() -> None:
    """The screens name commands and services in words."""
    assert COMMANDS.keys() == catalog.commands().keys()
    assert SERVICES.keys() == set(catalog.SERVICES)
    assert COMMANDS["SaveIEPForms"] == "Save IEP forms"
    assert COMMANDS["SaveGuardian"] == "Save guardian"


def test_whoever_was_overtaken_reads_nothing_of_revisions() -> None:
    """A person knows no revision and no id of a command."""
    finding = errors.REVISION_MOVED.broken(at="on_revision", seen=3, now=4)
    assert wording.wrong(finding) == "Somebody else has saved the record since you opened it."
    assert wording.remedy(finding) == "Look at what they saved, then send yours again."


def test_a_finding_about_no_field_says_so() -> None:
    """A person without a first name and a last name is no matter of one field."""
    finding = errors.FIELD_INVALID.broken(problem="it needs at least 1 items", where="the schema")
    assert wording.said(finding) == "It needs at least one. Correct the form."
    day = "a day lies between 1900-01-01 and 2199-12-31"
    finding = errors.FIELD_INVALID.broken(at="begin_on", problem=day, where="the schema")
    assert wording.wrong(finding) == "A day lies between Jan 1, 1900 and Dec 31, 2199."
