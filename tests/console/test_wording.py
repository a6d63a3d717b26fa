"""Findings as people read them."""

from datetime import date

import pytest
from markupsafe import Markup
from pydantic import JsonValue

from console import rules, wording
from console.words import COMMANDS, SERVICES
from contracts import catalog, errors
from contracts.errors import Rule, Severity


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
