"""`ser status`: every process, its resources and its state."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from deploy.cli.address import running_here
from deploy.cli.screen import err, out
from deploy.local.command_line import ser
from deploy.local.kafka import serves
from deploy.local.postgres import accepts
from deploy.local.program import PROGRAMS, Health, health_of
from deploy.local.run import ComponentRun, Run

_WATCH_SECONDS = 0.5
_WITHOUT_SUPERVISOR = (
    "The supervisor has ended, so nothing restarts a process that dies. {up} starts a supervisor, which takes"
    " over what runs and restarts nothing; {down} stops everything."
)


@dataclass(frozen=True)
class Use:
    """The usage of a process and its children. `memory` is in bytes, `cpu` in percent of one processor."""

    memory: int
    cpu: float


def show() -> bool:
    """Prints the table. True if every component is ready and the supervisor runs."""
    run = running_here()
    components = list(run.components.values())
    with ThreadPoolExecutor(len(components) * 2) as pool:
        uses = pool.map(_use, components)
        healths = list(pool.map(_health, components))
        out.print(_table(run, components, list(uses), healths))
    for component, health in zip(components, healths, strict=True):
        if not health.ready:
            err.print(f"[yellow]![/] {component.name}: {_reason(component, health)}")
    if not run.alive:
        err.print(
            f"[yellow]![/] {escape(_WITHOUT_SUPERVISOR.format(up=ser('up'), down=ser('down')))}",
            soft_wrap=True,
        )
    return run.alive and all(health.ready for health in healths)


def _reason(component: ComponentRun, health: Health) -> str:
    if component.process is None or not component.process.alive:
        return "its process has ended" if component.state == "ready" else component.state
    return health.reasons or component.state


def _table(run: Run, components: list[ComponentRun], uses: list[Use | None], healths: list[Health]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold", title=_title(run), title_justify="left")
    table.add_column("process", no_wrap=True)
    for heading in ("pid", "port", "up", "memory", "cpu", "lag", "restarts"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("ready", no_wrap=True)
    for component, use, health in zip(components, uses, healths, strict=True):
        table.add_row(
            component.name,
            str(component.process.pid) if component.process else "",
            str(component.port),
            _age(component),
            f"{use.memory / 1e6:,.0f} MB" if use else "",
            f"{use.cpu:.0f} %" if use else "",
            "" if health.lag is None else f"{health.lag:,}",
            Text(str(component.restarts), "yellow" if component.restarts else ""),
            Text("yes", "green") if health.ready else Text("no", "red"),
        )
    return table


def _title(run: Run) -> Text:
    logs = {Path(component.log).parent for component in run.components.values()}
    state = (
        f"is {run.state} (supervisor {run.supervisor.pid})" if run.alive else "runs without its supervisor"
    )
    return Text(f"SER {state}; logs in {', '.join(map(str, logs))}", "bold")


def _use(component: ComponentRun) -> Use | None:
    """None: the process has ended. The memory that PostgreSQL's processes share counts once."""
    if component.process is None or not component.process.alive:
        return None
    try:
        parent = psutil.Process(component.process.pid)
        family = [parent, *parent.children(recursive=True)]
        before = sum(_seconds(process) for process in family)
        time.sleep(_WATCH_SECONDS)
        busy = sum(_seconds(process) for process in family) - before
        return Use(sum(_memory(process) for process in family), 100 * busy / _WATCH_SECONDS)
    except psutil.NoSuchProcess:
        return None


def _age(component: ComponentRun) -> str:
    """The age of the process."""
    try:
        return (
            since(time.time() - psutil.Process(component.process.pid).create_time())
            if component.process
            else ""
        )
    except psutil.NoSuchProcess:
        return ""


def since(seconds: float) -> str:
    """A length of time in its largest unit: 40 s, 3 min, 5 h, 2 d."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        return float(times.user + times.system)
    except psutil.NoSuchProcess:
        return 0.0


def _memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    except psutil.NoSuchProcess:
        return 0


def _health(component: ComponentRun) -> Health:
    if component.name in PROGRAMS:
        return health_of(component.port, component.process)
    return Health(serves(component.port) if component.name == "kafka" else accepts(component.port))
