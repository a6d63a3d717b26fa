"""Texts that look like a Social Security number, and texts that do not."""

import pytest

from contracts import examples
from contracts.attachments import AttachmentAdded
from contracts.social_security import looks_like_one, numbers_in
from contracts.students import GuardianDetails
from contracts.types import Digits


@pytest.mark.parametrize(
    "text",
    [
        "123456789",
        "123-45-6789",
        "123 45 6789",
        "123.45.6789",
        "123 - 45 - 6789",
        "123-45 6789",
        "1-23456-789",
        "SSN: 123456789",
        "his number is 123-45-6789, says the father",
        "SSN 123\u201345\u20136789",
        "123\u201145\u20116789",
        "123\u221245\u22126789",
        "123\u00a045\u00a06789",
        "１２３４５６７８９",
        "１２３－４５－６７８９",
        "first line\n123-45-6789\nlast line",
        "000-00-0000",
    ],
)
def test_a_number_in_any_spelling(text: str) -> None:
    """SER recognizes a Social Security number with any dashes, blanks, dots or digits."""
    assert looks_like_one(text)


@pytest.mark.parametrize(
    "text",
    [
        "1201 North Third Street, Baton Rouge, LA 70802-5243",
        "Baton Rouge, LA 70802 5243",
        "70802-5243",
        "225-555-0100",
        "+1 (225) 555-0100 ext. 12",
        "State ID 1234567890",
        "between 2017-08-10 and 2018-05-20",
        "12345678",
        "Unit 123-4, 567 8th Street",
        "sessions of 30 minutes, 5 days a week, 36 weeks, 2 years",
    ],
)
def test_other_numbers_are_left_in_peace(text: str) -> None:
    """Postal codes, telephone numbers, State IDs and dates are no Social Security numbers."""
    assert not looks_like_one(text)


@pytest.mark.parametrize("text", ["612345678", "612 34 56 78", "+41 44 123 45 67", "(91) 234-5678"])
def test_a_phone_is_a_phone(text: str) -> None:
    """A telephone number from abroad may have nine digits."""
    assert not looks_like_one(text, Digits.PHONE)


def test_a_phone_grouped_like_an_ssn() -> None:
    """In a telephone field, too, groups of three, two and four digits are a Social Security number."""
    assert looks_like_one("123-45-6789", Digits.PHONE)


@pytest.mark.parametrize("text", ["123456789", "12345-6789", "1-2-3-4-5-6-7-8-9", "SSN123456789"])
def test_an_id_of_nine_digits(text: str) -> None:
    """SER refuses a local number of nine digits, with any dashes."""
    assert looks_like_one(text, Digits.ID)


@pytest.mark.parametrize("text", ["12345678", "1234567890", "T-4471", "036-00123", "E123456789"])
def test_an_id_of_another_shape(text: str) -> None:
    """SER accepts any other local number."""
    assert not looks_like_one(text, Digits.ID)


def test_the_finding_names_the_field() -> None:
    """The finding has the path of the field and never repeats the number."""
    details = GuardianDetails(first_name="Mara", last_name="Student", address="SSN: 123456789")
    (finding,) = numbers_in(details, "guardian.")
    assert (finding.code, finding.field) == ("REC-005", "guardian.address")
    assert "123456789" not in finding.model_dump_json()


def test_a_hash_is_a_hash() -> None:
    """A hash may have nine digits in a row. It is no number of a person."""
    sha256 = "a" * 27 + "123456789" + "b" * 28
    assert looks_like_one(sha256)
    assert not looks_like_one(sha256, Digits.HASH)
    attachment = AttachmentAdded.model_validate(examples.example("AttachmentAdded.v1") | {"sha256": sha256})
    assert not list(numbers_in(attachment))
