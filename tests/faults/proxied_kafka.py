"""Kafka with its own listener for each service, behind a proxy that the test controls."""

from collections.abc import Mapping
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.ports import LOOPBACK

# Kafka may remove a killed member from its group after 1 second; its default is 6 seconds.
_QUICK = "group.min.session.timeout.ms=1000\n"


class ProxiedKafka(Kafka):
    """Kafka that tells each service to connect through the proxy of this service.

    `listeners`: for each service the port on which Kafka listens, and the port of the proxy, which Kafka
    advertises.
    """

    def __init__(
        self, home: Path, port: int, controller_port: int, listeners: Mapping[str, tuple[int, int]], log: Path
    ) -> None:
        super().__init__(home, port, controller_port, log=log, dies_with_parent=True)
        self._listeners = listeners

    def _write_settings(self) -> None:
        """Appends the listeners. If a setting is there twice, Kafka uses the last one."""
        super()._write_settings()
        own = f"CLIENTS://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}"
        listeners = {
            name: f"{name.upper()}://{LOOPBACK}:{port}" for name, (port, _) in self._listeners.items()
        }
        advertised = {
            name: f"{name.upper()}://{LOOPBACK}:{port}" for name, (_, port) in self._listeners.items()
        }
        protocols = ",".join(
            f"{name}:PLAINTEXT" for name in ("CLIENTS", "CONTROLLER", *map(str.upper, self._listeners))
        )
        with self._properties.open("a") as settings:
            settings.write(f"listeners={own},{','.join(listeners.values())}\n")
            settings.write(f"advertised.listeners={own},{','.join(advertised.values())}\n")
            settings.write(f"listener.security.protocol.map={protocols}\n{_QUICK}")
