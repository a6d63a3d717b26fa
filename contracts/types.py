"""The simple types of the trade. A text loses the blanks around it and its invisible characters."""

from datetime import date
from enum import Enum, StrEnum
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import PydanticCustomError, PydanticUseDefault, core_schema

from contracts import text
from contracts.tidy import LINE, LINES, NUMBER, PHONE, Tidied, instead

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Any day of a message lies between these, both included. No sum of a day and some years can overflow."""


class _AsWritten:
    """JSON writes a day as 2018-01-08. Pydantic alone also takes "1515369600", seconds since 1970."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        written = core_schema.str_schema(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        tidy = core_schema.no_info_before_validator_function(text.one_line, written)
        day = core_schema.no_info_after_validator_function(date.fromisoformat, tidy)
        either = core_schema.json_or_python_schema(
            json_schema=core_schema.custom_error_schema(day, custom_error_type="date_type"),
            python_schema=handler(date),
        )
        return core_schema.no_info_after_validator_function(
            _within,
            either,
            serialization=core_schema.simple_ser_schema("date"),
            metadata=instead(lambda _: _TIDY_DAY),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


def _within(day: date) -> date:
    if FIRST_DAY <= day <= LAST_DAY:
        return day
    raise PydanticCustomError("day_out_of_bounds", "a day lies within two centuries")


_TIDY_DAY = core_schema.json_or_python_schema(
    json_schema=core_schema.no_info_after_validator_function(
        date.fromisoformat, core_schema.str_schema(pattern="^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$")
    ),
    python_schema=core_schema.date_schema(strict=True, ge=FIRST_DAY, le=LAST_DAY),
)

Day = Annotated[date, _AsWritten]
"""A day, which JSON writes as 2018-01-08."""

Given = TypeVar("Given")


def _default_if_blank(value: object) -> object:
    if text.is_blank(value):
        raise PydanticUseDefault
    return value


OrBlank = Annotated[Given, Tidied(_default_if_blank)]
"""Of a field that may be left out: a blank text is as if the field were left out."""


class Choice(StrEnum):
    """One of a few values."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        tidy = text.one_line(value)
        return next((choice for choice in cls if choice.value == tidy), None)


class Digits(Enum):
    """A mark of a type of text: what nine digits in it may be. In any other text they are taken for a Social
    Security number if they are written like one (see `contracts.social_security`)."""

    PHONE = "a telephone number, which may have nine digits, but not as 3-2-4"
    ID = "an LEA's own number, which never has nine digits, however they are dashed"
    HASH = "a hash, in which any digits may follow each other"


_CODE = Tidied(text.one_line)
_LINE, _LINES = Tidied(text.one_line, LINE), Tidied(text.lines, LINES)
_NUMBER, _PHONE = Tidied(text.one_line, NUMBER), Tidied(text.one_line, PHONE)

StudentId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{10}$"),
    _CODE,
    Field(description="State ID of the student (the Secure ID), ten digits."),
]
LeaCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Z]{3}$"),
    _CODE,
    Field(description="School system (LEA), three characters."),
]
SchoolCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Z]{6}$"),
    _CODE,
    Field(description="School site: the code of its LEA and three more characters."),
]
Year = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20|21)[0-9]{2}$"),
    _CODE,
    Field(description="Calendar year, four digits."),
]
ClockTime = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    _CODE,
    Field(description="A time of day in Louisiana, hours and minutes: 09:30."),
]
StaffId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$"),
    _NUMBER,
    Digits.ID,
    Field(description="The LEA's own number for a staff member; never a Social Security number."),
]
LocalStudentId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$"),
    _NUMBER,
    Digits.ID,
    Field(description="The LEA's own number for the student; never a Social Security number."),
]
Phone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80),
    _PHONE,
    Digits.PHONE,
    Field(description="Telephone number, as somebody would dial it."),
]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    _CODE,
    Digits.HASH,
    Field(description="SHA-256 of the bytes, 64 hexadecimal digits in lower case."),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80), _LINE]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), _LINE]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=8000), _LINES]
Percent = Annotated[int, Field(ge=0, le=100)]

_Uuid = Annotated[UUID, _CODE]
EvaluationId = _Uuid
IEPId = _Uuid
ServiceId = _Uuid
ReassignmentId = _Uuid
SessionId = _Uuid
ClaimId = _Uuid
SpellId = _Uuid
GuardianId = _Uuid
AttachmentId = _Uuid
ActivityId = _Uuid
ConsentId = _Uuid


def age_on(birth_on: date, day: date) -> int:
    """Completed years of age on `day`.

    Someone born on 29 February is a year older on 1 March of a common year.
    """
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))
