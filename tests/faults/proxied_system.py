"""A system for tests of faults: real servers, five services, and a proxy between each service and server."""

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
from tests.faults.proxied_kafka import ProxiedKafka
from tests.faults.proxy import Loop, Proxy

_HOLD_SECONDS = 30
_SESSION_MS = 3_000
_DATABASE_SECONDS = 20

TIMEOUT_SECONDS = 90.0


async def wait_seconds(seconds: float) -> None:
    """Waits while a fault lasts."""
    await asyncio.sleep(seconds)


async def until(look: Callable[[], Any], what: str, seconds: float = TIMEOUT_SECONDS) -> Any:
    """The first true result of `look`. The test fails if there is none within `seconds`."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class ProxiedSystem:
    """One system. Each service has its own proxies to Kafka and PostgreSQL."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, well_known=False)
        self.local = System(self.home, dies_with_parent=True)
        self.bootstrap = self.local.kafka.bootstrap
        self._loop = Loop()
        taken = set(self.local.ports.values())
        self._listeners = {name: (_port(taken), _port(taken)) for name in SERVICES}
        self.kafka = {
            name: Proxy(self._loop, behind, before, is_kafka=True)
            for name, (behind, before) in self._listeners.items()
        }
        self.postgres = {name: Proxy(self._loop, self.local.postgres.port, _port(taken)) for name in SERVICES}
        self.restarts = 0
        self.families: set[int] = set()
        self._others: list[ServiceProcess] = []
        self._started = 1
        self._taken = taken

    def start(self) -> None:
        """Starts everything; returns when all services are ready."""
        local = self.local
        ports = local.ports["kafka"], local.ports["kafka-controller"]
        local.kafka = ProxiedKafka(self.home.root / "kafka", *ports, self._listeners, self.home.log("kafka"))
        for proxy in (*self.kafka.values(), *self.postgres.values()):
            proxy.start()
        for name in SERVICES:
            local.services[name] = self.service(name, local.ports[name])
        local.start()

    def stop(self) -> None:
        """Kills everything that was started here."""
        for member in self._others:
            member.kill()
        for component in reversed(self.local.components.values()):
            component.kill()
        for proxy in (*self.kafka.values(), *self.postgres.values()):
            proxy.stop()
        self._loop.stop()

    @property
    def services(self) -> dict[str, ServiceProcess]:
        return self.local.services

    def service(self, name: str, port: int, log: str = "", **more: str) -> ServiceProcess:
        """A process of a service, not yet launched; `more` is added to its environment."""
        url = self.local.database_url(name)
        settings = {
            "SER_KAFKA": f"{LOOPBACK}:{self.kafka[name].port}",
            "SER_DATABASE": url.replace(f":{self.local.postgres.port}/", f":{self.postgres[name].port}/"),
            "SER_TOKEN_KEYS": str(self.local.issuer.keys),
            "SER_HOLD_SECONDS": str(_HOLD_SECONDS),
            "SER_SESSION_TIMEOUT_MS": str(_SESSION_MS),
            "SER_DATABASE_SECONDS": str(_DATABASE_SECONDS),
        }
        return ServiceProcess(name, port, settings | more, self.home.log(log or name), dies_with_parent=True)

    def launch_another(self, name: str, **more: str) -> ServiceProcess:
        """Another process of a service, launched; `more` is added to its environment."""
        member = self.new_process(name, **more)
        member.launch()
        return member

    def new_process(self, name: str, **more: str) -> ServiceProcess:
        """Another process of a service, not yet launched. It ends with the system at the latest."""
        self._started += 1
        member = self.service(name, _port(self._taken), f"{name}-{self._started}", **more)
        self._others.append(member)
        return member

    def repair(self) -> None:
        """Resets all proxies, kills extra processes, and starts every ended component."""
        for proxy in (*self.kafka.values(), *self.postgres.values()):
            proxy.behave()
        while self._others:
            member = self._others.pop()
            member.process.resume()
            member.kill()
        for component in self.local.components.values():
            component.process.resume()
            if not component.process.alive:
                component.launch()

    def kill(self, names: Iterable[str]) -> int:
        """Sends SIGKILL to these services; returns their number."""
        chosen = [self.services[name] for name in names]
        for service in chosen:
            service.process.kill()
        return len(chosen)

    def launch(self, names: Iterable[str]) -> None:
        """Starts services; returns before they are ready."""
        for name in names:
            self.services[name].launch()

    async def ready(self, names: Iterable[str] = SERVICES) -> None:
        """Returns when these services are ready."""
        for name in names:
            await asyncio.to_thread(self.services[name].wait, TIMEOUT_SECONDS)

    def restart_ended(self) -> None:
        """Starts each ended service again, as a supervisor does."""
        for service in self.services.values():
            if not service.process.alive:
                service.launch()
                self.restarts += 1

    @asynccontextmanager
    async def restarting(self) -> AsyncIterator[None]:
        """Inside: starts each service again that ends by itself."""

        async def restart() -> None:
            while True:
                self.restart_ended()
                await asyncio.sleep(0.2)

        restarting = asyncio.create_task(restart())
        try:
            yield
        finally:
            restarting.cancel()

    def logs(self) -> list[Path]:
        """The logs of all components."""
        return sorted((self.home.root / "logs").glob("*.log"))

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a service's database, as superuser and without a proxy."""
        url = plain(self.local.postgres.url(f"ser_{service}"))
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """An administrative connection to Kafka, without a proxy."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


@contextmanager
def system_at(root: Path) -> Iterator[ProxiedSystem]:
    """Inside: the system runs. At the end only its logs stay."""
    system = ProxiedSystem(root)
    try:
        system.start()
        yield system
    finally:
        system.stop()
        for server in ("kafka", "postgres"):
            shutil.rmtree(root / server, ignore_errors=True)


def _port(taken: set[int]) -> int:
    port = free_port(taken)
    taken.add(port)
    return port
