"""A message is read faster if its texts are tidy, and it is the same message."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.catalog import CATALOG, Entry, Kind
from contracts.examples import example
from contracts.forms import GeneralInformation
from contracts.identity import Alias
from contracts.message import Value
from contracts.social_security import numbers_in
from contracts.students import GuardianDetails
from contracts.tidy import _validator, make, read_tidy

FIELDS: dict[str, tuple[type[Value], dict[str, Any]]] = {
    "address": (GuardianDetails, {"first_name": "Mara"}),
    "phone": (GuardianDetails, {"first_name": "Mara"}),
    "last_name": (GuardianDetails, {}),
    "strengths": (GeneralInformation, {"form": "GSI"}),
    "local_student_id": (Alias, {"lea": "017"}),
}
"""A field of each type of text, with its model and the other fields of the model."""

TEXTS = st.one_of(
    st.text(max_size=30),
    st.text("0123456789-. /\n\t_aS(+\u00a0\u2013\u2019\u00e9\uff11", max_size=30),
    st.from_regex(r"x?[0-9]{5}[- .][0-9]{4}[- .x0-9]{0,3}", fullmatch=True),
    st.from_regex(r"\(?[0-9]{2,4}\)?[-. ]?[0-9]{2,4}[-. ]?[0-9]{3,5}", fullmatch=True),
)


def model_reads(model: type[Value], body: str) -> Value | None:
    """What the model makes of a body; None if it does not fit."""
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError:
        return None


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_every_example_is_tidy(entry: Entry) -> None:
    """The second schema reads the example of every message that has texts to tidy, as the model reads it."""
    body = json.dumps(example(entry.schema_id))
    if _validator(entry.model) is not None:
        assert read_tidy(entry.model, body, strict=True) == model_reads(entry.model, body)
    else:
        assert entry.kind not in (Kind.COMMAND, Kind.EVENT)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_no_function_tidies_what_is_tidy(entry: Entry) -> None:
    """The second schema calls no function of Python before it reads a value."""
    assert "FunctionBefore" not in repr(_validator(entry.model))


@given(st.sampled_from(list(FIELDS)), TEXTS)
def test_a_text_is_read_as_the_model_reads_it(field: str, text: str) -> None:
    """A text that the second schema accepts is what the model makes of it, and no Social Security number."""
    model, rest = FIELDS[field]
    body = json.dumps(rest | {field: text})
    read = read_tidy(model, body, strict=True)
    assert read is None or read == model_reads(model, body)
    assert read is None or not list(numbers_in(read))


@given(st.one_of(st.text(max_size=12), st.dates().map(str), st.integers(0, 10**10).map(str)))
def test_a_day_is_read_as_the_model_reads_it(day: str) -> None:
    """A day that the second schema accepts is a day, within the bounds."""
    model = next(entry.model for entry in CATALOG if entry.name == "MakeIEPOfficial")
    body = json.dumps(example("MakeIEPOfficial.v1") | {"signed_on": day})
    read = read_tidy(model, body, strict=True)
    assert read is None or read == model_reads(model, body)


def test_what_is_not_tidy_is_made_by_the_model() -> None:
    """A value is made tidy when a record is made with it."""
    assert make(Alias, {"lea": "017", "local_student_id": " A-1 "}) == Alias(
        lea="017", local_student_id="A-1"
    )
    with pytest.raises(ValidationError, match="local_student_id"):
        make(Alias, {"lea": "017", "local_student_id": "?"})
