"""The file `run.json`: one command writes what runs, and another command finds it there."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.local.home import write_whole
from deploy.local.process import ProcessIdentity


@dataclass(frozen=True)
class ComponentRun:
    """One component, as the supervisor last saw it. `restarts`: how often the supervisor restarted it."""

    name: str
    port: int
    log: str
    state: str = "waiting"
    detail: str = ""
    restarts: int = 0
    process: ProcessIdentity | None = None


@dataclass(frozen=True)
class Run:
    """What one supervisor runs.

    `state`: starting, running, stopping, stopped or failed. If failed, `problem` and `remedy` say why.
    """

    supervisor: ProcessIdentity
    state: str = "starting"
    components: dict[str, ComponentRun] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""

    @property
    def alive(self) -> bool:
        """Whether the supervisor runs."""
        return self.supervisor.alive

    @property
    def survivors(self) -> list[ComponentRun]:
        """The components whose processes run, with or without a supervisor, last started first."""
        return [
            component
            for component in reversed(self.components.values())
            if component.process and component.process.alive
        ]

    def with_component(self, name: str, **changes: Any) -> "Run":
        """A copy with one component changed."""
        return replace(self, components=self.components | {name: replace(self.components[name], **changes)})

    def write(self, path: Path) -> None:
        """Replaces the file in one step."""
        write_whole(path, json.dumps(asdict(self), indent=1))


def read_run(path: Path) -> Run | None:
    """The last run of this directory, running or not. None if there was none."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    components = {
        name: ComponentRun(**component | {"process": _identity(component["process"])})
        for name, component in kept["components"].items()
    }
    supervisor = ProcessIdentity(**kept["supervisor"])
    return Run(**kept | {"supervisor": supervisor, "components": components, "notes": tuple(kept["notes"])})


def _identity(kept: dict[str, Any] | None) -> ProcessIdentity | None:
    return None if kept is None else ProcessIdentity(**kept)
