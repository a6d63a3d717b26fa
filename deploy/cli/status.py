"""`ser status`: every process, what it uses and whether it moves."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from contracts.catalog import SERVICES
from deploy.cli.address import running_here
from deploy.cli.screen import err, out
from deploy.local.command_line import ser
from deploy.local.kafka import serves
from deploy.local.postgres import accepts
from deploy.local.run import ComponentRun, Run
from deploy.local.service import Health, health_of

_WATCH_SECONDS = 0.5
_WITHOUT_SUPERVISOR = (
    "The supervisor has ended, so nothing restarts a process that dies. {up} starts a supervisor, which takes"
    " over what runs and restarts nothing; {down} stops everything."
)


@dataclass(frozen=True)
class Use:
    """What a process and its children use. memory is in bytes, cpu in percent of one processor."""

    memory: int
    cpu: float


def show() -> bool:
    """Prints the table. True if every component is ready and the supervisor runs."""
    run = running_here()
    parts = list(run.components.values())
    with ThreadPoolExecutor(len(parts) * 2) as pool:
        uses = pool.map(_use, parts)
        healths = list(pool.map(_health, parts))
        out.print(_table(run, parts, list(uses), healths))
    for part, health in zip(parts, healths, strict=True):
        if not health.ready:
            err.print(f"[yellow]![/] {part.name}: {_reason(part, health)}")
    if not run.alive:
        err.print(
            f"[yellow]![/] {escape(_WITHOUT_SUPERVISOR.format(up=ser('up'), down=ser('down')))}",
            soft_wrap=True,
        )
    return run.alive and all(health.ready for health in healths)


def _reason(part: ComponentRun, health: Health) -> str:
    if part.process is None or not part.process.alive:
        return "its process has ended" if part.state == "ready" else part.state
    return health.reasons or part.state


def _table(run: Run, parts: list[ComponentRun], uses: list[Use | None], healths: list[Health]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold", title=_title(run), title_justify="left")
    table.add_column("process", no_wrap=True)
    for heading in ("pid", "port", "up", "memory", "cpu", "lag", "restarts"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("ready", no_wrap=True)
    for part, use, health in zip(parts, uses, healths, strict=True):
        table.add_row(
            part.name,
            str(part.process.pid) if part.process else "",
            str(part.port),
            _age(part),
            f"{use.memory / 1e6:,.0f} MB" if use else "",
            f"{use.cpu:.0f} %" if use else "",
            "" if health.lag is None else f"{health.lag:,}",
            Text(str(part.restarts), "yellow" if part.restarts else ""),
            Text("yes", "green") if health.ready else Text("no", "red"),
        )
    return table


def _title(run: Run) -> Text:
    logs = {Path(part.log).parent for part in run.components.values()}
    state = (
        f"is {run.state} (supervisor {run.supervisor.pid})" if run.alive else "runs without its supervisor"
    )
    return Text(f"SER {state}; logs in {', '.join(map(str, logs))}", "bold")


def _use(part: ComponentRun) -> Use | None:
    """None if the process is gone. PostgreSQL's children share memory, which is counted once."""
    if part.process is None or not part.process.alive:
        return None
    try:
        parent = psutil.Process(part.process.pid)
        family = [parent, *parent.children(recursive=True)]
        before = sum(_seconds(process) for process in family)
        time.sleep(_WATCH_SECONDS)
        busy = sum(_seconds(process) for process in family) - before
        return Use(sum(_memory(process) for process in family), 100 * busy / _WATCH_SECONDS)
    except psutil.NoSuchProcess:
        return None


def _age(part: ComponentRun) -> str:
    """For how long the process has been there."""
    try:
        return since(time.time() - psutil.Process(part.process.pid).create_time()) if part.process else ""
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


def _health(part: ComponentRun) -> Health:
    if part.name in SERVICES:
        return health_of(part.port, part.process)
    return Health(serves(part.port) if part.name == "kafka" else accepts(part.port))
