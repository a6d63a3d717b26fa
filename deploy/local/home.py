"""The run directory: it holds the local system's data, ports, passwords, keys and logs."""

import json
import os
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from deploy.local.ports import free_port, is_free

TREE = Path(__file__).resolve().parents[2]
"""The root of the project."""

WELL_KNOWN = {
    "kafka": 19092,
    "kafka-controller": 19093,
    "postgres": 15432,
    "students": 18001,
    "jurisdiction": 18002,
    "ieps": 18003,
    "provision": 18004,
    "reporting": 18005,
    "console": 18000,
    "issuer": 18010,
    "intake": 18020,
}
"""The documented ports. `deploy/compose.yaml` publishes the same ones."""


class Home:
    """A run directory. well_known: components prefer the documented ports to any free port."""

    def __init__(self, root: Path, *, well_known: bool = True) -> None:
        self.root = root.resolve()
        self.well_known = well_known
        self._preferred = WELL_KNOWN if well_known else {}

    @classmethod
    def chosen(cls) -> "Home":
        """SER_HOME, else .ser in the root of the project."""
        return cls(Path(os.environ.get("SER_HOME") or TREE / ".ser"))

    @property
    def run_file(self) -> Path:
        """The file that says what runs (`deploy.local.run`)."""
        return self.root / "run.json"

    def log(self, name: str) -> Path:
        """The log of a component, of the supervisor or of `ser` itself."""
        return self.root / "logs" / f"{name}.log"

    def make(self) -> None:
        """Makes the directory. Only its owner can read it, since it holds keys and passwords."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / "logs").mkdir(exist_ok=True)

    def ports(self, names: Iterable[str], still_running: Collection[str] = ()) -> dict[str, int]:
        """A port for each component: its last port, else its well-known port, else any free port.

        A port that is in use is passed over, except the last port of a component that still runs.
        """
        remembered = self._read("ports.json")
        chosen: dict[str, int] = {}
        for name in names:
            last, preferred = remembered.get(name), self._preferred.get(name)
            if last and name in still_running:
                chosen[name] = last
                continue
            usable = (
                port for port in (last, preferred) if port and port not in chosen.values() and is_free(port)
            )
            chosen[name] = next(usable, None) or free_port(besides=chosen.values())
        self._write("ports.json", remembered | chosen)
        return chosen

    def moved_ports(self, ports: dict[str, int]) -> dict[str, int]:
        """The well-known ports that another process had taken, by the component that had to move."""
        return {
            name: self._preferred[name]
            for name, port in ports.items()
            if self._preferred.get(name, port) != port
        }

    def password(self, role: str) -> str:
        """The password of a database role. The first call makes it."""
        kept = self._read("passwords.json")
        if role not in kept:
            kept[role] = secrets.token_hex(16)
            self._write("passwords.json", kept)
        return str(kept[role])

    def _read(self, name: str) -> dict[str, Any]:
        path = self.root / name
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _write(self, name: str, content: object) -> None:
        write_whole(self.root / name, json.dumps(content, indent=1))


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replaces a file in one step: no reader ever sees half of it. By default only its owner can read it."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.touch(mode)
    beside.write_text(text)
    beside.replace(path)
