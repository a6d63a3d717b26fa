"""Kafka with a door of its own for each service, behind a proxy that the test can make misbehave."""

from collections.abc import Mapping
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.ports import LOOPBACK

# A member that was killed may be given up sooner than Kafka's usual six seconds.
_QUICK = "group.min.session.timeout.ms=1000\n"


class FrontedKafka(Kafka):
    """Whoever comes by a door is told to come back by it.

    `doors`: for each service the port on which Kafka listens for it, and the proxy's port that it says.
    """

    def __init__(
        self, home: Path, port: int, controller_port: int, doors: Mapping[str, tuple[int, int]], log: Path
    ) -> None:
        super().__init__(home, port, controller_port, log=log, dies_with_parent=True)
        self._doors = doors

    def _write_settings(self) -> None:
        """Of a setting that is given twice, Kafka takes the last."""
        super()._write_settings()
        own = f"CLIENTS://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}"
        heard = {name: f"{name.upper()}://{LOOPBACK}:{port}" for name, (port, _) in self._doors.items()}
        said = {name: f"{name.upper()}://{LOOPBACK}:{port}" for name, (_, port) in self._doors.items()}
        protocols = ",".join(
            f"{name}:PLAINTEXT" for name in ("CLIENTS", "CONTROLLER", *map(str.upper, self._doors))
        )
        with self._properties.open("a") as settings:
            settings.write(f"listeners={own},{','.join(heard.values())}\n")
            settings.write(f"advertised.listeners={own},{','.join(said.values())}\n")
            settings.write(f"listener.security.protocol.map={protocols}\n{_QUICK}")
