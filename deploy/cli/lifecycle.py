"""`ser up` and `ser down`: what one sees while the system starts and stops."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from contracts.catalog import SERVICES
from deploy.cli.address import address
from deploy.cli.screen import GOOD, err, out
from deploy.local import control
from deploy.local.control import Watch
from deploy.local.home import Home
from deploy.local.run import ComponentRun, Run

_SETTLED = {"ready": Text("✓", "green"), "stopped": Text("✓", "green"), "died": Text("✗", "red")}


def start(services: Sequence[str]) -> None:
    """Starts the system unless it is running, and shows where everything is."""
    home = Home.chosen()
    before = control.running(home)
    if before is not None and before.state == "running":
        out.print(f"{GOOD} SER is already running.")
        show_addresses(before)
        return
    began = time.monotonic()
    with _progress() as watch:
        try:
            run = control.up(home, services, watch)
        except KeyboardInterrupt:
            err.print("Stopping what was started …")
            control.down(home)
            raise
    for note in run.notes:
        err.print(f"[yellow]![/] {note}")
    out.print(f"{GOOD} SER is running: {len(run.components)} processes, {time.monotonic() - began:.1f} s.")
    show_addresses(run)


def stop() -> None:
    """Stops everything and says what was running."""
    began = time.monotonic()
    with _progress() as watch:
        stopped = control.down(Home.chosen(), watch)
    if not stopped:
        out.print(f"{GOOD} Nothing is running.")
        return
    out.print(
        f"{GOOD} Stopped {', '.join(stopped)} in {time.monotonic() - began:.1f} s. Data and logs are kept."
    )


def show_addresses(run: Run) -> None:
    """Where people and programs find each part."""
    table = Table(box=None, show_header=False, padding=(0, 2))
    for part in run.components.values():
        where = address(part.name, part.port)
        table.add_row(part.name, f"{where}/docs" if part.name in SERVICES else where)
    out.print(table)


@contextmanager
def _progress() -> Iterator[Watch]:
    """A table that changes in place; on something that is not a terminal, one line per change."""
    if not err.is_terminal:
        yield _Lines()
        return
    board = _Board()
    with Live(board.table, console=err, refresh_per_second=10, transient=True) as live:

        def watch(run: Run) -> None:
            live.update(board.draw(run))

        yield watch


class _Board:
    """The parts and what each is doing, with the seconds since its last change."""

    def __init__(self) -> None:
        self.table = Table(box=None, show_header=False, padding=(0, 2))
        self._since: dict[str, tuple[str, float]] = {}
        self._spinner = Spinner("dots", style="yellow")

    def draw(self, run: Run) -> Table:
        """The table for this moment."""
        table = Table(box=None, show_header=False, padding=(0, 2))
        for part in run.components.values():
            mark = _SETTLED.get(part.state, self._spinner if part.state != "waiting" else Text("·", "dim"))
            table.add_row(mark, part.name, part.state, Text(part.detail, "dim"), self._seconds(part))
        return table

    def _seconds(self, part: ComponentRun) -> Text:
        state, since = self._since.get(part.name, ("", 0.0))
        if state != part.state:
            since = time.monotonic()
            self._since[part.name] = (part.state, since)
        moving = part.state not in _SETTLED and part.state != "waiting"
        return Text(f"{time.monotonic() - since:.0f} s" if moving else "", "dim")


class _Lines:
    """One line for each change of a part's state, from the first look on."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def __call__(self, run: Run) -> None:
        for part in run.components.values():
            if self._told.get(part.name, part.state) != part.state:
                err.print(f"{part.name}: {part.state} {part.detail}".rstrip())
            self._told[part.name] = part.state
