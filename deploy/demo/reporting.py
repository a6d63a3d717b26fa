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


class TopicCounts:
    """Counts by the ends of the topics, from which nothing is ever thrown away."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._kinds = {entry.topic(prefix): _kind(entry) for entry in CATALOG}
        self._consumer = AIOKafkaConsumer(
            *self._kinds,
            bootstrap_servers=bootstrap,
            client_id="ser-demo-traffic",
            group_id=None,
            enable_auto_commit=False,
        )
        self._places: list[TopicPartition] = []

    async def start(self) -> None:
        await self._consumer.start()
        self._places = list(self._consumer.assignment())
        self._consumer.pause(*self._places)

    async def stop(self) -> None:
        await self._consumer.stop()

    async def by_kind(self) -> Counter[str]:
        """Messages by kind: identity, command, event, outcome, dead letter."""
        counts: Counter[str] = Counter()
        for place, end in (await self._consumer.end_offsets(self._places)).items():
            counts[self._kinds[place.topic]] += end
        return counts

    async def said(self) -> int | None:
        """Events and identities, some perhaps twice; None while Kafka does not answer."""
        try:
            counts = await self.by_kind()
        except (KafkaError, TimeoutError):
            return None
        return counts[IDENTITIES] + counts[Kind.EVENT]


def _kind(entry: Entry) -> str:
    return IDENTITIES if entry.owner == BRIDGE else entry.kind.value


_LOOK_SECONDS = 0.5
_STILL_SECONDS = 120.0
_ANSWER_SECONDS = 120.0

# From school year 2019-20 on five-year-olds in kindergarten are of school age, and the codes say so. Nobody
# here is in kindergarten at five, so the groups hold the same ages as before.
_GROUPS = {"3-5": EARLY_CHILDHOOD, "6-21": SCHOOL_AGE, "5K-21": SCHOOL_AGE}
_VALUES = {"AGE05NOTK": "5", "5K-11": "6-11"}


@dataclass(frozen=True, slots=True)
class ChildCount:
    """What was counted, from how many events; `complete`: none is missing. `not_counted`: by reason."""

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
    """How far reporting has come. `lag` counts records it has still to read; None while it does not say."""

    events: int
    certified: bool
    lag: int | None

    @property
    def whole(self) -> bool:
        """Whether it has read everything, and no event is missing among those it has read."""
        return self.certified and self.lag == 0


class ReportingClient:
    """The reporting service, as somebody of the state asks it."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_ANSWER_SECONDS,
            trust_env=False,
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def heard(self) -> Completeness | None:
        """How far it has come; None while it does not answer."""
        try:
            said, health = await self._http.get("/completeness"), await self._http.get("/health/ready")
        except httpx.TransportError:
            return None
        if said.status_code != httpx.codes.OK:
            return None
        found = said.json()
        heard = found["events"] + found["identities"]
        return Completeness(heard, found["certified"], health.json()["lag"])

    async def count(self, as_of: date, selection: Selection) -> ChildCount:
        """The count of the state. Failure: it is not given."""
        asked = {"as_of": as_of.isoformat(), "disabilities": ",".join(sorted(selection.disabilities))}
        answer = await request(self._http, "GET", "/child-count", params=asked)
        if answer.status_code != httpx.codes.OK:
            raise Failure(
                f"Reporting does not give the child count: {answer.status_code} {answer.text}.",
                f"Its log says why: {ser('logs reporting')}",
            )
        return _count(answer.json())


@dataclass
class ReadingProgress:
    """How far reporting has come, of how much there is to hear, since it last moved.

    `whole`: it has heard everything, and nobody says anything more.
    """

    heard: int = 0
    said: int = 0
    whole: bool = False
    moved_at: float = field(default_factory=time.monotonic)

    @property
    def still_seconds(self) -> float:
        """For how long nothing has been heard or said."""
        return time.monotonic() - self.moved_at

    @property
    def words(self) -> str:
        """How far it has come. A message that was sent twice stands on its topic twice, and is heard once."""
        if not self.whole:
            return f"{self.heard:,} of {self.said:,} messages"
        copies = self.said - self.heard
        return f"{self.heard:,}, none is missing" + (f"; {copies:,} second copies" if copies else "")

    def note(self, heard: int, said: int) -> None:
        """Remember how far it has come."""
        if (heard, said) != (self.heard, self.said):
            self.heard, self.said, self.moved_at = heard, said, time.monotonic()


async def wait_until_complete(
    reporting: ReportingClient, traffic: TopicCounts, hearing: ReadingProgress
) -> None:
    """Returns when reporting has heard all there is, and nobody says anything more.

    Failure: something is missing and nothing moves any more.
    """
    while not hearing.whole:
        await asyncio.sleep(_LOOK_SECONDS)
        before = (hearing.heard, hearing.said)
        heard, said = await reporting.heard(), await traffic.said()
        hearing.note(heard.events if heard else hearing.heard, said or hearing.said)
        hearing.whole = bool(heard and heard.whole) and before == (hearing.heard, hearing.said)
        if hearing.still_seconds > _STILL_SECONDS:
            raise Failure(
                f"Reporting has heard {hearing.heard:,} of {hearing.said:,} events, and no more comes.",
                f"See what is missing: {ser('status')}, and /completeness of reporting.",
            )


def _count(said: Mapping[str, Any]) -> ChildCount:
    return ChildCount(
        cells={cell_key_of(cell): cell["children"] for cell in said["cells"]},
        complete=said["complete"],
        events=said["events"],
        not_counted={
            why["reason"]: why["students"] for why in said["reconciliation"]["not_counted"] if why["students"]
        },
    )


def cell_key_of(cell: Mapping[str, Any]) -> CellKey:
    """The place of a cell of reporting's in the published file."""
    disability, environment = cell["disability"], cell["environment"]
    return CellKey(
        _GROUPS[cell["age_group"]],
        Disability(disability) if disability else None,
        Environment(environment) if environment else None,
        cell["breakdown"],
        _VALUES.get(cell["value"], cell["value"] or ""),
    )
