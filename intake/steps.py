"""One command of a row: which columns fill which of its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from contracts.catalog import Entry, commands
from contracts.message import Value
from intake.columns import Column, Kind, Path, columns_of

Cells = Mapping[str, Any]
"""The values of a row by column, as JSON has them. A blank cell is None."""

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Filling:
    """Which columns of a row fill which fields of a model.

    `renamed`: columns that have another name than their field. `fixed`: fields that no column fills.
    """

    renamed: Mapping[str, str] = field(default_factory=lambda: _NONE)
    fixed: Mapping[str, Any] = field(default_factory=lambda: _NONE)

    @property
    def model(self) -> type[Value]:
        """The model whose fields are filled."""
        raise NotImplementedError

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The columns by name, in the order of the model's fields."""
        found = (
            (self.renamed.get(column.name, column.name), column)
            for column in columns_of(self.model).values()
            if column.name not in self.fixed
        )
        return dict(found)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The columns that name a record, by its UUID or by the LEA's own key."""
        return tuple(name for name, column in self.columns.items() if column.kind is Kind.ID)

    @cached_property
    def needed(self) -> frozenset[str]:
        """The columns that must be filled."""
        return frozenset(name for name, column in self.columns.items() if column.required)

    def body(self, cells: Cells) -> dict[str, Any]:
        """The body that the row's values make. A blank cell leaves its field out."""
        body: dict[str, Any] = dict(self.fixed)
        for name, column in self.columns.items():
            if (value := cells.get(name)) is not None:
                _put(body, column.path, value)
        if "forms" in body:
            body["forms"] = [{"form": code, **fields} for code, fields in body["forms"].items()]
        return body

    def column_at(self, place: str) -> str:
        """The column that fills the field at a place of the body (`terms.begin_on`, `forms.0.LRE.reason`)."""
        steps = tuple(step for step in place.split(".") if not step.isdigit())
        found = (name for name, column in self.columns.items() if column.path == steps)
        return next(found, steps[-1] if steps else "")


@dataclass(frozen=True)
class Step(Filling):
    """One command of a row. `when`: the columns that must be filled; `unless`: one that must be blank."""

    command: str = ""
    when: tuple[str, ...] = ()
    unless: str = ""

    @cached_property
    def entry(self) -> Entry:
        """The command in the catalog."""
        return commands()[self.command]

    @property
    def model(self) -> type[Value]:
        return self.entry.model

    @property
    def always(self) -> bool:
        """Whether every row has the command."""
        return not self.when and not self.unless

    def taken(self, cells: Cells) -> bool:
        """Whether a row has the command."""
        return all(cells.get(name) for name in self.when) and not (self.unless and cells.get(self.unless))


@dataclass(frozen=True)
class Piece(Filling):
    """A part of another row's command, in a file of its own: one of a list of records.

    `of`: the record type of the other row. `command`, `at`: the command and the field that has the list.
    """

    of: str = ""
    command: str = ""
    at: Path = ()
    item: type[Value] = Value

    @property
    def model(self) -> type[Value]:
        return self.item


def _put(body: dict[str, Any], path: Path, value: Any) -> None:
    *above, name = path
    for step in above:
        body = body.setdefault(step, {})
    body[name] = value
