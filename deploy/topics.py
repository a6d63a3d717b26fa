"""Creates Kafka's topics from the catalog of messages, with the settings in `contracts.topics`.

`python -m deploy.topics` creates the topics of the whole system at SER_KAFKA. It fails if a topic exists with
other settings. `python -m deploy.topics --add-partitions 48` gives each of them more partitions.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import KafkaError, for_code

from contracts.catalog import SERVICES, Kind
from contracts.catalog import topics as catalog_topics
from contracts.topics import kinds, topic_settings, wrong_partitions, wrong_settings
from deploy.local.failure import Failure
from services.chassis.reading.cluster import Cluster, group_of

PARTITIONS = 24
"""How many processes of one service can share the work of a deployed system, unless SER_PARTITIONS says
otherwise."""

PARTITIONS_ON_ONE_MACHINE = 4

_ALREADY_EXISTS = 36
_REQUEST_MS = 30_000
_MOST_RETRIES = 100
_RETRY_SECONDS = 0.1

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Topic:
    """A topic to create."""

    name: str
    partitions: int = PARTITIONS_ON_ONE_MACHINE
    kind: Kind = Kind.EVENT


def system_topics(prefix: str = "", partitions: int | None = None) -> list[Topic]:
    """Every topic of the system, under a prefix. The number of partitions comes from the caller, else from
    SER_PARTITIONS, else it is the number for one machine."""
    count = partitions or int(os.environ.get("SER_PARTITIONS", PARTITIONS_ON_ONE_MACHINE))
    return [Topic(name, count, kind) for name, kind in kinds(prefix).items()]


async def create_topics(bootstrap: str, topics: Sequence[Topic], copies: int = 1) -> list[str]:
    """Creates the missing topics and returns their names. Failure: Kafka refuses one, or a topic exists with
    other settings or another number of partitions."""
    wanted = [
        NewTopic(t.name, t.partitions, copies, topic_configs=topic_settings(t.kind, copies)) for t in topics
    ]
    async with _admin(bootstrap) as admin:
        answer = await admin.create_topics(wanted, timeout_ms=_REQUEST_MS)
    made = [name for name, code, reason in answer.topic_errors if _is_new(name, code, reason)]
    if len(made) < len(topics):
        await _check(bootstrap, [topic for topic in topics if topic.name not in made])
    return made


def _is_new(name: str, code: int, reason: str | None) -> bool:
    if code not in (0, _ALREADY_EXISTS):
        raise Failure(
            f"Kafka refused to make the topic {name}: {for_code(code).__name__} {reason or ''}.",
            "The whole reason is in Kafka's log.",
        )
    return code == 0


async def _check(bootstrap: str, topics: Iterable[Topic]) -> None:
    """Failure: a topic has wrong settings or a wrong number of partitions."""
    wanted = {topic.name: topic for topic in topics}
    async with _cluster(bootstrap) as cluster:
        found = await cluster.found(wanted)
    settings = [wrong for topic in found for wrong in wrong_settings(topic, wanted[topic.name].kind)]
    counts = [wrong for topic in found for wrong in wrong_partitions(topic, wanted[topic.name].partitions)]
    if settings:
        raise Failure(
            " ".join(settings + counts),
            "Change each setting by Kafka's own kafka-configs.sh (--alter --add-config NAME=VALUE), or begin"
            " with an empty Kafka. Records written before keep the timestamp and the codec that they have.",
        )
    if counts:
        raise Failure(
            " ".join(counts),
            "This command adds no partitions. Set SER_PARTITIONS to the present number, or add some with"
            " `python -m deploy.topics --add-partitions NUMBER`.",
        )


async def add_partitions(bootstrap: str, count: int, prefix: str = "") -> int:
    """Gives every topic `count` partitions and returns how many each had.

    More partitions move keys: a student's next command may be in another partition than the last one. If a
    service has not read the last one yet, it could decide the next one first. Failure: a service has unread
    records, or the count is not a multiple of the present one.
    """
    names = catalog_topics(prefix)
    async with _cluster(bootstrap) as cluster:
        before = {topic.name: topic.partitions for topic in await cluster.found(names)}
    _refuse_odd(count, before, names)
    await _refuse_unread(bootstrap, prefix)
    present = min(before.values())
    more = {name: NewPartitions(count) for name, there in before.items() if there < count}
    if more:
        async with _admin(bootstrap) as admin:
            await admin.create_partitions(more, timeout_ms=_REQUEST_MS)
    return present


def _refuse_odd(count: int, before: dict[str, int], names: Iterable[str]) -> None:
    if missing := sorted(set(names) - before.keys()):
        raise Failure(f"There is no topic {missing[0]}.", "Make the topics first: python -m deploy.topics")
    for name, there in before.items():
        if count < there or count % there:
            raise Failure(
                f"{name} has {there} partitions, which cannot become {count}.",
                f"Choose a multiple, such as {2 * there}: then each key stays where it is or moves to a new"
                " partition. Partitions are never taken away.",
            )


async def _refuse_unread(bootstrap: str, prefix: str) -> None:
    """Failure: a service has unread records."""
    for name in SERVICES:
        topics = import_module(f"services.{name}.app").SERVICE.topics(prefix)
        async with _cluster(bootstrap, topics) as cluster:
            reached = await _retried(partial(cluster.committed, group_of(name, prefix)))
            ends = await _retried(partial(cluster.ends, cluster.places))
        unread = {place: end - reached.get(place, 0) for place, end in ends.items()}
        if waiting := sum(unread.values()):
            worst = max(unread, key=lambda place: unread[place])
            raise Failure(
                f"{name} has still to read {waiting} records, such as those of {worst.topic}.",
                "Stop all senders, let the services run until their lag is 0, then try again.",
            )


async def _retried(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Kafka's answer, retried for 10 s: a new broker or a new topic may not be ready yet."""
    for _ in range(_MOST_RETRIES):
        try:
            return await ask()
        except KafkaError as failure:
            if not failure.retriable:
                raise
        await asyncio.sleep(_RETRY_SECONDS)
    return await ask()


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _cluster(bootstrap: str, topics: Sequence[str] = ()) -> AsyncIterator[Cluster]:
    cluster = Cluster(bootstrap, "ser-topics", topics)
    await cluster.start()
    try:
        yield cluster
    finally:
        await cluster.stop()


def moved(before: int, after: int) -> str:
    """The next steps for the operator after adding partitions."""
    return (
        f"Each topic has {after} partitions now; it had {before}. Keys have moved. Before senders go on:\n"
        f"start the services again with SER_EARLIER_PARTITIONS={before} (a comma between several), so that\n"
        "they read older records where their keys belonged then; and start the senders again, so that they\n"
        "know of the new partitions."
    )


def main() -> None:
    """Creates the topics at SER_KAFKA, by SER_TOPIC_PREFIX, SER_PARTITIONS and SER_REPLICATION (copies)."""
    parser = argparse.ArgumentParser(prog="deploy.topics", description=main.__doc__)
    parser.add_argument("--add-partitions", type=int, metavar="NUMBER", help="how many each topic is to have")
    count, kafka = parser.parse_args().add_partitions, os.environ["SER_KAFKA"]
    prefix = os.environ.get("SER_TOPIC_PREFIX", "")
    try:
        if count:
            print(moved(asyncio.run(add_partitions(kafka, count, prefix)), count))
            return
        topics = system_topics(prefix, int(os.environ.get("SER_PARTITIONS", PARTITIONS)))
        copies = int(os.environ.get("SER_REPLICATION", "1"))
        made = asyncio.run(create_topics(kafka, topics, copies))
        print(f"{len(made)} topics made, {len(topics) - len(made)} were there")
    except KafkaError as failure:
        sys.exit(f"Kafka at {kafka} does not answer: {type(failure).__name__}.")
    except Failure as failure:
        sys.exit(f"{failure.what}\n{failure.remedy}")


if __name__ == "__main__":
    main()
