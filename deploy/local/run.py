"""What is running: the file by which one command finds what another has started."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.local.home import write_whole
from deploy.local.identity import Identity


@dataclass(frozen=True)
class PartRun:
    """One part as its supervisor last saw it. restarts counts how often it had to be started again."""

    name: str
    port: int
    log: str
    state: str = "waiting"
    detail: str = ""
    restarts: int = 0
    process: Identity | None = None


@dataclass(frozen=True)
class Run:
    """One life of a supervisor. state: starting, running, stopping, stopped, failed (by problem, remedy)."""

    supervisor: Identity
    state: str = "starting"
    parts: dict[str, PartRun] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""

    @property
    def alive(self) -> bool:
        """Whether the supervisor is there."""
        return self.supervisor.alive

    @property
    def survivors(self) -> list[PartRun]:
        """The parts whose processes are there, with or without a supervisor, last started first."""
        return [part for part in reversed(self.parts.values()) if part.process and part.process.alive]

    def with_part(self, name: str, **changes: Any) -> "Run":
        """The same with one part changed."""
        return replace(self, parts=self.parts | {name: replace(self.parts[name], **changes)})

    def write(self, path: Path) -> None:
        """Replaces the file in one step."""
        write_whole(path, json.dumps(asdict(self), indent=1))


def read_run(path: Path) -> Run | None:
    """The last run of this directory, whether it still lives or not; None if there was none."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    parts = {
        name: PartRun(**part | {"process": _identity(part["process"])})
        for name, part in kept["parts"].items()
    }
    supervisor = Identity(**kept["supervisor"])
    return Run(**kept | {"supervisor": supervisor, "parts": parts, "notes": tuple(kept["notes"])})


def _identity(kept: dict[str, Any] | None) -> Identity | None:
    return None if kept is None else Identity(**kept)
