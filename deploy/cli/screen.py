"""What `ser` says, and how it looks: results on standard output, everything else on standard error."""

import os

from rich.console import Console
from rich.markup import escape

from deploy.local.failure import Failure

out = Console(highlight=False)
err = Console(highlight=False, stderr=True)

GOOD, BAD, BUSY = "[green]✓[/]", "[red]✗[/]", "[yellow]…[/]"


def said(failure: Failure) -> None:
    """Shows what is in the way, and what to do."""
    err.print(f"{BAD} {escape(failure.what)}", soft_wrap=True)
    err.print(f"  [cyan]→[/] {escape(failure.remedy)}", soft_wrap=True)


def colour_of(name: str) -> str:
    """The same name always has the same colour."""
    return _COLOURS[sum(name.encode()) % len(_COLOURS)]


def quietly_end() -> None:
    """Whoever read our output has gone (`ser tail | head`): nothing more is written, and nobody is told."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.file.fileno())


_COLOURS = [
    "cyan",
    "magenta",
    "green",
    "yellow",
    "blue",
    "bright_cyan",
    "bright_magenta",
    "bright_green",
    "orange3",
]
