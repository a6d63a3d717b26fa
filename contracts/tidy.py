"""Reads messages whose texts are tidy already, several times as fast as their models do.

The types of texts, ids and days call a function of Python for each value: it removes blanks and invisible
characters (`contracts.text`). Nearly every body is tidy, and the functions return it as it is. So each model
has a second schema without them. It accepts a tidy text by a regular expression, in the validator's own code.
It accepts less than the model and reads the same. A body that it does not accept is read by the model.

A text that the second schema accepts holds no nine digits with only separators between them, except in a
postal code. So it holds no Social Security number either (`contracts.social_security`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

Model = TypeVar("Model", bound=BaseModel)

_BREAK = "[!-,:-^`-~\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u2018\u2019\u201c\u201d]"
"""A character that does not stand between two digits of a Social Security number."""
_POSTAL_CODE = "[0-9]{5}-[0-9]{4}"


def _text(separator: str, other: str, *longer: str) -> str:
    """The pattern of texts whose runs of digits, with separators between them, have at most eight digits.

    `longer`: the patterns of other runs that such a text may have.
    """
    short = f"(?:[0-9]{separator}*){{0,8}}"
    run = f"{separator}*(?:{'|'.join((short, *(f'{one}{separator}*' for one in longer)))})"
    return f"^{run}(?:{other}{run})*$"


LINE = _text("[-_./ ]", _BREAK, _POSTAL_CODE)
"""A text of one line."""
LINES = _text("[-_./ \t\n]", _BREAK, _POSTAL_CODE)
"""A text of several lines."""
NUMBER = _text("-", "[A-Za-z]")
"""An LEA's own number for a person."""
PHONE = r"^(?:\+?1[-. ]?)?(?:\([0-9]{3}\) ?|[0-9]{3}[-. ]?)[0-9]{3}[-. ]?[0-9]{4}$"
"""A telephone number of ten digits."""

_TIDY = "tidy"


@dataclass(frozen=True, slots=True)
class Tidied:
    """An annotation: `function` makes a value tidy before it is read.

    `pattern`: a text of the type that fits it is tidy. None: any value that the type accepts is.
    """

    function: Callable[[Any], object]
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            self.function, handler(source), metadata=instead(self._tidy)
        )

    def _tidy(self, schema: dict[str, Any]) -> Mapping[str, Any]:
        if self.pattern is None:
            return schema
        if "pattern" in schema:
            return core_schema.chain_schema(
                [cast(CoreSchema, schema), core_schema.str_schema(pattern=self.pattern)]
            )
        return {**schema, "pattern": self.pattern}


def instead(tidy: Callable[[dict[str, Any]], Mapping[str, Any]]) -> dict[str, Any]:
    """The metadata of a schema with a function of Python. `tidy` makes the schema of tidy values from the
    schema within it."""
    return {_TIDY: tidy}


def read_tidy(model: type[Model], body: str | bytes, **how: Any) -> Model | None:
    """The body as its model. None: it is not tidy, or it is wrong; its model tells which.

    `how`: arguments of `model_validate_json`.
    """
    validator = _validator(model)
    if validator is None:
        return None
    try:
        return cast(Model, validator.validate_json(body, **how))
    except ValidationError:
        return None


def read(model: type[Model], body: str | bytes) -> Model:
    """The body as its model. ValidationError: it does not fit."""
    return read_tidy(model, body) or model.model_validate_json(body)


def make(model: type[Model], values: Mapping[str, Any]) -> Model:
    """The model with these values. ValidationError: they do not fit."""
    validator = _validator(model)
    if validator is not None:
        try:
            return cast(Model, validator.validate_python(values))
        except ValidationError:
            pass
    return model(**values)


@cache
def _validator(model: type[BaseModel]) -> SchemaValidator | None:
    """Reads tidy bodies; None for a model without functions of Python to spare."""
    tidying = _Tidying()
    tidy = tidying.of(model.__pydantic_core_schema__)
    return SchemaValidator(tidy, _use_prebuilt=False) if tidying.spared else None


class _Tidying:
    """Makes the schema of tidy values. `spared`: how many functions of Python it leaves out."""

    def __init__(self) -> None:
        self.spared = 0

    def of(self, part: Any) -> Any:
        if isinstance(part, list | tuple):
            return type(part)(map(self.of, part))
        if not isinstance(part, dict):
            return part
        metadata = part.get("metadata")
        if isinstance(metadata, dict) and _TIDY in metadata:
            self.spared += 1
            return self.of(metadata[_TIDY](part["schema"]))
        if part.get("type") == "str" and "pattern" not in part:
            return {**part, "pattern": LINES}
        return {name: self.of(content) for name, content in part.items()}
