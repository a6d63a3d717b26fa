"""Reporting: how many events it has read, and its child count in the layout of the published file."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from contracts.catalog import BRIDGE, CATALOG, Entry, Kind
from deploy.demo.retry import request
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from deploy.population.cells import CellKey
from deploy.population.codes import EARLY_CHILDHOOD, SCHOOL_AGE, Disability, Environment
from deploy.population.population import Selection

IDENTITIES = "identity"

_POLL_SECONDS = 0.5
_STALLED_SECONDS = 120.0
_RESPONSE_SECONDS = 120.0

# From school year 2019-20 on, five-year-olds in kindergarten are of school age, and the codes say so. In the
# demonstration no five-year-old is in kindergarten, so each group holds the same ages as before.
_GROUPS = {"3-5": EARLY_CHILDHOOD, "6-21": SCHOOL_AGE, "5K-21": SCHOOL_AGE}
_VALUES = {"AGE05NOTK": "5", "5K-11": "6-11"}


class TopicCounts:
    """Counts the messages ever published on the topics, by the end offsets."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._kinds = {entry.topic(prefix): _kind(entry) for entry in CATALOG}
        self._consumer = AIOKafkaConsumer(
            *self._kinds,
            bootstrap_servers=bootstrap,
            client_id="ser-demo-counts",
            group_id=None,
            isolation_level="read_committed",
            enable_auto_commit=False,
        )
        self._partitions: list[TopicPartition] = []

    async def start(self) -> None:
        await self._consumer.start()
        self._partitions = list(self._consumer.assignment())
        self._consumer.pause(*self._partitions)

    async def stop(self) -> None:
        await self._consumer.stop()

    async def count_by_kind(self) -> Counter[str]:
        """Messages by kind, with identities apart from events. A message sent twice counts twice."""
        counts: Counter[str] = Counter()
        for partition, end in (await self._consumer.end_offsets(self._partitions)).items():
            counts[self._kinds[partition.topic]] += end
        return counts

    async def count_for_reporting(self) -> int | None:
        """The events and identities published. None while Kafka is down."""
        try:
            counts = await self.count_by_kind()
        except (KafkaError, TimeoutError):
            return None
        return counts[IDENTITIES] + counts[Kind.EVENT]


def _kind(entry: Entry) -> str:
    return IDENTITIES if entry.owner == BRIDGE else entry.kind.value


@dataclass(frozen=True, slots=True)
class ChildCount:
    """The child count by cell.

    `complete`: no event is missing. `events`: the events it rests on. `not_counted`: students by reason.
    """

    cells: Mapping[CellKey, int]
    complete: bool
    events: int
    not_counted: Mapping[str, int]

    def children(self, selection: Selection) -> int:
        """How many children of a selection were counted."""
        return sum(
            self.cells.get(CellKey(group, disability, None, "total", ""), 0)
            for group in selection.age_groups
            for disability in selection.disabilities
        )


@dataclass(frozen=True, slots=True)
class Completeness:
    """What reporting's `/completeness` says. `lag`: messages it still has to read; None if it is unknown.

    `events`: events of the services, each once. eScholar's identities are counted apart.
    """

    events: int
    identities: int
    certified: bool
    lag: int | None

    @property
    def complete(self) -> bool:
        """Whether reporting has read every message, and no event is missing among them."""
        return self.certified and self.lag == 0


class ReportingClient:
    """HTTP requests to reporting, with a token of the state."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_RESPONSE_SECONDS,
            trust_env=False,
        )

    async def aclose(self) -> None:
        await self.http.aclose()

    async def completeness(self) -> Completeness | None:
        """How far reporting has read. None while it is down."""
        try:
            response, health = await self.http.get("/completeness"), await self.http.get("/health/ready")
        except httpx.TransportError:
            return None
        if response.status_code != httpx.codes.OK:
            return None
        body = response.json()
        return Completeness(body["events"], body["identities"], body["certified"], health.json()["lag"])

    async def count(self, as_of: date, selection: Selection) -> ChildCount:
        """The state's child count. Failure: reporting refuses or stays down."""
        query = {"as_of": as_of.isoformat(), "disabilities": ",".join(sorted(selection.disabilities))}
        response = await request(self.http, "GET", "/child-count", params=query)
        if response.status_code != httpx.codes.OK:
            raise Failure(
                f"Reporting does not give the child count: {response.status_code} {response.text}.",
                f"Its log says why: {ser('logs reporting')}",
            )
        return _count(response.json())


@dataclass
class ReadingProgress:
    """How far reporting has read, and since when that has not changed.

    `published`: events and identities on the topics; a message sent twice counts twice there.
    `complete`: reporting has read all of them, and no new ones come.
    """

    events: int = 0
    identities: int = 0
    published: int = 0
    complete: bool = False
    changed_at: float = field(default_factory=time.monotonic)

    @property
    def read(self) -> int:
        """The events and identities that reporting has read, each once."""
        return self.events + self.identities

    @property
    def stalled_seconds(self) -> float:
        """Seconds since a number last changed."""
        return time.monotonic() - self.changed_at

    @property
    def description(self) -> str:
        """The progress in words, with the same number of events as `/completeness`."""
        if not self.complete:
            return f"{self.read:,} of {self.published:,} events and identities"
        duplicates = self.published - self.read
        return f"{self.events:,} events and {self.identities:,} identities, none is missing" + (
            f"; {duplicates:,} were sent twice" if duplicates else ""
        )

    def update(self, found: Completeness | None, published: int | None) -> None:
        """Takes new numbers. None: the server did not answer, so the last number stays."""
        before = (self.events, self.identities, self.published)
        if found is not None:
            self.events, self.identities = found.events, found.identities
        self.published = published or self.published
        changed = (self.events, self.identities, self.published) != before
        if changed:
            self.changed_at = time.monotonic()
        self.complete = found is not None and found.complete and not changed


async def wait_until_complete(
    reporting: ReportingClient, counts: TopicCounts, progress: ReadingProgress
) -> None:
    """Returns when reporting has read every message and no new message comes.

    Failure: events are missing, and nothing has changed for 120 s.
    """
    while not progress.complete:
        await asyncio.sleep(_POLL_SECONDS)
        progress.update(await reporting.completeness(), await counts.count_for_reporting())
        if progress.stalled_seconds > _STALLED_SECONDS:
            raise Failure(
                f"Reporting has read {progress.read:,} of {progress.published:,} events and identities,"
                f" and nothing has changed for {_STALLED_SECONDS:.0f} s.",
                f"See which process is not ready: {ser('status')}. Reporting's /completeness names the gaps.",
            )


def _count(body: Mapping[str, Any]) -> ChildCount:
    return ChildCount(
        cells={cell_key_of(cell): cell["children"] for cell in body["cells"]},
        complete=body["complete"],
        events=body["events"],
        not_counted={
            row["reason"]: row["students"] for row in body["reconciliation"]["not_counted"] if row["students"]
        },
    )


def cell_key_of(cell: Mapping[str, Any]) -> CellKey:
    """The published file's key for a cell of reporting."""
    disability, environment = cell["disability"], cell["environment"]
    return CellKey(
        _GROUPS[cell["age_group"]],
        Disability(disability) if disability else None,
        Environment(environment) if environment else None,
        cell["breakdown"],
        _VALUES.get(cell["value"], cell["value"] or ""),
    )
