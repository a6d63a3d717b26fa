"""How every message reads texts, codes, ids and days."""

import unicodedata
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from contracts import text
from contracts.catalog import CATALOG, Kind
from contracts.forms import GeneralInformation, InstructionalPlan
from contracts.identity import Alias, Person
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Value
from contracts.provision import ServiceTerms
from contracts.students import GuardianDetails, Profile
from contracts.types import Day, LongText, Name, OrBlank, ServiceId, ShortText, StudentId

INVISIBLE = "\u200b"
BLANKS = ["", "   ", "\t\n", INVISIBLE, f" {INVISIBLE}\u2060 ", "\u00a0"]


def read(kind: Any, value: str) -> object:
    """The value that a type reads from a text."""
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize("kind", [Name, ShortText, LongText])
@pytest.mark.parametrize("nothing", BLANKS)
def test_a_required_text_of_nothing_is_refused(kind: Any, nothing: str) -> None:
    """A required text of blanks and invisible characters is refused."""
    with pytest.raises(ValidationError):
        read(kind, nothing)


@pytest.mark.parametrize("nothing", BLANKS)
def test_an_optional_text_of_nothing_is_no_value(nothing: str) -> None:
    """An optional text of blanks counts as left out."""
    named = {"first_name": "Mara", "last_name": "Student"}
    details = GuardianDetails(**named, title=nothing, suffix=nothing, phone=nothing, address=nothing)
    assert details == GuardianDetails(first_name="Mara", last_name="Student")
    assert Profile.model_validate({"grade": nothing, "home_language": nothing}) == Profile()
    form = GeneralInformation.model_validate({"strengths": nothing, "parent_concerns": nothing})
    assert form == GeneralInformation()


def models() -> Iterator[type[Value]]:
    """Every command, every event of eScholar, and all their parts."""
    waiting = [entry.model for entry in CATALOG if entry.kind is Kind.COMMAND or entry.owner == "escholar"]
    found: dict[type[Value], None] = {}
    while waiting:
        model = waiting.pop()
        if model not in found:
            found[model] = None
            waiting.extend(part for field in model.model_fields.values() for part in parts(field.annotation))
    yield from found


def parts(annotation: Any) -> Iterator[type[Value]]:
    """The models in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for inner in get_args(annotation):
        yield from parts(inner)


def written_as_text(field: FieldInfo) -> bool:
    """Whether JSON writes the field's value as a text."""
    annotation: Any = field.annotation
    schema = TypeAdapter(annotation).json_schema()
    return any(
        choice.get("type") == "string" or "enum" in choice or "$ref" in choice
        for choice in schema.get("anyOf", [schema])
        if "const" not in choice and "discriminator" not in choice
    )


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model.__name__)
def test_whatever_may_be_left_out_may_be_blank(model: type[BaseModel]) -> None:
    """Every optional text, code, id or day may be blank, and then has no value."""
    blank = OrBlank.__metadata__[0]
    forgotten = [
        name
        for name, field in model.model_fields.items()
        if not field.is_required() and written_as_text(field) and blank not in field.metadata
    ]
    assert not [name for name in forgotten if name != "form"]


def test_invisible_characters_are_removed() -> None:
    """SER removes zero-width characters, controls and soft hyphens from names."""
    assert read(Name, "Ma\u200bra\u00ad\u0007 \ufeff") == "Mara"
    assert read(Name, "Mary\tAnn\nLee") == "Mary Ann Lee"
    assert read(Name, "Ma\u2019Kayla\u200b") == "Ma\u2019Kayla"


def test_long_texts_keep_their_lines() -> None:
    """A long text keeps its lines and tabs, and loses other controls."""
    assert read(LongText, "one\r\ntwo\n\tthree\u0008\u200b\n") == "one\ntwo\n\tthree"


def test_letters_are_composed() -> None:
    """An accent that is sent apart from its letter becomes one letter with it (NFC)."""
    assert read(Name, "Rene\u0301e") == "Ren\u00e9e"


def test_what_is_invisible_is_what_unicode_says() -> None:
    """SER removes all control and format characters of Unicode, and no others."""
    for code in range(0x13439):  # beyond, a newer Unicode has more of them than this Python
        character = chr(code)
        removed = text.lines(f"a{character}b") == "ab"
        becomes_a_line = text.lines(f"a{character}b") == "a\nb"
        invisible = unicodedata.category(character) in ("Cc", "Cf") and character != "\t"
        assert removed == (invisible and not becomes_a_line), hex(code)


def test_blanks_around_codes_ids_and_days() -> None:
    """SER ignores blanks around codes, ids and days, as a spreadsheet may add them."""
    around = "\u00a0{} \u200b"
    service = "412d4b78-7219-5931-bf01-766a957cad29"
    assert read(StudentId, around.format("1000000001")) == "1000000001"
    assert str(read(ServiceId, around.format(service))) == service
    assert Profile.model_validate({"grade": around.format("03")}).grade == "03"
    terms = {"service_code": " SPI ", "begin_on": "2018-01-08", "sessions": 1, "frequency": " week "}
    assert ServiceTerms.model_validate_json(_json(terms | {"minutes_per_session": 30}), strict=True)
    claim = {"student_id": " 1000000001 ", "begin_on": " 2018-01-08 ", "school": " 017001 "}
    read_claim = ClaimJurisdiction.model_validate_json(_json(claim), strict=True)
    assert (read_claim.begin_on.isoformat(), read_claim.school) == ("2018-01-08", "017001")
    assert Alias(lea=" 017 ", local_student_id=" A-1 ") == Alias(lea="017", local_student_id="A-1")
    assert InstructionalPlan(area=" reading ").area == "reading"


def _json(body: dict[str, Any]) -> str:
    return TypeAdapter(dict[str, Any]).dump_json(body).decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9984-05-01", "9999-12-31"])
def test_days_have_bounds(day: str) -> None:
    """SER refuses a day outside 1900 to 2199 in every message."""
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_json(f'"{day}"', strict=True)


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
def test_the_bounds_are_days(day: str) -> None:
    """The first and the last allowed day are accepted."""
    assert TypeAdapter(Day).validate_json(f'"{day}"', strict=True).isoformat() == day


@pytest.mark.parametrize("names", [{"first_name": "Sukarno"}, {"last_name": "Sukarno", "first_name": " "}])
def test_one_name_is_enough(names: dict[str, str]) -> None:
    """Some people have one name, and eScholar sends the other field blank."""
    person = Person.model_validate(names | {"birth_on": "2008-03-05", "sex": "F"})
    assert [person.first_name, person.last_name].count(None) == 1
    assert GuardianDetails.model_validate(names)


def test_nobody_is_without_a_name() -> None:
    """A person without any name is refused."""
    with pytest.raises(ValidationError, match="a first name or a last name"):
        Person.model_validate({"first_name": " ", "birth_on": "2008-03-05"})


def test_a_sex_is_kept_as_sent() -> None:
    """SER keeps any sex that eScholar sends, and a missing one."""
    named = {"first_name": "Testa", "birth_on": "2008-03-05"}
    assert Person.model_validate(named | {"sex": " X "}).sex == "X"
    assert Person.model_validate(named | {"sex": ""}).sex is None


def test_a_text_of_combining_marks_does_not_stop_a_service() -> None:
    """Of a run of combining marks a text keeps 30. Sorting a longer run takes quadratic time."""
    marks = "\u0300\u0316" * 200_000
    kept = text.lines(f"e{marks}")
    assert isinstance(kept, str)
    assert unicodedata.is_normalized("NFC", kept)
    assert len(unicodedata.normalize("NFD", kept)) == 31
    short = f"\u05e9{marks[:30]}\u05d0"
    assert text.one_line(short) == unicodedata.normalize("NFC", short)
