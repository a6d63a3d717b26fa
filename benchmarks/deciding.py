"""How long deciding takes, without Kafka and PostgreSQL: `python -m benchmarks deciding`.

The histories of some children go through the four deciding services in one process. Each service decodes a
message, decides it, writes its effects for the outbox and makes them ready for Kafka. Its records stay in
memory. The part measures the processor time that each service spends on a message.
"""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pydantic import SecretStr
from pydantic_core import from_json

from benchmarks.options import Options
from benchmarks.published_children import pupils
from benchmarks.results import Section, Table
from benchmarks.servers import Servers
from benchmarks.topics import sent
from contracts.envelope import headers_of
from contracts.jurisdiction import SchoolDirectory
from contracts.message import Command
from deploy.demo.display import phase
from deploy.demo.history import Step, StudentHistory, history_of, split_by_service
from deploy.population.population import LOUISIANA_2017_AS_OF
from deploy.seeding import registrations
from services.chassis.deciding.batch import Aggregate, Loaded, Looked, Outgoing, Writes
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import RawMessage, ReceivedCommand, ReceivedEvent
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.collecting import collect_rarely
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import terms_of
from services.chassis.hosting.settings import Settings
from services.ieps.app import SERVICE as IEPS
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from services.students.app import SERVICE as STUDENTS

_CHILDREN = 2_000
_BATCH = 300
_DECIDING = (STUDENTS, JURISDICTION, IEPS, PROVISION)


@dataclass
class Desk:
    """One service: what it has, and how much CPU it spent (ns) on how many records."""

    service: ServiceDefinition
    terms: Terms
    decode: Decoder
    aggregates: defaultdict[str, Aggregate] = field(default_factory=lambda: defaultdict(Aggregate))
    spent: Counter[str] = field(default_factory=Counter)
    records: int = 0

    def microseconds(self) -> tuple[float, ...]:
        """What a record takes: to decode, to decide, to make ready for Kafka, and all of it."""
        each = [self.spent[what] / self.records / 1000 for what in ("decode", "decide", "relay")]
        return (*each, sum(each))

    def take(self, raws: Sequence[RawMessage], now: datetime) -> Sequence[RawMessage]:
        """Decode and decide a batch; what is published then."""
        began = time.process_time_ns()
        batch = [item for item in map(self.decode, raws) if isinstance(item, ReceivedCommand | ReceivedEvent)]
        decoded = time.process_time_ns()
        others = {name for item in batch for name in self.service.looked_at(item)}
        looked = {name: Looked(self.aggregates[name].known, 1) for name in others}
        loaded = Loaded({item.subject: self.aggregates[item.subject] for item in batch}, {}, looked)
        writes = process(batch, loaded, self.terms, now)
        decided = time.process_time_ns()
        said = [_record(message, now) for message in writes.outbox]
        relayed = time.process_time_ns()
        self.spent.update(decode=decoded - began, decide=decided - decoded, relay=relayed - decided)
        self.records += len(raws)
        assert not writes.held, "in this order nothing has to wait"
        self._keep(writes)
        return said

    def register_sites(self) -> None:
        """Know the school sites of every LEA."""
        for command in registrations():
            directory = SchoolDirectory(lea=command.lea, revision=1, sites=command.sites)
            self.aggregates[command.subject].known.learn(directory)

    def _keep(self, writes: Writes) -> None:
        """Know what the batch has changed."""
        for advance in writes.advances:
            known = self.aggregates[advance.subject].known
            self.aggregates[advance.subject] = Aggregate(advance.revision, advance.sequence, known)
        for row in writes.records.values():
            model = self.service.model_of(row.kind)
            self.aggregates[row.subject].known.learn(model.model_validate_json(row.body))


def desks(keys: Path) -> list[Desk]:
    """The four services that decide."""
    settings = Settings(database=SecretStr("none"), token_keys=str(keys))
    tokens = Tokens(settings)
    every = [
        Desk(service, terms_of(service, settings), Decoder(service, settings, tokens))
        for service in _DECIDING
    ]
    next(desk for desk in every if desk.service is JURISDICTION).register_sites()
    return every


def waves(lives: Sequence[StudentHistory]) -> Iterator[list[tuple[Step, StudentHistory]]]:
    """What all lives say to a first service, then to the next one, and so on."""
    said = [(life, [(life.identity,), *split_by_service(life.commands)]) for life in lives]
    for number in range(max(len(parts) for _, parts in said)):
        yield [(step, life) for life, parts in said if number < len(parts) for step in parts[number]]


def live(servers: Servers, every: Sequence[Desk], lives: Sequence[StudentHistory]) -> Iterator[RawMessage]:
    """Take lives through the services; everything that is said, by them and to them, in its order."""
    now = datetime.now(UTC)
    for wave in waves(lives):
        for start in range(0, len(wave), _BATCH):
            steps = wave[start : start + _BATCH]
            raws = [_raw(step, servers.tokens.lea(life.pupil.lea), now) for step, life in steps]
            while raws:
                yield from raws
                said: list[RawMessage] = []
                for desk in every:
                    topics = desk.service.topics("")
                    said.extend(desk.take([raw for raw in raws if raw.topic in topics], now))
                raws = said


def run(servers: Servers, children: int) -> list[Desk]:
    """Live the children."""
    every = desks(servers.issuer.keys)
    lives = [history_of(pupil, LOUISIANA_2017_AS_OF) for pupil in islice(pupils(), children)]
    deque(live(servers, every, lives), maxlen=0)
    return every


def _raw(step: Step, token: str, now: datetime) -> RawMessage:
    allowed = token if isinstance(step.message, Command) else None
    topic, key, value, headers = sent("", step.message, token=allowed, command_id=step.id)
    return RawMessage(topic, 0, 0, key.encode(), value, tuple(headers), now)


def _record(message: Outgoing, now: datetime) -> RawMessage:
    headers = tuple(headers_of(from_json(message.headers)))
    return RawMessage(message.topic, 0, 0, message.key.encode(), message.value.encode(), headers, now)


async def measure(servers: Servers, options: Options) -> Section:
    """Every service's share, for some children."""
    children = options.children or _CHILDREN
    collect_rarely()
    async with phase(servers.screen, "decided", None, lambda: (0, f"the lives of {children:,} children")):
        every = await asyncio.to_thread(run, servers, children)
    rows = [
        (desk.service.name, f"{desk.records:,}", *(f"{each:.0f}" for each in desk.microseconds()))
        for desk in every
    ]
    table = Table(("µs of CPU a record", "records", "decode", "decide", "make ready for Kafka", "all"), rows)
    return Section("Deciding, without Kafka and PostgreSQL", (), (table,))
