"""From the JSON of a body to its model, or to everything that is wrong with it.

The HTTP door, the Kafka decoder and `ser send` all read bodies here, so their verdicts agree. JSON values are
not converted: `"2"` is no number, `1` is not true. A field given twice is refused, at any depth.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import jiter
from pydantic import BaseModel, ValidationError

from contracts import errors
from contracts.catalog import Entry
from contracts.errors import Finding
from contracts.message import Command
from contracts.social_security import numbers_in
from contracts.tidy import read_tidy
from contracts.wording import malformed

Model = TypeVar("Model", bound=BaseModel)

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_TWICE = re.compile(r'Detected duplicate key "(.*)" at (line \d+ column \d+)', re.DOTALL)
_LONGEST_PLACE = 200


def read_command(commands: Mapping[str, Entry], name: str, body: bytes) -> Command | tuple[Finding, ...]:
    """The command, or all findings about its form."""
    entry = commands.get(name)
    if entry is None:
        return (errors.COMMAND_UNKNOWN.broken(known=", ".join(sorted(commands))),)
    body = body.removeprefix(BOM_UTF8)
    if (finding := not_json(body)) is not None:
        return (finding,)
    if (tidy := read_tidy(entry.model, body, strict=True, extra="forbid")) is not None:
        return cast("Command", tidy)  # the entry is a command's
    read = _read_json(entry.model, body, f"contracts/schemas/{entry.schema_id}.json")
    if isinstance(read, tuple):
        return read
    return errors.listed(tuple(numbers_in(read))) or cast("Command", read)


def read_body(model: type[Model], body: bytes, described: str) -> Model | tuple[Finding, ...]:
    """The body as its model, or all findings about it.

    `described`: where the fields are explained.
    """
    body = body.removeprefix(BOM_UTF8)
    return (finding,) if (finding := not_json(body)) is not None else _read_json(model, body, described)


def _read_json(model: type[Model], body: bytes, described: str) -> Model | tuple[Finding, ...]:
    if has_nul(body):
        return (errors.NUL_CHARACTER.broken(),)
    try:
        return model.model_validate_json(body, strict=True, extra="forbid")
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False, include_input=False)[: errors.MOST_FINDINGS + 1]
        return errors.listed([_finding(problem, described) for problem in problems])


def not_json(body: bytes) -> Finding | None:
    """Why a body is not JSON in UTF-8 whose objects have each field once. None: it is."""
    try:
        jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as failure:
        return _why_not_json(body, str(failure))
    return None


def has_nul(body: bytes) -> bool:
    r"""Whether a string of the body holds a NUL, which PostgreSQL cannot keep; `\\u0000` is no NUL."""
    # Most bodies hold no backslash at all, and looking for one byte is ten times as fast as looking for six.
    return b"\\" in body and rb"\u0000" in body and _NUL.search(body) is not None


def _why_not_json(body: bytes, failure: str) -> Finding:
    if twice := _TWICE.fullmatch(failure):
        return errors.FIELD_TWICE.broken(at=twice[1][:_LONGEST_PLACE], place=twice[2])
    if _is_utf_16(body):
        return errors.NOT_UTF8.broken(encoding="UTF-16")
    try:
        body.decode()
    except UnicodeDecodeError:
        return errors.NOT_UTF8.broken(encoding="another encoding")
    return errors.NOT_JSON.broken(problem=failure)


def _is_utf_16(body: bytes) -> bool:
    """Whether the body begins as UTF-16 does, or as UTF-32."""
    return body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or (0 in body[:2] and len(body) % 2 == 0)


def _finding(problem: Any, described: str) -> Finding:
    if not problem["loc"]:
        return errors.NOT_JSON.broken(problem="fields in braces are expected")
    where = ".".join(str(step) for step in problem["loc"])[:_LONGEST_PLACE]
    return malformed(problem, where, described)
