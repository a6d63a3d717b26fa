"""Runs one of the five services as a process of this machine."""

from collections.abc import Mapping
from pathlib import Path

from deploy.local.ports import LOOPBACK
from deploy.local.program import ProgramProcess


class ServiceProcess(ProgramProcess):
    """The process of the program `services.NAME.app`. `settings`: its environment (SER_…)."""

    def __init__(
        self,
        name: str,
        port: int,
        settings: Mapping[str, str],
        log: Path,
        *,
        dies_with_parent: bool = False,
    ) -> None:
        where = {"SER_HTTP_HOST": LOOPBACK, "SER_HTTP_PORT": str(port)}
        module = f"services.{name}.app"
        super().__init__(name, module, port, {**settings, **where}, log, dies_with_parent=dies_with_parent)
