"""A form: a command's fields, what somebody typed into them, and what SER says about it.

The console checks only what it must to build the command: that a day is a day and a number a number. The
services check everything else, so a form and a program get the same verdict.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4, uuid5

from pydantic import BaseModel

from console import days, rules
from console.fields import Field, Kind, Option, fields_of, flat
from console.rows import row_numbers, without_row
from console.words import command_label
from contracts.errors import FIELD_INVALID, REVISION_MOVED, Finding
from contracts.message import Command
from contracts.roles import Role

Typed = Mapping[str, Sequence[str]]
"""What a browser sent: the values of each input, by its name."""

ID = "command_id"
NAME = "form"
ADD, REMOVE = "add_row", "remove_row"
"""The buttons that add a row to a list, and remove one. They send nothing."""

TAKE, THEIRS = "take.", "theirs."
"""Before the path of a field that somebody else has saved: whose value is taken, and what they saved."""
LOOK = "look"
"""The button that shows the page again with what was typed, and sends nothing."""

_OF_ONE_FORM = re.compile(r"^(forms\.[0-9]+)\.[A-Z]{3}(?=\.)")
"""The code of an IEP form within the place of a finding. Its input does not have it."""

_REVISION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class NumberedCommand:
    """A command to send: its id, its name and its body."""

    command_id: UUID
    command: str
    body: Mapping[str, Any]


Body = dict[str, Any]


class NotBuilt(Exception):
    """The commands of a form need an answer that there is not. `findings` say why; `status` is the page's."""

    def __init__(self, findings: Sequence[Finding], status: int) -> None:
        super().__init__(status)
        self.findings, self.status = findings, status


Commands = Sequence[tuple[type[Command], Body]]
"""Commands to send, each with its body."""

Build = Callable[[Any, Body, Typed], Awaitable[Commands]]
"""Makes the commands of a form from the visit, the body that the fields give, and what was typed.

NotBuilt: it cannot.
"""


@dataclass(frozen=True)
class Form:
    """How a command is asked for on a screen.

    `given`: the fields that the page fills in, so that nobody types them; they travel as hidden inputs.
    `leave_out`: dotted paths of fields that the form does not offer. `shown`: the fields, if they are not the
    command's. `build`: for a form that sends other commands than the one of its fields. `chain`: of several
    commands each needs the one before, so a refusal ends the sending. `each`: the field by which several
    commands of one kind differ. `verdicts`: the page shows what became of each command, so it is not a
    refused form even if SER refuses them all. `next`: the address to which the person goes after the form was
    sent, with what was typed in {braces}; blank stays on the page. `unfinished`: the form may be saved with
    gaps, so no field is called optional.
    """

    command: type[Command]
    button: str = ""
    role: Role = Role.WRITER
    given: tuple[str, ...] = ("student_id",)
    leave_out: tuple[str, ...] = ()
    shown: tuple[Field, ...] | None = None
    build: Build | None = None
    chain: bool = False
    each: str = ""
    verdicts: bool = False
    next: str = ""
    name: str = ""
    unfinished: bool = False

    def next_address(self, typed: Typed) -> str:
        """Where the person goes after the form was sent; blank stays on the page."""
        return re.sub(r"\{([^}]+)\}", lambda found: quote(first(typed, found[1]), safe=""), self.next)

    @property
    def has_file(self) -> bool:
        """Whether the browser sends a file with the form."""
        return any(one.kind is Kind.FILE for one in self.fields)

    @property
    def key(self) -> str:
        """Names the form among those of a page."""
        return self.name or self.command.__name__

    @property
    def label(self) -> str:
        """What the button says."""
        return self.button or command_label(self.command.__name__)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields to fill in."""
        if self.shown is not None:
            return self.shown
        return fields_of(self.command, (*self.given, *self.leave_out, "on_revision"))


@dataclass(frozen=True, slots=True)
class Theirs:
    """A field that somebody else saved since this person opened the form: their value, and this person's."""

    field: Field
    saved: str
    typed: str


@dataclass(frozen=True)
class FilledForm:
    """A form with its values, as a template shows it.

    `prefix`: stands before the id of each input, so that several forms of a page have no id in common.
    `grown`: the list of rows that shows one more row. `unsaved`: what it shows was typed and not sent.
    """

    form: Form
    command_id: UUID
    values: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    grown: str = ""
    unsaved: bool = False
    prefix: str = ""
    fields: tuple[Field, ...] = ()
    theirs: tuple[Theirs, ...] = ()

    def value(self, one: Field) -> str:
        """What the input shows."""
        return self.values.get(one.path, one.default)

    def ticked(self, one: Field) -> bool:
        """Whether the box is ticked, or the row is chosen. The first row is, until another is chosen."""
        if one.kind is Kind.ONE_ROW and one.path not in self.values:
            group, number = one.group
            return self.values.get(group, "0") == number
        return self.values.get(one.path) == "yes"

    def chosen(self, one: Field) -> frozenset[str]:
        """The values that are ticked, of a few."""
        return frozenset(self.values.get(one.path, "").split("\n"))

    def id(self, one: Field) -> str:
        """The id of the input."""
        return f"{self.prefix}{one.path}"

    def of(self, one: Field) -> tuple[Finding, ...]:
        """The findings about a field."""
        return tuple(found for found in self.findings if found.field == one.path)

    def rows(self, one: Field) -> Sequence[Sequence[Field]]:
        """The rows of a list of rows: those with values, at least one, and one more if it was asked for."""
        filled = max((number + 1 for number in row_numbers(one.path, self.values)), default=0)
        count = max(filled + (self.grown == one.path), 1)
        return [[column.within(f"{one.path}.{number}") for column in one.columns] for number in range(count)]

    @property
    def named(self) -> frozenset[str]:
        """The paths of all inputs: the targets of the error summary's links."""
        return frozenset(self.labels)

    @property
    def labels(self) -> Mapping[str, str]:
        """What each input is called, by its path. Of several rows the label says which one."""
        return dict(_labelled(self, self.fields))


def blank_form(
    form: Form,
    values: BaseModel | Mapping[str, Any] | None = None,
    options: Mapping[str, Sequence[Option]] | None = None,
    prefix: str = "",
    **given: Any,
) -> FilledForm:
    """A form as first shown. `values`: a model or a mapping; `given`: the fields that the page knows."""
    hidden = {name: str(value) for name, value in given.items() if value is not None}
    ticked = {one.path: one.default for one in form.fields if one.kind is Kind.TICK and one.default}
    return FilledForm(
        form,
        uuid4(),
        ticked | _displayed(flat(values or {}), form.fields),
        hidden=hidden,
        options=options or {},
        prefix=prefix,
        fields=form.fields,
    )


def typed_form(filled: FilledForm, typed: Typed, findings: Sequence[Finding], command_id: UUID) -> FilledForm:
    """The form with everything that was typed, and the findings.

    If somebody else has saved meanwhile (MSG-031), the form says what they saved, and has their revision now.
    Sent again, it puts this person's values on top.
    """
    values = {name: "\n".join(given) for name, given in typed.items()}
    if row := values.pop(REMOVE, ""):
        values = _without(filled, values, row)
    shown = replace(filled, values=values, grown=values.get(ADD, ""))
    moved = any(finding.code == REVISION_MOVED.code for finding in findings)
    return replace(
        filled,
        values=values,
        findings=tuple(_at_inputs(findings, shown.named)),
        grown=values.get(ADD, ""),
        unsaved=bool(row or values.get(ADD)),
        command_id=command_id,
        hidden={
            name: given if moved and name == "on_revision" else values.get(name, given)
            for name, given in filled.hidden.items()
        },
        theirs=tuple(_theirs(filled, values)) if moved else (),
    )


def _at_inputs(findings: Sequence[Finding], inputs: frozenset[str]) -> Iterator[Finding]:
    """Each finding at the input that it is about: one line of a list is in the list's input.

    A field that cannot be read makes the list around it too short. The list's finding says nothing more.
    """
    places = [one.field for one in findings if one.field]
    for one in findings:
        if one.code == FIELD_INVALID.code and any(place.startswith(f"{one.field}.") for place in places):
            continue
        yield one.model_copy(update={"field": _input_of(one.field, inputs)}) if one.field else one


def _input_of(place: str, inputs: frozenset[str]) -> str:
    """The input of a place in a command: `forms.0.GSI.participants.2` is in `forms.0.participants`."""
    path = _OF_ONE_FORM.sub(r"\1", place)
    while path not in inputs and path.rpartition(".")[2].isdigit():
        path = path.rpartition(".")[0]
    return path if path in inputs else place


def _without(filled: FilledForm, values: Mapping[str, str], row: str) -> dict[str, str]:
    """The values without a row. A list of which one row is chosen starts again with its first row."""
    path = row.rpartition(".")[0]
    chosen = (
        f"{path}.{column.path}"
        for one in filled.fields
        if one.path == path
        for column in one.columns
        if column.kind is Kind.ONE_ROW
    )
    kept = without_row(values, row)
    for name in chosen:
        kept.pop(name, None)
    return kept


def _theirs(filled: FilledForm, typed: Mapping[str, str]) -> Iterator[Theirs]:
    """The fields, also those of rows, in which what is saved now differs from what was typed."""
    for one in _leaves(filled.fields, filled.values, typed):
        saved, mine = filled.value(one), typed.get(one.path, "")
        if one.kind is Kind.TICK:
            saved, mine = ("yes" if filled.ticked(one) else "no"), ("yes" if mine == "yes" else "no")
        if one.kind is not Kind.ONE_ROW and saved.split() != mine.split():
            yield Theirs(one, saved, mine)


def _leaves(
    fields: Iterable[Field], saved: Mapping[str, str], typed: Mapping[str, str], of: str = ""
) -> Iterator[Field]:
    """Each field that is no list of rows; a field of a row is labelled with the number of its row."""
    for one in fields:
        label = f"{of}{one.label}"
        if not one.columns:
            yield replace(one, label=label)
        for number in sorted(row_numbers(one.path, saved) | row_numbers(one.path, typed)):
            row = [column.within(f"{one.path}.{number}") for column in one.columns]
            yield from _leaves(row, saved, typed, f"{label}, row {number + 1}: ")


def with_theirs(typed: Typed) -> Typed:
    """What was typed; in each field for which the person takes it, what somebody else has saved."""
    chosen = [name.removeprefix(TAKE) for name in typed if name.startswith(TAKE)]
    taken = [path for path in chosen if first(typed, f"{TAKE}{path}") == "theirs"]
    return {**typed, **{path: typed.get(f"{THEIRS}{path}", ()) for path in taken}}


def body_of(form: Form, typed: Typed, today: date) -> Body | tuple[Finding, ...]:
    """What the fields say, as the body of a command; or the findings that say why they cannot be read."""
    findings: list[Finding] = []
    body: Body = {}
    for one in form.fields:
        _put(body, one.path, _read(one, typed, today, findings))
    for name in form.given:
        if value := first(typed, name):
            _put(body, name, value)
    if value := first(typed, "on_revision"):
        _put(body, "on_revision", int(value) if _REVISION.fullmatch(value) else value)
    return tuple(findings) or body


def numbered(
    root: UUID, commands: Sequence[tuple[type[Command], Body]], each: str = ""
) -> tuple[NumberedCommand, ...]:
    """The commands with ids that derive from the form's id, so the same form sent twice has the same ids.

    `each`: the field by which the commands differ. An id derives from its value, so it is the same if only
    some of the commands are sent again.
    """

    def id_of(number: int, body: Body) -> UUID:
        if each:
            return uuid5(root, str(body[each]))
        return uuid5(root, str(number)) if number else root

    return tuple(
        NumberedCommand(id_of(number, body), command.__name__, body)
        for number, (command, body) in enumerate(commands)
    )


def _displayed(values: Mapping[str, str], fields: Iterable[Field]) -> dict[str, str]:
    """Days as people read them. A row's field is known by its path without the row's number."""
    kinds = {_without_numbers(path): one.kind for one in fields for path, one in _generic(one)}
    day = {path for path, kind in kinds.items() if kind is Kind.DAY}
    return {
        path: days.shown(text) if _without_numbers(path) in day else text for path, text in values.items()
    }


def _generic(one: Field) -> Iterator[tuple[str, Field]]:
    yield one.path, one
    for column in one.columns:
        yield f"{one.path}.{column.path}", column


def _without_numbers(path: str) -> str:
    return ".".join(part for part in path.split(".") if not part.isdigit())


def _read(one: Field, typed: Typed, today: date, findings: list[Finding]) -> Any:
    """What the command says in a field; None if it says nothing."""
    text = first(typed, one.path)
    match one.kind:
        case Kind.ROWS:
            return _read_rows(one, typed, today, findings)
        case Kind.SEVERAL:
            return [value for value in typed.get(one.path, ()) if value]
        case Kind.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case Kind.TICK:
            return text == "yes"
        case Kind.ONE_ROW:
            return first(typed, one.group[0]) == one.group[1]
        case _ if one.kind is Kind.FILE or not text.strip():
            return None
        case Kind.YES_NO:
            return text == "yes"
        case Kind.DAY:
            return _day(one, text, today, findings)
        case Kind.NUMBER | Kind.NUMBERS:
            return _numbers(one, text, findings)
        case _:
            return text


def _day(one: Field, text: str, today: date, findings: list[Finding]) -> str | None:
    if day := days.read_day(text, today):
        return day.isoformat()
    findings.append(rules.DAY_UNCLEAR.broken(at=one.path))
    return None


def _numbers(one: Field, text: str, findings: list[Finding]) -> int | list[int | None] | None:
    """The number of the field, or its several numbers, with commas or blanks between."""
    if one.kind is Kind.NUMBER:
        return _number(one, text, findings)
    return [_number(one, each, findings) for each in text.replace(",", " ").split()]


def _number(one: Field, text: str, findings: list[Finding]) -> int | None:
    digits = text.strip().replace(",", "")
    if re.fullmatch(r"-?[0-9]{1,9}", digits):
        return int(digits)
    findings.append(rules.NUMBER_UNCLEAR.broken(at=one.path))
    return None


def _read_rows(one: Field, typed: Typed, today: date, findings: list[Finding]) -> list[dict[str, Any]]:
    """The rows in which something was typed. A blank row says nothing, wherever it stands."""
    rows = []
    for number in sorted(row_numbers(one.path, typed)):
        columns = [column.within(f"{one.path}.{number}") for column in one.columns]
        if all(first(typed, column.path).strip() in ("", column.default) for column in columns):
            continue
        row: dict[str, Any] = {}
        for column in columns:
            short = column.path.removeprefix(f"{one.path}.{number}.")
            _put(row, short, _read(column, typed, today, findings))
        rows.append(row)
    return rows


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    if value is None:
        return
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def first(typed: Typed, name: str) -> str:
    """The value of an input; blank if the browser sent none."""
    return next(iter(typed.get(name, ())), "")


def _labelled(filled: FilledForm, fields: Iterable[Field], of: str = "") -> Iterator[tuple[str, str]]:
    for one in fields:
        yield one.path, f"{of}{one.label}"
        rows = filled.rows(one) if one.columns else ()
        for number, row in enumerate(rows, 1):
            place = f"{of}{one.label}, row {number}: " if len(rows) > 1 else of
            yield from _labelled(filled, row, place)


def as_json(one: NumberedCommand) -> bytes:
    """The body of a command, as it is posted."""
    return json.dumps(one.body).encode()
