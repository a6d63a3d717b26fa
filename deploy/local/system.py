"""Kafka, PostgreSQL and our programs of one run directory: `start` goes in order, `stop` in reverse."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from contracts.access import STATE, Role
from contracts.catalog import SERVICES
from deploy.local.component import Component
from deploy.local.console import console_settings
from deploy.local.home import WELL_KNOWN, Home
from deploy.local.intake import intake_settings
from deploy.local.issuer import Issuer
from deploy.local.kafka import Kafka
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import Postgres
from deploy.local.program import ProgramProcess
from deploy.local.service import ServiceProcess
from deploy.local.waiting import run_blocking
from deploy.seeding import Seed, calendars, registrations, seed
from deploy.topics import create_topics, system_topics

_OTHERS = {"issuer": "deploy.issuer.app", "intake": "intake.app", "console": "console.app"}
"""The programs that start after the services, in the order of starting, with their modules."""

Report = Callable[[str, str, str], None]
"""Called at each change with a component's name, its state (one word) and a detail."""


def _ignore(component: str, state: str, detail: str = "") -> None:
    """The report of a caller that wants none."""


class System:
    """The components by name, in the order of their start. The constructor chooses the ports.

    `programs`: which of `PROGRAMS`. `still_running`: components whose processes already run, and whose ports
    therefore stay.
    """

    def __init__(
        self,
        home: Home,
        programs: Sequence[str] = SERVICES,
        *,
        partitions: int | None = None,
        still_running: Collection[str] = (),
        dies_with_parent: bool = False,
    ) -> None:
        home.make()
        self.home = home
        self.partitions = partitions
        self.ports = home.ports(_names_of_ports(programs), _names_of_ports(programs, still_running))
        self.issuer = Issuer(home)
        self.kafka = Kafka(
            home.root / "kafka",
            self.ports["kafka"],
            self.ports["kafka-controller"],
            log=home.log("kafka"),
            dies_with_parent=dies_with_parent,
        )
        self.postgres = Postgres(
            home.root / "postgres",
            self.ports["postgres"],
            log=home.log("postgres"),
            dies_with_parent=dies_with_parent,
        )
        self.services = {
            name: ServiceProcess(
                name,
                self.ports[name],
                self._settings(name),
                home.log(name),
                dies_with_parent=dies_with_parent,
            )
            for name in programs
            if name in SERVICES
        }
        self.others = {
            name: ProgramProcess(
                name,
                module,
                self.ports[name],
                self._settings_of(name),
                home.log(name),
                dies_with_parent=dies_with_parent,
            )
            for name, module in _OTHERS.items()
            if name in programs
        }

    @property
    def components(self) -> dict[str, Component]:
        """Every component, in the order of starting."""
        return {"kafka": self.kafka, "postgres": self.postgres, **self._programs}

    @property
    def _programs(self) -> dict[str, ProgramProcess]:
        return {**self.services, **self.others}

    @property
    def _with_database(self) -> dict[str, ProgramProcess]:
        return {name: program for name, program in self._programs.items() if name != "issuer"}

    def start(self, report: Report = _ignore) -> None:
        """Launches each component that does not run yet, and returns when every component serves.

        Failure: one component does not. The others keep running until `stop`.
        """
        self.issuer.make_keys()
        self._launch_kafka(report)
        self._start_postgres(report)
        self._migrate(report)
        self._finish_kafka(report)
        _start_together(list(self.services.values()), report)
        self._seed(report)
        _start_together(list(self.others.values()), report)

    def stop(self, report: Report = _ignore) -> None:
        """Ends the other programs, then the services, PostgreSQL and Kafka. Returns when all have ended."""
        for group in (self.others.values(), self.services.values(), [self.postgres], [self.kafka]):
            _stop_together(list(group), report)

    def database_url(self, program: str) -> str:
        """The URL of a program's database, with the program's role and password."""
        name = f"ser_{program}"
        return self.postgres.url(name, name, self.home.password(name))

    def _settings(self, service: str) -> dict[str, str]:
        attachments = os.environ.get("SER_ATTACHMENTS_STORE") or (self.home.root / "attachments").as_uri()
        return {
            "SER_ATTACHMENTS_STORE": attachments,
            "SER_KAFKA": self.kafka.bootstrap,
            "SER_DATABASE": self.database_url(service),
            "SER_TOKEN_KEYS": str(self.issuer.keys),
        }

    def _settings_of(self, name: str) -> dict[str, str]:
        if name == "console":
            return console_settings(self.home, self.ports, self.database_url(name))
        if name == "intake":
            return self._settings(name) | intake_settings(self.home, self.ports)
        console = self.ports.get("console", WELL_KNOWN["console"])
        return {
            "SER_HOME": str(self.home.root),
            "SER_ISSUER_PORT": str(self.ports[name]),
            "SER_ISSUER_CONSOLE": f"http://{LOOPBACK}:{console}",
        }

    def _seed(self, report: Report) -> None:
        """Registers the school sites and publishes the calendars, unless that has been done already."""
        seeds: Mapping[str, tuple[str, Callable[[], Sequence[Seed]]]] = {
            "jurisdiction": ("school sites", registrations),
            "ieps": ("calendars", calendars),
        }
        for name, (what, commands) in seeds.items():
            if (service := self.services.get(name)) is not None:
                report(name, what, "")
                token = self.issuer.token(STATE, (Role.STATE,), "seeds")
                run_blocking(seed(service.url, token, commands()))
                report(name, "ready", service.url)

    def _launch_kafka(self, report: Report) -> None:
        def show_progress(done: int, total: int) -> None:
            report("kafka", "preparing", f"jar {done} of {total}")

        report("kafka", "preparing", "")
        if not self.kafka.process.alive:
            self.kafka.launch(show_progress)
        report("kafka", "starting", "")

    def _finish_kafka(self, report: Report) -> None:
        self.kafka.wait()
        report("kafka", "topics", "")
        topics = system_topics(os.environ.get("SER_TOPIC_PREFIX", ""), self.partitions)
        run_blocking(create_topics(self.kafka.bootstrap, topics))
        report("kafka", "ready", self.kafka.bootstrap)

    def _start_postgres(self, report: Report) -> None:
        report("postgres", "starting", "")
        if not self.postgres.process.alive:
            self.postgres.launch()
        self.postgres.wait()
        report("postgres", "databases", "")
        for program in self._with_database:
            name = f"ser_{program}"
            self.postgres.create(name, name, self.home.password(name))
        report("postgres", "ready", f"127.0.0.1:{self.postgres.port}")

    def _migrate(self, report: Report) -> None:
        to_launch = [program for program in self._with_database.values() if not program.process.alive]
        for program in to_launch:
            report(program.name, "migrating", "")
            program.start_migrating()
        for program in to_launch:
            program.finish_migrating()
            report(program.name, "migrated", "")


def _start_together(programs: Sequence[ProgramProcess], report: Report) -> None:
    for program in programs:
        report(program.name, "starting", "")
        if not program.process.alive:
            program.launch()
    for program in programs:
        program.wait()
        report(program.name, "ready", program.url)


def _names_of_ports(programs: Sequence[str], running: Collection[str] | None = None) -> list[str]:
    """The names under which ports are kept: of all components, or of those that run. Kafka has two ports."""
    names = [name for name in ("kafka", "postgres", *programs) if running is None or name in running]
    return [*names, "kafka-controller"] if "kafka" in names else names


def _stop_together(components: Sequence[Component], report: Report) -> None:
    for component in components:
        report(component.name, "stopping", "")
    with ThreadPoolExecutor(len(components) or 1) as pool:
        for component, _ in zip(
            components, pool.map(lambda component: component.stop(), components), strict=True
        ):
            report(component.name, "stopped", "")
