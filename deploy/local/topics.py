"""Kafka's topics: made once, by name, with what each needs."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from deploy.local.blocking import blocking
from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK

_ALREADY_EXISTS = 36
_REQUEST_MS = 30_000


@dataclass(frozen=True)
class Topic:
    """A topic and how it is kept. Nothing expires unless settings say so: the topics are the record."""

    name: str
    partitions: int
    settings: dict[str, str] = field(default_factory=lambda: {"retention.ms": "-1"})


async def create_topics(bootstrap: str, topics: Iterable[Topic], copies: int = 1) -> list[str]:
    """Makes the topics that are missing and returns their names. Failure: Kafka refused one."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    await admin.start()
    try:
        wanted = [NewTopic(t.name, t.partitions, copies, topic_configs=t.settings) for t in topics]
        answer = await admin.create_topics(wanted, timeout_ms=_REQUEST_MS)
    finally:
        await admin.close()
    return [name for name, code, reason in answer.topic_errors if _is_new(name, code, reason)]


def serves(port: int) -> bool:
    """Whether the Kafka on this loopback port answers clients and has taken its place in its cluster."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return blocking(_has_brokers(f"{LOOPBACK}:{port}"))


async def _has_brokers(bootstrap: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()


def _is_new(name: str, code: int, reason: str | None) -> bool:
    if code not in (0, _ALREADY_EXISTS):
        raise Failure(
            f"Kafka refused to make the topic {name}: {for_code(code).__name__} {reason or ''}.",
            "The whole reason is in Kafka's log.",
        )
    return code == 0
