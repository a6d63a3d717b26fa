"""The simple types of the trade."""

from datetime import date
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import core_schema


class _AsWritten:
    """JSON writes a day as 2018-01-08. Pydantic alone also takes "1515369600", seconds since 1970."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.str_schema(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", strip_whitespace=False)
        day = core_schema.no_info_after_validator_function(date.fromisoformat, text)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.custom_error_schema(day, custom_error_type="date_type"),
            python_schema=handler(date),
            serialization=core_schema.simple_ser_schema("date"),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


Day = Annotated[date, _AsWritten]
"""A day, which JSON writes as 2018-01-08."""


class Digits(Enum):
    """A mark of a type of text: what nine digits in it may be. In any other text they are taken for a Social
    Security number if they are written like one (see `contracts.social_security`)."""

    PHONE = "a telephone number, which may have nine digits, but not as 3-2-4"
    ID = "an LEA's own number, which never has nine digits, however they are dashed"


StudentId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{10}$"),
    Field(description="State ID of the student (the Secure ID), ten digits."),
]
LeaCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Z]{3}$"),
    Field(description="School system (LEA), three characters."),
]
SchoolCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Z]{6}$"),
    Field(description="School site: the code of its LEA and three more characters."),
]
StaffId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$"),
    Digits.ID,
    Field(description="The LEA's own number for a staff member; never a Social Security number."),
]
LocalStudentId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$"),
    Digits.ID,
    Field(description="The LEA's own number for the student; never a Social Security number."),
]
Phone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80),
    Digits.PHONE,
    Field(description="Telephone number, as somebody would dial it."),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
Percent = Annotated[int, Field(ge=0, le=100)]

EvaluationId = UUID
IEPId = UUID
ServiceId = UUID
ClaimId = UUID
SpellId = UUID
GuardianId = UUID
ActivityId = UUID


def age_on(birth_on: date, day: date) -> int:
    """Completed years of age on `day`.

    Someone born on 29 February is a year older on 1 March of a common year.
    """
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))
