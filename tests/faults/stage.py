"""A system of the faults' own: real servers, five services, and a proxy on every way between them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from contracts.catalog import SERVICES
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.postgres import plain
from deploy.local.service import ServiceProcess
from deploy.local.system import System
from tests.faults.fronted import FrontedKafka
from tests.faults.proxy import Loop, Proxy

_HOLD_SECONDS = 30
_SESSION_MS = 3_000
_DATABASE_SECONDS = 20

PATIENCE_SECONDS = 90.0


async def lasting(seconds: float) -> None:
    """How long a fault lasts."""
    await asyncio.sleep(seconds)


async def until(look: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """What `look` finds, as soon as that is something; the test fails if it is nothing for too long."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Stage:
    """One system. A service reaches Kafka and PostgreSQL by the proxies that bear its name."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, well_known=False)
        self.system = System(self.home, dies_with_parent=True)
        self.bootstrap = self.system.kafka.bootstrap
        self._loop = Loop()
        taken = set(self.system.ports.values())
        self._doors = {name: (_port(taken), _port(taken)) for name in SERVICES}
        self.kafka = {
            name: Proxy(self._loop, behind, before, framed=True)
            for name, (behind, before) in self._doors.items()
        }
        self.postgres = {
            name: Proxy(self._loop, self.system.postgres.port, _port(taken)) for name in SERVICES
        }
        self.restarts = 0
        self.families: set[int] = set()
        self._beside: list[ServiceProcess] = []
        self._started = 1
        self._taken = taken

    def start(self) -> None:
        """Returns when all is ready."""
        system = self.system
        ports = system.ports["kafka"], system.ports["kafka-controller"]
        system.kafka = FrontedKafka(self.home.root / "kafka", *ports, self._doors, self.home.log("kafka"))
        for proxy in (*self.kafka.values(), *self.postgres.values()):
            proxy.start()
        for name in SERVICES:
            system.services[name] = self.service(name, system.ports[name])
        system.start()

    def stop(self) -> None:
        """Ends everything that was started here, at once: nothing of it is wanted any more."""
        for member in self._beside:
            member.kill()
        for part in reversed(self.system.components.values()):
            part.kill()
        for proxy in (*self.kafka.values(), *self.postgres.values()):
            proxy.stop()
        self._loop.stop()

    @property
    def services(self) -> dict[str, ServiceProcess]:
        return self.system.services

    def service(self, name: str, port: int, log: str = "", **more: str) -> ServiceProcess:
        """A process of a service, not yet launched; `more` is added to its environment."""
        url = self.system.database_url(name)
        settings = {
            "SER_KAFKA": f"{LOOPBACK}:{self.kafka[name].port}",
            "SER_DATABASE": url.replace(f":{self.system.postgres.port}/", f":{self.postgres[name].port}/"),
            "SER_TOKEN_KEYS": str(self.system.issuer.keys),
            "SER_HOLD_SECONDS": str(_HOLD_SECONDS),
            "SER_SESSION_TIMEOUT_MS": str(_SESSION_MS),
            "SER_DATABASE_SECONDS": str(_DATABASE_SECONDS),
        }
        return ServiceProcess(name, port, settings | more, self.home.log(log or name), dies_with_parent=True)

    def beside(self, name: str, **more: str) -> ServiceProcess:
        """Another process of a service, launched; `more` is added to its environment."""
        member = self.another(name, **more)
        member.launch()
        return member

    def another(self, name: str, **more: str) -> ServiceProcess:
        """Another process of a service, not yet launched, and ended with the stage at the latest."""
        self._started += 1
        member = self.service(name, _port(self._taken), f"{name}-{self._started}", **more)
        self._beside.append(member)
        return member

    def heal(self) -> None:
        """After a family of faults, whatever came of it: the ways are free, and the five services alone."""
        for proxy in (*self.kafka.values(), *self.postgres.values()):
            proxy.behave()
        while self._beside:
            member = self._beside.pop()
            member.process.resume()
            member.kill()
        for part in self.system.components.values():
            part.process.resume()
            if not part.process.alive:
                part.launch()

    def kill(self, names: Iterable[str]) -> int:
        """SIGKILL, all at once as far as that goes; says how many there were."""
        chosen = [self.services[name] for name in names]
        for service in chosen:
            service.process.kill()
        return len(chosen)

    def launch(self, names: Iterable[str]) -> None:
        """Starts them again; returns before they are ready."""
        for name in names:
            self.services[name].launch()

    async def ready(self, names: Iterable[str] = SERVICES) -> None:
        """Returns when these services are ready."""
        for name in names:
            await asyncio.to_thread(self.services[name].wait, PATIENCE_SECONDS)

    def tend(self) -> None:
        """What a supervisor does: a service that has ended by itself is started again."""
        for service in self.services.values():
            if not service.process.alive:
                service.launch()
                self.restarts += 1

    @asynccontextmanager
    async def tended(self) -> AsyncIterator[None]:
        """Inside: whatever service ends by itself is started again."""

        async def tend() -> None:
            while True:
                self.tend()
                await asyncio.sleep(0.2)

        tending = asyncio.create_task(tend())
        try:
            yield
        finally:
            tending.cancel()

    def logs(self) -> list[Path]:
        """Everything any part has written for people to read."""
        return sorted((self.home.root / "logs").glob("*.log"))

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a service's database, as the superuser and by no proxy."""
        url = plain(self.system.postgres.url(f"ser_{service}"))
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """Kafka's administrator, by no proxy."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


@contextmanager
def stage_at(root: Path) -> Iterator[Stage]:
    """A system, running; nothing is left of it afterwards but its logs."""
    stage = Stage(root)
    try:
        stage.start()
        yield stage
    finally:
        stage.stop()
        for server in ("kafka", "postgres"):
            shutil.rmtree(root / server, ignore_errors=True)


def _port(taken: set[int]) -> int:
    port = free_port(taken)
    taken.add(port)
    return port
