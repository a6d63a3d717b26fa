"""An IEP on paper says what the team filled in, in words."""

import re
from random import Random

import pytest

from console.forms import blank_form
from console.pages.iep_forms import EDITORS
from console.pages.printed_iep import said
from console.paper import lines_of
from contracts.forms import (
    Accommodations,
    Form,
    GeneralInformation,
    InstructionalPlan,
    Placement,
    PlannedService,
    ProgramServices,
    Signatures,
)
from tests.unit.ieps.realistic import realistic_forms
from tests.unit.ieps.scenario import BEGINS, MET

EVERY = realistic_forms(Random(1), MET, BEGINS)


@pytest.mark.parametrize("form", EVERY, ids=lambda form: form.form)
def test_days_and_codes_are_in_words(form: Form) -> None:
    """Paper shows a day as Nov 20, 2026 and no value as programs write it."""
    words = [
        word
        for line in said(form, {})
        for word in (line.words, *line.items, *(cell for row in line.rows for cell in row))
    ]
    assert words
    assert not [word for word in words if re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word)]
    assert not {"yes", "no"} & set(words)


@pytest.mark.parametrize(
    "form", [GeneralInformation(), InstructionalPlan(area="Reading"), Accommodations(), Signatures()]
)
def test_a_blank_form_says_nothing(form: Form) -> None:
    """Neither a default nor the area of a plan makes a form that is worth a page."""
    assert said(form, {}) == ()


def test_services_are_a_table_without_empty_columns() -> None:
    """A row for each service; nobody planned a last day, so there is no column for it."""
    planned = [
        PlannedService(service_code=code, begin_on=BEGINS, sessions=2, minutes_per_session=30)
        for code in ("OTH", "SPE")
    ]
    (table,) = said(ProgramServices(services=tuple(planned)), {})
    assert len(table.rows) == 2
    assert "Last day" not in " ".join(table.heads)
    assert all(len(row) == len(table.heads) and all(row) for row in table.rows)


def test_a_code_is_shown_with_its_label() -> None:
    """The environment is in words, with its code."""
    (line,) = said(Placement(environment="RC80"), {})
    assert line.words.endswith("(RC80)")
    assert line.words != "(RC80)"


def test_a_draft_shows_its_days_as_people_write_them() -> None:
    """The editor of a form shows a saved day as Nov 20, 2026, too."""
    filled = blank_form(EDITORS["SIG"], {"forms": {"0": Signatures(parent_signed_on=MET)}})
    assert [line.words for line in lines_of(filled)] == [f"{MET:%b} {MET.day}, {MET.year}"]
