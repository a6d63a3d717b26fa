"""`ser commands`: what can be sent, to whom, and with which fields."""

import json
from typing import Any

from rich.markup import escape
from rich.table import Table

from contracts import examples, schemas
from contracts.catalog import SERVICES, Entry, commands
from contracts.codes import COMMENT
from deploy.cli.screen import out
from deploy.cli.send import entry_named
from deploy.local.command_line import ser


def show(name: str | None) -> None:
    """Prints every command, or one with its fields and an example. Failure: there is none of that name."""
    if name is None:
        out.print(_all())
        out.print(f"[dim]One with its fields and an example:[/] {escape(ser('commands'))} AddStudent")
        return
    entry = entry_named(name)
    out.print(f"[bold]{entry.name}[/], decided by {entry.owner}\n  {escape(_said(entry))}", soft_wrap=True)
    out.print(_fields(entry))
    out.print("[dim]An example:[/]")
    out.print(json.dumps(examples.example(entry.schema_id)), markup=False, soft_wrap=True)


def _all() -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("service", "command", "what it is for"):
        table.add_column(heading, no_wrap=heading != "what it is for")
    for service in SERVICES:
        for entry in commands(service).values():
            table.add_row(service, entry.name, escape(_said(entry).split(". ")[0].rstrip(".")))
    return table


def _fields(entry: Entry) -> Table:
    schema = schemas.generated(entry)
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("field", "", "what it takes"):
        table.add_column(heading, no_wrap=heading != "what it takes")
    for field, said in schema["properties"].items():
        needed = "required" if field in schema["required"] else ""
        table.add_row(field, needed, escape(_takes(said, schema.get("$defs", {}))))
    return table


def _takes(node: dict[str, Any], parts: dict[str, Any]) -> str:
    """What a field takes, in a few words."""
    match node:
        case {"description": str(described)}:
            return " ".join(described.split())
        case {"$ref": str(place)}:
            return _takes(parts[place.removeprefix("#/$defs/")], parts)
        case {"$comment": str(comment)} if comment.startswith(COMMENT):
            return f"a code of contracts/codes/{comment.removeprefix(COMMENT)}.csv"
        case {"anyOf": [first, *_]}:
            return _takes(first, parts)
        case {"oneOf": list(kinds)}:
            return f"one of: {', '.join(str(kind['$ref']).removeprefix('#/$defs/') for kind in kinds)}"
        case {"enum": list(values)}:
            return ", ".join(map(str, values))
        case {"type": "array", "items": dict(items)}:
            return f"a list: {_takes(items, parts)}"
        case _:
            return str(node.get("format", node.get("type", "see its schema")))


def _said(entry: Entry) -> str:
    return " ".join((entry.model.__doc__ or "").split())
