"""How long deciding takes, without Kafka and PostgreSQL: `python -m benchmarks deciding`.

The histories of some children go through the four deciding services in one process. Each service decodes a
message, decides it, writes the new messages for the outbox and prepares them for Kafka. It keeps its records
in memory. The part measures the processor time that each service spends on a message.
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
class InMemoryService:
    """A service without Kafka and PostgreSQL. `spent`: nanoseconds of processor time by step."""

    definition: ServiceDefinition
    terms: Terms
    decode: Decoder
    aggregates: defaultdict[str, Aggregate] = field(default_factory=lambda: defaultdict(Aggregate))
    spent: Counter[str] = field(default_factory=Counter)
    messages: int = 0

    def microseconds(self) -> tuple[float, ...]:
        """The processor time of a message: to decode, to decide, to prepare for Kafka, and the sum."""
        each = [self.spent[step] / self.messages / 1000 for step in ("decode", "decide", "relay")]
        return (*each, sum(each))

    def process_batch(self, raws: Sequence[RawMessage], now: datetime) -> Sequence[RawMessage]:
        """Decode and decide a batch. Returns the published messages."""
        began = time.process_time_ns()
        batch = [item for item in map(self.decode, raws) if isinstance(item, ReceivedCommand | ReceivedEvent)]
        decoded = time.process_time_ns()
        others = {name for item in batch for name in self.definition.looked_at(item)}
        looked = {name: Looked(self.aggregates[name].known, 1) for name in others}
        loaded = Loaded({item.subject: self.aggregates[item.subject] for item in batch}, {}, looked)
        writes = process(batch, loaded, self.terms, now)
        decided = time.process_time_ns()
        published = [_record(message, now) for message in writes.outbox]
        relayed = time.process_time_ns()
        self.spent.update(decode=decoded - began, decide=decided - decoded, relay=relayed - decided)
        self.messages += len(raws)
        assert not writes.held, "in this order the service holds no message"
        self._keep(writes)
        return published

    def register_sites(self) -> None:
        """Keep the school sites of every LEA."""
        for command in registrations():
            directory = SchoolDirectory(lea=command.lea, revision=1, sites=command.sites)
            self.aggregates[command.subject].known.learn(directory)

    def _keep(self, writes: Writes) -> None:
        """Keep the records that the batch has changed."""
        for advance in writes.advances:
            known = self.aggregates[advance.subject].known
            self.aggregates[advance.subject] = Aggregate(advance.revision, advance.sequence, known)
        for row in writes.records.values():
            model = self.definition.model_of(row.kind)
            self.aggregates[row.subject].known.learn(model.model_validate_json(row.body))


def in_memory_services(keys: Path) -> list[InMemoryService]:
    """The four services that decide."""
    settings = Settings(database=SecretStr("none"), token_keys=str(keys))
    tokens = Tokens(settings)
    services = [
        InMemoryService(service, terms_of(service, settings), Decoder(service, settings, tokens))
        for service in _DECIDING
    ]
    next(service for service in services if service.definition is JURISDICTION).register_sites()
    return services


def waves(histories: Sequence[StudentHistory]) -> Iterator[list[tuple[Step, StudentHistory]]]:
    """The steps of all histories in waves: a wave has each history's next steps for one service."""
    split = [(history, [(history.identity,), *split_by_service(history.commands)]) for history in histories]
    for number in range(max(len(parts) for _, parts in split)):
        yield [(step, history) for history, parts in split if number < len(parts) for step in parts[number]]


def replay(
    servers: Servers, services: Sequence[InMemoryService], histories: Sequence[StudentHistory]
) -> Iterator[RawMessage]:
    """Send histories through the services. Yields every sent and every published message, in order."""
    now = datetime.now(UTC)
    for wave in waves(histories):
        for start in range(0, len(wave), _BATCH):
            steps = wave[start : start + _BATCH]
            raws = [_raw(step, servers.tokens.lea(history.pupil.lea), now) for step, history in steps]
            while raws:
                yield from raws
                published: list[RawMessage] = []
                for service in services:
                    topics = service.definition.topics("")
                    published.extend(service.process_batch([raw for raw in raws if raw.topic in topics], now))
                raws = published


def decide_histories(servers: Servers, children: int) -> list[InMemoryService]:
    """Send the histories of some children through the services. Returns the services."""
    services = in_memory_services(servers.issuer.keys)
    histories = [history_of(pupil, LOUISIANA_2017_AS_OF) for pupil in islice(pupils(), children)]
    deque(replay(servers, services, histories), maxlen=0)
    return services


def _raw(step: Step, token: str, now: datetime) -> RawMessage:
    allowed = token if isinstance(step.message, Command) else None
    topic, key, value, headers = sent("", step.message, token=allowed, command_id=step.id)
    return RawMessage(topic, 0, 0, key.encode(), value, tuple(headers), now)


def _record(message: Outgoing, now: datetime) -> RawMessage:
    headers = tuple(headers_of(from_json(message.headers)))
    return RawMessage(message.topic, 0, 0, message.key.encode(), message.value.encode(), headers, now)


async def measure(servers: Servers, options: Options) -> Section:
    """Measure the processor time of each service."""
    children = options.children or _CHILDREN
    collect_rarely()
    async with phase(servers.screen, "decided", None, lambda: (0, f"the histories of {children:,} children")):
        services = await asyncio.to_thread(decide_histories, servers, children)
    rows = [
        (
            service.definition.name,
            f"{service.messages:,}",
            *(f"{each:.0f}" for each in service.microseconds()),
        )
        for service in services
    ]
    table = Table(("µs of CPU a message", "messages", "decode", "decide", "prepare for Kafka", "sum"), rows)
    return Section("Deciding, without Kafka and PostgreSQL", (), (table,))
