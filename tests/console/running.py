"""One whole system for all tests of the console: real servers, five services, the issuer, the console."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.catalog import SERVICES
from deploy.local.component import Component
from deploy.local.console import console_settings
from deploy.local.home import TREE, Home
from deploy.local.intake import intake_settings
from deploy.local.ports import LOOPBACK
from deploy.local.program import ProgramProcess
from deploy.local.service import ServiceProcess
from deploy.local.system import System

_HOLD_SECONDS = 3_600
"""How long the services hold a command here: longer than the tests take."""

_OTHERS = ("issuer", "intake", "console")


class ConsoleSystem:
    """The components on free ports. Tests kill some of them; `repair` starts those again."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, well_known=False)
        self.local = System(self.home, SERVICES, dies_with_parent=True)
        self.local.services = {name: self._service(name) for name in SERVICES}
        self.ports = self.home.ports(_OTHERS)
        self.console = self.new_console(self.ports["console"])
        self.issuer = self._program("issuer", "deploy.issuer.app", self._issuer_settings())
        self.intake = self._program("intake", "intake.app", self._intake_settings())

    @property
    def url(self) -> str:
        """The console's address."""
        return f"http://{LOOPBACK}:{self.ports['console']}"

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the services."""
        return {name: service.url for name, service in self.local.services.items()}

    @property
    def components(self) -> dict[str, Component]:
        """Every component, in the order of starting."""
        return {
            **self.local.components,
            "issuer": self.issuer,
            "intake": self.intake,
            "console": self.console,
        }

    def database_url(self) -> str:
        """The console's database."""
        name = "ser_console"
        return self.local.postgres.url(name, name, self.home.password(name))

    def console_settings(self) -> dict[str, str]:
        """The console's environment."""
        return console_settings(self.home, self.local.ports | self.ports, self.database_url())

    def rest(self) -> None:
        """Start the console again: it then counts everybody's pages from zero."""
        self.kill("console")
        self.repair()

    def new_console(self, port: int, **more: str) -> ProgramProcess:
        """A process of the console, not yet launched; `more` is added to its environment."""
        own = {"SER_CONSOLE_PORT": str(port), "SER_CONSOLE_URL": f"http://{LOOPBACK}:{port}"}
        settings = self.console_settings() | own | more
        log = self.home.log("console" if port == self.ports["console"] else f"console-{port}")
        return ProgramProcess("console", "console.app", port, settings, log, dies_with_parent=True)

    def start(self) -> None:
        """Starts everything; returns when all of it is ready."""
        self.local.start()
        for name in ("ser_intake", "ser_console"):
            self.local.postgres.create(name, name, self.home.password(name))
        own = (self.intake, self.console)
        for program in own:
            program.start_migrating()
        self.issuer.launch()
        for program in own:
            program.finish_migrating()
            program.launch()
        self.wait(_OTHERS)

    def stop(self) -> None:
        """Kills everything that was started here."""
        for component in reversed(self.components.values()):
            component.kill()

    def kill(self, *names: str) -> None:
        """Kills components, as a crash would."""
        for name in names:
            self.components[name].kill()

    def repair(self) -> None:
        """Starts each ended component again; returns when all of them are ready."""
        ended = [name for name, component in self.components.items() if not component.process.alive]
        for name in ended:
            self.components[name].launch()
        self.wait(self.components if ended else ())

    def wait(self, names: Iterable[str]) -> None:
        """Returns when these components serve. Failure: one of them does not."""
        for name in names:
            self.components[name].wait()

    def logs(self) -> list[Path]:
        """The logs of all components."""
        return sorted((self.home.root / "logs").glob("*.log"))

    def _service(self, name: str) -> ServiceProcess:
        settings = {
            "SER_KAFKA": self.local.kafka.bootstrap,
            "SER_DATABASE": self.local.database_url(name),
            "SER_TOKEN_KEYS": str(self.local.issuer.keys),
            "SER_HOLD_SECONDS": str(_HOLD_SECONDS),
            "SER_ATTACHMENTS_STORE": (self.home.root / "attachments").as_uri(),
        }
        port, log = self.local.ports[name], self.home.log(name)
        return ServiceProcess(name, port, settings, log, dies_with_parent=True)

    def _program(self, name: str, module: str, settings: dict[str, str]) -> ProgramProcess:
        port, log = self.ports[name], self.home.log(name)
        return ProgramProcess(name, module, port, settings, log, dies_with_parent=True)

    def _intake_settings(self) -> dict[str, str]:
        own = {"SER_KAFKA": self.local.kafka.bootstrap, "SER_DATABASE": self.local.database_url("intake")}
        keys = {"SER_TOKEN_KEYS": str(self.local.issuer.keys)}
        return own | keys | intake_settings(self.home, self.local.ports | self.ports)

    def _issuer_settings(self) -> dict[str, str]:
        return {
            "SER_HOME": str(self.home.root),
            "SER_ISSUER_PORT": str(self.ports["issuer"]),
            "SER_ISSUER_CONSOLE": self.url,
        }


@contextmanager
def console_system(root: Path) -> Iterator[ConsoleSystem]:
    """Inside: the system runs. At the end only its logs stay."""
    system = ConsoleSystem(root)
    try:
        system.start()
        yield system
    finally:
        system.stop()
        for server in ("kafka", "postgres"):
            shutil.rmtree(root / server, ignore_errors=True)


def screens_folder() -> Path:
    """Where a run leaves a picture of every screen: `.ser/screens`."""
    folder = Path(os.environ.get("SER_HOME") or TREE / ".ser") / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
