"""Each event as a sentence."""

import re
from typing import Any

import pytest

from contracts import examples
from contracts.catalog import Entry, events
from contracts.evaluations import EvaluationDate
from contracts.message import OfStudent
from services.reporting.domain.sentences import LARGE, SENTENCES

ABOUT_STUDENTS = [entry for entry in events().values() if issubclass(entry.model, OfStudent)]


def the_example(entry: Entry) -> dict[str, Any]:
    """The example of an event."""
    example = examples.example(entry.schema_id)
    assert isinstance(example, dict)
    return example


def test_every_event_about_a_student_has_a_sentence() -> None:
    """No event is missing, and no sentence is left over."""
    assert {entry.name for entry in ABOUT_STUDENTS} == SENTENCES.keys()


@pytest.mark.parametrize("entry", ABOUT_STUDENTS, ids=lambda entry: entry.name)
def test_a_sentence(entry: Entry) -> None:
    """Each event is one or more plain sentences, without a blank that nobody filled in."""
    model: Any = entry.model
    body = {} if model.kind in LARGE else the_example(entry)
    said = SENTENCES[entry.name](body)
    assert re.fullmatch(r"[A-Za-z][^{}]+\.", said), said
    assert "None" not in said


@pytest.mark.parametrize("entry", ABOUT_STUDENTS, ids=lambda entry: entry.name)
def test_no_person_is_named(entry: Entry) -> None:
    """A sentence holds no name and no birth date."""
    example = the_example(entry)
    persons = [example[field] for field in ("person", "guardian") if field in example]
    private = {
        str(person[name]) for person in persons for name in person if "name" in name or "birth" in name
    }
    said = SENTENCES[entry.name](example)
    assert not [word for word in private - {"None", "[]", "()"} if word and word in said]


@pytest.mark.parametrize("field", EvaluationDate)
def test_a_corrected_date_is_named_in_words(field: EvaluationDate) -> None:
    """The sentence names each date that an LEA can correct, and not its field."""
    body = the_example(events()["EvaluationCorrected"])
    said = SENTENCES["EvaluationCorrected"](
        body | {"correction": body["correction"] | {"field": field.value}}
    )
    assert "the day" in said
    assert field.value not in said


TYPED = ("explanation", "declined_because", "delay_explanation", "coordinator_id", "requested_by")


@pytest.mark.parametrize("entry", ABOUT_STUDENTS, ids=lambda entry: entry.name)
def test_no_typed_text_is_repeated(entry: Entry) -> None:
    """A text that a person typed may name somebody, so no sentence has it."""
    example = the_example(entry)
    typed = [example[field] for field in TYPED if example.get(field)]
    if "deletion" in entry.name.casefold():
        typed.append(example["reason"])
    said = SENTENCES[entry.name](example)
    assert not [words for words in typed if words in said]
