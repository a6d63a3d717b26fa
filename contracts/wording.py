"""Turns pydantic's errors about a field into plain sentences."""

from collections.abc import Mapping
from typing import Any

from contracts import errors
from contracts.errors import Finding

_LONGEST = 300

_RULES: Mapping[str, errors.Rule] = {
    "missing": errors.FIELD_MISSING,
    "extra_forbidden": errors.FIELD_UNKNOWN,
}

_PATTERNS: Mapping[str, str] = {
    "^[0-9]{10}$": "a State ID has ten digits, in quotation marks",
    "^[0-9A-Z]{3}$": "an LEA has three characters, such as 017",
    "^[0-9A-Z]{6}$": "a school site has six characters, the first three its LEA's, such as 017001",
    errors.CODE_FORM: "a code has three letters and three digits, such as JUR-004",
    "^[0-9A-Za-z-]{1,20}$": "an LEA's own number has 1 to 20 letters, digits and dashes",
}

_DAY = "write the day as 2018-01-08"
_UUID = "write the id as a UUID, such as 412d4b78-7219-5931-bf01-766a957cad29"
_NUMBER = "a whole number is expected, without quotation marks and without a decimal point"
_YES_OR_NO = "true or false is expected, without quotation marks"
_LIST = "a list is expected, in square brackets"
_OBJECT = "fields in braces are expected"

_TYPES: Mapping[str, str] = {
    "string_type": "a text is expected, in quotation marks",
    "string_too_short": "it needs at least {min_length} characters",
    "string_too_long": "it may have at most {max_length} characters",
    "date_type": _DAY,
    "day_out_of_bounds": "a day lies between 1900-01-01 and 2199-12-31",
    "no_name": "a person has a first name or a last name",
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_from_float": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "greater_than_equal": "the smallest value is {ge}",
    "less_than_equal": "the largest value is {le}",
    "tuple_type": _LIST,
    "list_type": _LIST,
    "frozen_set_type": _LIST,
    "too_short": "it needs at least {min_length} items",
    "too_long": "it may have at most {max_length} items",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "literal_error": "use {expected}",
    "enum": "use {expected}",
    "union_tag_invalid": "`{discriminator}` is one of {expected_tags}",
    "union_tag_not_found": "the field {discriminator} must say which it is",
}
"""Sentences by the type of pydantic's error. Braces hold the field's limits, never the sender's value."""


def malformed(problem: Mapping[str, Any], at: str, where: str) -> Finding:
    """The broken rule of one problem with a field. `where`: what describes the field."""
    rule = _RULES.get(problem["type"], errors.FIELD_INVALID)
    return rule.broken(at=at, problem=_short(_words(problem)), where=where)


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …"


def _words(problem: Mapping[str, Any]) -> str:
    known: Mapping[str, Any] = problem.get("ctx", {})
    if problem["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(known["pattern"], f"it has the form {known['pattern']}")
    words = _TYPES.get(problem["type"])
    return words.format_map(known) if words else f"{problem['msg'][:1].lower()}{problem['msg'][1:]}"
