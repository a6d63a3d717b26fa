"""`ser tail`: the messages on the topics, one line per message, with any bytes."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from rich.text import Text

from contracts.catalog import topics as catalog_topics
from deploy.cli.screen import colour_of, err, out
from deploy.local.command_line import ser
from deploy.local.failure import Failure

# Headers that the line has elsewhere. The token is hidden, because an onlooker could use it.
_HIDDEN = {
    "ce_specversion",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_source",
    "ce_dataschema",
    "content-type",
    "token",
}


async def follow(
    bootstrap: str, wanted: Sequence[str], *, prefix: str, oldest: bool, count: int | None
) -> None:
    """Prints messages as they arrive, from the oldest or from now. Failure: a topic is unknown."""
    names = topics_named(wanted, await _known(bootstrap), prefix)
    consumer = AIOKafkaConsumer(
        *names,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest" if oldest else "latest",
    )
    async with consumer:
        many = f"{len(names)} topics" if len(names) > 1 else names[0]
        err.print(f"[dim]Following {many}; Ctrl-C ends.[/]", soft_wrap=True)
        printed = 0
        while count is None or printed < count:
            record = await consumer.getone()
            out.print(line(record, prefix), soft_wrap=True)
            printed += 1


def line(record: Any, prefix: str = "") -> Text:
    """A message as one line: time, topic, place, key, some headers, body."""
    topic = record.topic.removeprefix(prefix)
    text = Text(f"{datetime.fromtimestamp(record.timestamp / 1000, UTC):%H:%M:%S.%f}"[:-3] + " ", "dim")
    text.append(f"{topic} ", f"bold {colour_of(topic)}")
    text.append(f"{record.partition}/{record.offset} ", "dim")
    text.append(f"{_readable(record.key)} ", "bold")
    for name, value in _shown(record.headers):
        text.append(f"{name}=", "dim").append(f"{value} ", "blue")
    return text.append(_compact(record.value))


async def _known(bootstrap: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


def topics_named(wanted: Sequence[str], known: Collection[str], prefix: str) -> list[str]:
    """The chosen topics, or all of the catalog. Failure: a topic is missing."""
    catalogued = [name for name in catalog_topics(prefix) if name in known]
    names = [prefix + name for name in wanted] or catalogued
    if not names:
        raise Failure(
            f"No topic of SER's begins with {prefix!r}." if prefix else "Kafka has none of SER's topics.",
            "Name the prefix the services run with (SER_TOPIC_PREFIX), or none."
            if prefix
            else f"Starting the system creates them: {ser('up')}",
        )
    if missing := [name.removeprefix(prefix) for name in names if name not in known]:
        plain = [name.removeprefix(prefix) for name in catalogued]
        close = [near for name in missing for near in get_close_matches(name, plain, n=3)]
        raise Failure(
            f"There is no topic {', '.join(missing)}.",
            f"Did you mean {' or '.join(close)}?" if close else f"The topics are: {', '.join(plain)}.",
        )
    return names


def _shown(headers: Iterable[tuple[str, bytes | None]]) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        if name == "token":
            yield "token", "(signed)"
        elif name == "ce_type":
            yield "type", _readable(value)
        elif name not in _HIDDEN:
            yield name.removeprefix("ce_"), _readable(value)


def _readable(value: bytes | None) -> str:
    if value is None:
        return "(none)"
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"({len(value)} bytes, not UTF-8) {value[:40].hex()}"


def _compact(value: bytes | None) -> str:
    try:
        return json.dumps(json.loads(value or b""), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return _readable(value)
