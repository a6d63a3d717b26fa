"""How long the histories of the whole state take: `python -m benchmarks state`.

The histories of all 84,473 children of the published figures go through the five services, as in `make
state`. The time runs from the first message to the certified count. With `--children` only the children of
the rarer disabilities take part, and there is no target.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.options import Options
from benchmarks.published_children import pupils
from benchmarks.results import Section, Table, Target
from benchmarks.servers import Servers, temporary_home
from deploy.demo.demonstration import Demonstration, Plan, Result
from deploy.demo.display import phase
from deploy.demo.driver import WINDOW
from deploy.local import control
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.run import Run
from deploy.population.cells_file import read_cells
from deploy.population.population import (
    EVERYONE,
    LOUISIANA_2017,
    LOUISIANA_2017_AS_OF,
    RARER,
    Selection,
    select_cells,
    select_pupils,
)
from services.chassis.hosting.collecting import collect_rarely

_MINUTES = 6.0


async def measure(servers: Servers, options: Options) -> Section:
    """Run the demonstration on a system of its own. Failure: a cell differs from the published one."""
    plan = await asyncio.to_thread(_plan, options)
    collect_rarely()
    async with whole_system(servers) as (home, run):
        result = await Demonstration(home, run, plan, servers.screen).run()
    if not result.good:
        raise Failure("The child count differs from the published one.", "Run `make state` to see the cells.")
    return _section(result, whole=options.children is None)


def _plan(options: Options) -> Plan:
    return _children(EVERYONE) if options.children is None else rarer_children()


def rarer_children() -> Plan:
    """The children of the rarer disabilities, as `make demo` sends them."""
    return _children(RARER)


def _children(selection: Selection) -> Plan:
    cells = select_cells(read_cells(LOUISIANA_2017), selection)
    return Plan(select_pupils(pupils(), selection), selection, cells, LOUISIANA_2017_AS_OF, WINDOW)


@asynccontextmanager
async def whole_system(servers: Servers) -> AsyncIterator[tuple[Home, Run]]:
    """The five services, Kafka and PostgreSQL on ports of their own. They end with the context."""
    with temporary_home() as home:
        try:
            async with phase(servers.screen, "the system", None, lambda: (0, "starting")):
                run = await asyncio.to_thread(control.up, home, dies_with_caller=True)
            yield home, run
        finally:
            await asyncio.to_thread(control.down, home)


def _section(result: Result, *, whole: bool) -> Section:
    accepted, minutes = result.progress.accepted, result.seconds / 60
    rows = [
        (
            f"{result.progress.children:,}",
            f"{sum(result.messages.values()):,}",
            f"{accepted / result.histories_seconds:,.0f}",
            f"{result.histories_seconds:,.1f}",
            f"{result.seconds:,.1f}",
        )
    ]
    columns = ("children", "messages", "commands/s", "histories s", "to the certified count s")
    used = [(name, f"{use.seconds:,.0f}", f"{use.memory / 1e6:,.0f}") for name, use in result.usage.items()]
    paragraphs = (
        "The children's histories go through the five services. Then reporting certifies that no event is"
        f" missing, and counts. {result.comparison.matched:,} of {result.comparison.total:,} cells are as"
        " published.",
    )
    tables = (Table(columns, rows), Table(("process", "CPU s", "memory MB"), used))
    targets = [Target("the whole state, minutes", _MINUTES, minutes, at_most=True)] if whole else []
    return Section("The whole state", paragraphs, tables, targets)
