"""A message's fields as a form shows them.

They come from the message's model, so a form never differs from it. The id of an input is the
field's dotted path in the command, so a finding finds its input by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from console.words import choice_label, hint_of, label_of
from contracts.codes import Code, CodeList

_LONG = 1000
_OF_ONE_ROW = frozenset({"Exceptionality.primary"})
"""The columns that are true of exactly one row."""


class Kind(StrEnum):
    """How a field is shown and read.

    `NUMBERS`: any number of numbers. `SEVERAL`: any number of a few values, each a box to tick. `ONE_ROW`: a
    column of a list of rows that is true of exactly one row, a radio button in each.
    """

    TEXT = "text"
    LONG = "long"
    DAY = "day"
    NUMBER = "number"
    TICK = "tick"
    YES_NO = "yes or no"
    CHOICE = "choice"
    LINES = "lines"
    NUMBERS = "numbers"
    SEVERAL = "several"
    FILE = "file"
    ROWS = "rows"
    ONE_ROW = "one row"


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose, and its label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `path`: its dotted path in the command. `columns`: the fields of one row."""

    path: str
    kind: Kind
    label: str
    hint: str = ""
    required: bool = False
    longest: int | None = None
    options: tuple[Option, ...] = ()
    columns: tuple["Field", ...] = ()
    default: str = ""

    def within(self, row: str) -> "Field":
        """The same field, of the row with the path `row`."""
        return replace(self, path=f"{row}.{self.path}", columns=self.columns)

    @property
    def group(self) -> tuple[str, str]:
        """Of a radio button in a row: the name that all rows have in common, and the number of its row."""
        rows, number, column = self.path.rsplit(".", 2)
        return f"{rows}.{column}", number


@cache
def fields_of(model: type[BaseModel], without: tuple[str, ...] = (), prefix: str = "") -> tuple[Field, ...]:
    """The fields of a model, in its order; those of a model within it, too. `without`: dotted paths."""
    return tuple(_fields(model, frozenset(without), prefix))


def _fields(model: type[BaseModel], without: frozenset[str], prefix: str) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        if path in without:
            continue
        bare, notes = _bare(info.annotation, list(info.metadata))
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            yield from _fields(bare, without, f"{path}.")
        elif get_origin(bare) is not Literal:
            yield _field(model, name, path, info, bare, notes, without)


def _field(
    model: type[BaseModel],
    name: str,
    path: str,
    info: FieldInfo,
    bare: Any,
    notes: Sequence[Any],
    without: frozenset[str],
) -> Field:
    field = Field(
        path,
        Kind.ONE_ROW if f"{model.__name__}.{name}" in _OF_ONE_ROW else _kind(bare, notes, info),
        label_of(name, model.__name__),
        hint_of(model, name),
        required=info.is_required(),
        longest=_longest(notes),
        options=_options(bare, notes),
        default=_default(info),
    )
    if field.kind is Kind.ROWS:
        row, row_notes = _bare(get_args(bare)[0], [])
        if isinstance(row, type) and issubclass(row, BaseModel):
            hidden = sorted(one.removeprefix(f"{path}.") for one in without if one.startswith(f"{path}."))
            return replace(field, columns=fields_of(row, tuple(hidden)))
        if options := _options(row, row_notes):
            return replace(field, kind=Kind.SEVERAL, options=options)
        return replace(field, kind=Kind.NUMBERS if row is int else Kind.LINES)
    return field


def _bare(annotation: Any, notes: list[Any]) -> tuple[Any, list[Any]]:
    """A type without `Annotated` and `None`, and everything that was annotated."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _bare(inner, notes + more)
    if origin in (Union, UnionType):
        given = [one for one in get_args(annotation) if one is not type(None)]
        if len(given) == 1:
            bare, found = _bare(given[0], notes)
            return bare, found + (["may be blank"] if len(given) < len(get_args(annotation)) else [])
    return annotation, notes


def _kind(bare: Any, notes: Sequence[Any], info: FieldInfo) -> Kind:
    if get_origin(bare) is tuple:
        return Kind.ROWS
    if _options(bare, notes):
        return Kind.CHOICE
    if bare is bool:
        return Kind.YES_NO if info.default is None else Kind.TICK
    if bare is int:
        return Kind.NUMBER
    if bare is date:
        return Kind.DAY
    return Kind.LONG if (_longest(notes) or 0) > _LONG else Kind.TEXT


def _longest(notes: Sequence[Any]) -> int | None:
    for note in notes:
        if isinstance(note, StringConstraints | MaxLen):
            return note.max_length
        if isinstance(note, FieldInfo) and (found := _longest(note.metadata)):
            return found
    return None


def _options(bare: Any, notes: Sequence[Any]) -> tuple[Option, ...]:
    for note in notes:
        if isinstance(note, CodeList):
            return tuple(
                Option(code, f"{known.label} ({code}){_ages(known)}") for code, known in note.items()
            )
    if isinstance(bare, type) and issubclass(bare, Enum):
        return tuple(Option(one.value, choice_label(one.value)) for one in bare)
    return ()


def _ages(code: Code) -> str:
    """The ages that a code is for, if it is for some only."""
    first, last = code.more.get("from_age"), code.more.get("through_age")
    return f", ages {first} through {last}" if first and last else ""


def _default(info: FieldInfo) -> str:
    if info.default is True:
        return "yes"
    return info.default if isinstance(info.default, str) else ""


def flat(value: Any, path: str = "") -> Mapping[str, str]:
    """What a form shows of a value: texts by dotted path."""
    match value:
        case BaseModel():
            return flat(value.model_dump(mode="json"), path)
        case Mapping():
            inner = {f"{path}.{name}" if path else name: one for name, one in value.items()}
            return {key: text for name, one in inner.items() for key, text in flat(one, name).items()}
        case list() | tuple():
            if all(isinstance(one, str) for one in value):
                return {path: "\n".join(value)}
            if all(isinstance(one, int) for one in value):
                return {path: ", ".join(map(str, value))}
            rows = {f"{path}.{number}": one for number, one in enumerate(value)}
            return {key: text for name, one in rows.items() for key, text in flat(one, name).items()}
        case None:
            return {}
        case bool():
            return {path: "yes" if value else "no"}
        case _:
            return {path: str(value)}
