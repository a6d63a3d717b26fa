"""The progress display: one line for each phase, updated while the phase runs."""

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
_LINE_SECONDS = 5.0
_WIDE = 110

Look = Callable[[], tuple[int, str]]
"""How many are done, and the rest of the line."""


@asynccontextmanager
async def phase(console: Console, title: str, total: int | None, look: Look) -> AsyncIterator[None]:
    """Shows a phase while the block runs, then its last line with the seconds it took."""
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
        done, text = look()
        seconds = f"[dim]{time.monotonic() - began:.1f} s[/]"
        console.print(f"{mark} {_line(title, total, done, text)}  {seconds}", soft_wrap=True)


@contextmanager
def explain_interruption(console: Console) -> Iterator[None]:
    """After Ctrl-C, says that the system still runs, how to continue and how to stop it."""
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
        TextColumn("{task.fields[text]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        task = progress.add_task(title, total=total, text="")
        while True:
            done, text = look()
            progress.update(task, completed=done, text=escape(text))
            progress.refresh()
            await asyncio.sleep(_REFRESH_SECONDS)


async def _plain(console: Console, title: str, total: int | None, look: Look) -> None:
    """Without a terminal: one line every 5 seconds."""
    while True:
        await asyncio.sleep(_LINE_SECONDS)
        done, text = look()
        console.print(f"  {_line(title, total, done, text)}", soft_wrap=True)


def _line(title: str, total: int | None, done: int, text: str) -> str:
    counted = f": {done:,} of {total:,}" if total else ""
    return escape(f"{title}{counted}{', ' if counted and text else ': ' if text else ''}{text}")
