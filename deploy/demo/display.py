"""What one sees while the demonstration runs: a line for each phase, moving while it lasts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column

from deploy.cli.screen import BAD, GOOD
from deploy.local.command_line import ser

_REFRESH_SECONDS = 0.2
_LINE_EVERY_SECONDS = 5.0
_WIDE = 110

Look = Callable[[], tuple[int, str]]
"""How much is done, and the rest of the line."""


@asynccontextmanager
async def phase(console: Console, title: str, total: int | None, look: Look) -> AsyncIterator[None]:
    """Shows a phase for as long as the block lasts, then its last line with the seconds it took."""
    began = time.monotonic()
    follow = _bar if console.is_terminal else _plain
    following = asyncio.create_task(follow(console, title, total, look))
    mark = BAD
    try:
        yield
        mark = GOOD
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        done, said = look()
        seconds = f"[dim]{time.monotonic() - began:.1f} s[/]"
        console.print(f"{mark} {_line(title, total, done, said)}  {seconds}", soft_wrap=True)


@contextmanager
def explain_interruption(console: Console) -> Iterator[None]:
    """Ctrl-C ends the demonstration only: one is told so, and how to go on or to stop everything."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(
            f"Interrupted. The system is still running: {escape(ser('down'))} stops it,"
            " the same command again goes on from here.",
            soft_wrap=True,
        )
        raise


async def _bar(console: Console, title: str, total: int | None, look: Look) -> None:
    bar = (BarColumn(bar_width=28),) if console.width >= _WIDE else ()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=len(title))),
        *bar,
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        task = progress.add_task(title, total=total, said="")
        while True:
            done, said = look()
            progress.update(task, completed=done, said=escape(said))
            progress.refresh()
            await asyncio.sleep(_REFRESH_SECONDS)


async def _plain(console: Console, title: str, total: int | None, look: Look) -> None:
    """For what is not a terminal: now and then a line."""
    while True:
        await asyncio.sleep(_LINE_EVERY_SECONDS)
        done, said = look()
        console.print(f"  {_line(title, total, done, said)}", soft_wrap=True)


def _line(title: str, total: int | None, done: int, said: str) -> str:
    counted = f": {done:,} of {total:,}" if total else ""
    return escape(f"{title}{counted}{', ' if counted and said else ': ' if said else ''}{said}")
