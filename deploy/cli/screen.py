"""The output of `ser`: results on standard output, everything else on standard error."""

import os

from rich.console import Console
from rich.markup import escape

from deploy.local.failure import Failure

out = Console(highlight=False)
err = Console(highlight=False, stderr=True)

GOOD, BAD, BUSY = "[green]✓[/]", "[red]✗[/]", "[yellow]…[/]"


def show_failure(failure: Failure) -> None:
    """Prints what failed and what to do."""
    err.print(f"{BAD} {escape(failure.what)}", soft_wrap=True)
    err.print(f"  [cyan]→[/] {escape(failure.remedy)}", soft_wrap=True)


def colour_of(name: str) -> str:
    """A colour for a name: the same name always has the same colour."""
    return _COLOURS[sum(name.encode()) % len(_COLOURS)]


def quietly_end() -> None:
    """Stops writing after the reader of the output has ended (`ser tail | head`), without an error."""
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
