"""`ser commands`: the commands, their services and their fields."""

import json

from rich.markup import escape
from rich.table import Table

from contracts import examples, schemas
from contracts.catalog import SERVICES, Entry, commands
from deploy.cli.fields import FieldRow, forms_of, rows_of
from deploy.cli.screen import out
from deploy.cli.send import entry_named
from deploy.local.command_line import ser

_IDS = (
    "You make the ids: a UUID for each new record, which `uuidgen` prints, and one for the command (`--id`)."
    " To change a record, use its id again."
)


def show(name: str | None) -> None:
    """Prints all commands, or one with its fields and an example. Failure: there is no such command."""
    if name is None:
        out.print(_all())
        out.print(f"[dim]The fields of a command, with an example:[/] {escape(ser('commands'))} AddStudent")
        return
    entry = entry_named(name)
    schema = schemas.generated(entry)
    out.print(f"[bold]{entry.name}[/], decided by {entry.owner}\n  {escape(_purpose(entry))}", soft_wrap=True)
    out.print(_fields(rows_of(schema)))
    out.print(_IDS, soft_wrap=True)
    if forms := forms_of(schema):
        out.print("[dim]An example of each form:[/]")
        for form in forms:
            out.print(json.dumps(_example_of_form(form)), markup=False, soft_wrap=True)
    out.print("[dim]An example:[/]")
    out.print(json.dumps(examples.example(entry.schema_id)), markup=False, soft_wrap=True)


def _all() -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("service", "command", "purpose"):
        table.add_column(heading, no_wrap=heading != "purpose")
    for service in SERVICES:
        for entry in commands(service).values():
            table.add_row(service, entry.name, escape(_purpose(entry).split(". ")[0].rstrip(".")))
    return table


def _fields(rows: list[FieldRow]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("field", "", "value"):
        table.add_column(heading, no_wrap=heading != "value")
    for row in rows:
        table.add_row(escape(row.field), "required" if row.required else "", escape(row.takes))
    return table


def _example_of_form(form: str) -> object:
    """A form as the examples of SaveIEPForms show it."""
    shown = examples.every("SaveIEPForms.v1").values()
    return next(found for body in shown for found in body["forms"] if found["form"] == form)


def _purpose(entry: Entry) -> str:
    return " ".join((entry.model.__doc__ or "").split())
