"""`ser up` and `ser down`: the progress of starting and stopping."""

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
    """Starts the system unless it is running, and shows the addresses."""
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
            err.print("Stopping the started components …")
            control.down(home)
            raise
    for note in run.notes:
        err.print(f"[yellow]![/] {note}")
    out.print(f"{GOOD} SER is running: {len(run.components)} processes, {time.monotonic() - began:.1f} s.")
    show_addresses(run)


def stop() -> None:
    """Stops everything and prints the stopped components."""
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
    """Prints the address of each component."""
    table = Table(box=None, show_header=False, padding=(0, 2))
    for component in run.components.values():
        where = address(component.name, component.port)
        table.add_row(component.name, f"{where}/docs" if component.name in SERVICES else where)
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
    """The components and their states, with the seconds since the last change."""

    def __init__(self) -> None:
        self.table = Table(box=None, show_header=False, padding=(0, 2))
        self._since: dict[str, tuple[str, float]] = {}
        self._spinner = Spinner("dots", style="yellow")

    def draw(self, run: Run) -> Table:
        """The table for this moment."""
        table = Table(box=None, show_header=False, padding=(0, 2))
        for component in run.components.values():
            mark = _SETTLED.get(
                component.state, self._spinner if component.state != "waiting" else Text("·", "dim")
            )
            table.add_row(
                mark, component.name, component.state, Text(component.detail, "dim"), self._seconds(component)
            )
        return table

    def _seconds(self, component: ComponentRun) -> Text:
        state, since = self._since.get(component.name, ("", 0.0))
        if state != component.state:
            since = time.monotonic()
            self._since[component.name] = (component.state, since)
        moving = component.state not in _SETTLED and component.state != "waiting"
        return Text(f"{time.monotonic() - since:.0f} s" if moving else "", "dim")


class _Lines:
    """Prints a line for each change of a component's state."""

    def __init__(self) -> None:
        self._printed: dict[str, str] = {}

    def __call__(self, run: Run) -> None:
        for component in run.components.values():
            if self._printed.get(component.name, component.state) != component.state:
                err.print(f"{component.name}: {component.state} {component.detail}".rstrip())
            self._printed[component.name] = component.state
