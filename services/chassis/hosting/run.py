"""A service as a process: `python -m services.<name>.app run | migrate | put-back | openapi | asyncapi`.

One that only reads has `rebuild`, too.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import structlog
import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.chassis.answering.documents import asyncapi
from services.chassis.answering.door import Door
from services.chassis.answering.dry_run import DryRuns
from services.chassis.answering.http import application
from services.chassis.deciding.batch import Writes
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import Due, GivenUp
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.collecting import collect_rarely
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.health import Health
from services.chassis.hosting.rebuilding import rebuild
from services.chassis.hosting.settings import Settings
from services.chassis.hosting.telemetry import Tracer, configure_logs
from services.chassis.keeping.migrations import migrate
from services.chassis.keeping.transaction import PostgresStore
from services.chassis.publishing.effects import Outgoings
from services.chassis.publishing.heartbeats import Heartbeats
from services.chassis.publishing.refused import put_back
from services.chassis.publishing.relay import Relay
from services.chassis.reading.cluster import METADATA_MAX_AGE_MS, Cluster
from services.chassis.reading.consumer import Consumer
from services.chassis.reading.topics import TopicsUnfit, check_topics, topics_used
from services.chassis.reading.worker import Worker

log = structlog.get_logger()

_WHAT = ("run", "migrate", "put-back", "openapi", "asyncapi")
_CONFIGURATION = 78
_ENDING_SECONDS = 25
_PRODUCER_BATCH_BYTES = 256 * 1024


def main(service: ServiceDefinition) -> None:
    """The command line of a service."""
    parser = argparse.ArgumentParser(prog=f"services.{service.name}.app", description=service.summary)
    choices = (*_WHAT, "rebuild") if service.projection else _WHAT
    parser.add_argument("what", choices=choices, nargs="?", default="run")
    match parser.parse_args().what:
        case "openapi":
            print(json.dumps(application(service).openapi(), indent=2))
        case "asyncapi":
            print(json.dumps(asyncapi([service]), indent=2))
        case "put-back":
            print(f"{asyncio.run(_put_back(Settings()))} messages are in the outbox again")
        case "rebuild":
            print(f"emptied: {', '.join(asyncio.run(_rebuild(service, Settings())))}")
        case "migrate":
            migrate(service.name, Settings())
        case _:
            settings = Settings()
            configure_logs(service.name, settings.log_level)
            collect_rarely()
            sys.exit(_exit_code(service, settings))


async def _put_back(settings: Settings) -> int:
    """Put back the messages that Kafka refused, after an operator has removed the cause."""
    engine = engine_for(settings, connections=1)
    async with engine.begin() as database:
        count = await put_back(database)
    await engine.dispose()
    return count


async def _rebuild(service: ServiceDefinition, settings: Settings) -> Sequence[str]:
    """Empty the tables that the topics bring back. StillRead: a process of the service runs."""
    engine = engine_for(settings, connections=1)
    try:
        return await rebuild(service, settings, engine)
    finally:
        await engine.dispose()


def _exit_code(service: ServiceDefinition, settings: Settings) -> int:
    """Run the service. Exit code 78 (configuration): a topic has a wrong setting."""
    try:
        return uvloop.run(run(service, settings))
    except TopicsUnfit as unfit:
        log.error("topics have wrong settings", problems=unfit.problems, what_to_do=unfit.remedies)
        return _CONFIGURATION


async def run(service: ServiceDefinition, settings: Settings) -> int:
    """Run until a signal stops the process (exit code 0) or a part of it fails for good (exit code 1)."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with parts(service, settings) as (consumer, app):
        failing = asyncio.create_task(consumer.failed.wait())
        server = _Server(
            uvicorn.Config(app, settings.http_host, settings.http_port, log_config=None, access_log=False)
        )
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        log.info("running", http=f"http://{settings.http_host}:{settings.http_port}")
        ends = {serving, failing, stopping, *app.state.tasks}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await asyncio.wait({serving}, timeout=5)
    log.info("stopped", reason="signal" if stop.is_set() else "a part of the process failed")
    return 0 if stop.is_set() else 1


@contextlib.asynccontextmanager
async def parts(service: ServiceDefinition, settings: Settings) -> AsyncIterator[tuple[Consumer, FastAPI]]:
    """Start a service's consumer, relay and HTTP application. They stop with the context."""
    engine = engine_for(settings, connections=6, for_batches=True)
    http_engine = engine_for(settings, connections=12)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id=f"ser-{service.name}-door",
        acks="all",
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    tracer = Tracer(service.name, settings.traces)
    tokens = Tokens(settings)
    relay = Relay(
        engine,
        partial(_relay_producer, service, settings),
        rows=settings.relay_rows,
        poll_seconds=settings.relay_poll_seconds,
        idle_seconds=settings.database_seconds,
        give_up_seconds=2 * settings.stall_seconds,
        refused_seconds=settings.stall_seconds,
    )
    door = Door(settings, http_engine, producer)
    cluster = Cluster(settings.kafka, f"ser-{service.name}", service.topics(settings.topic_prefix))
    decode = Decoder(service, settings, tokens, cluster.partitions_of)
    store = PostgresStore(engine, service, decode.again)
    terms = terms_of(service, settings)
    worker = Worker(store, terms, tracer, _Written(relay, door))
    consumer = Consumer(service, settings, worker, engine, decode, cluster)
    app = application(service, settings.max_body_bytes)
    app.state.tokens, app.state.engine, app.state.door = tokens, http_engine, door
    app.state.dry_runs = DryRuns(PostgresStore(http_engine, service, decode.again), terms)
    app.state.take_up = _Operator(consumer, settings.operator_seconds)
    app.state.health = Health(http_engine, consumer, settings.stall_seconds)
    await cluster.start()
    try:
        await check_topics(cluster, topics_used(service, settings.topic_prefix))
        await producer.start()
    except BaseException:
        await cluster.stop()
        raise
    app.state.tasks = tasks = [asyncio.create_task(relay.run())]
    if service.deciders:
        out = Outgoings(service, settings.topic_prefix)
        beats = Heartbeats(engine, out, relay, every_seconds=settings.heartbeat_seconds)
        tasks.append(asyncio.create_task(beats.run()))
    try:
        await consumer.start()
        tasks.append(asyncio.create_task(consumer.run_housekeeping()))
        tasks.extend(asyncio.create_task(job(http_engine)) for job in service.jobs)
        tasks.append(asyncio.create_task(tokens.keys.follow()))
        tasks.append(asyncio.create_task(app.state.health.follow()))
        if service.beside:
            tasks.append(asyncio.create_task(service.beside(http_engine)))
        yield consumer, app
    finally:
        worker.stopping.set()
        for ending in (
            consumer.stop(),
            _cancel(tasks),
            producer.stop(),
            cluster.stop(),
            engine.dispose(),
            http_engine.dispose(),
        ):
            await _ended(ending)
        tracer.close()


def _relay_producer(service: ServiceDefinition, settings: Settings) -> AIOKafkaProducer:
    """A producer for the relay alone. If Kafka refuses its batch, the door's producer goes on."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id=f"ser-{service.name}",
        acks="all",
        enable_idempotence=True,
        max_batch_size=_PRODUCER_BATCH_BYTES,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )


def engine_for(settings: Settings, connections: int, *, for_batches: bool = False) -> AsyncEngine:
    """A pool of database connections. Batches have their own pool, so that no flood of queries can take it.

    `for_batches` forces index scans. A table may grow to a state's size within minutes, before PostgreSQL has
    statistics. A plan made for the empty table would read the whole table each time. A batch does not test
    its connection first: if the connection is lost, the worker retries.

    PostgreSQL ends an idle transaction. Otherwise a process that is cut off would keep its locks as long as
    the connection seems alive. In the middle of a statement a transaction is not idle, and
    `statement_timeout` does not end it either (PostgreSQL 18); `transaction_timeout` does.
    """
    return create_async_engine(
        settings.database.get_secret_value(),
        pool_size=connections,
        max_overflow=0,
        pool_use_lifo=True,
        pool_pre_ping=not for_batches,
        hide_parameters=True,
        connect_args={
            "command_timeout": settings.database_seconds,
            "server_settings": {
                "idle_in_transaction_session_timeout": f"{settings.database_seconds}s",
                "transaction_timeout": f"{2 * settings.database_seconds}s",
                **({"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"} if for_batches else {}),
            },
        },
    )


def terms_of(service: ServiceDefinition, settings: Settings) -> Terms:
    """The terms of a service's decisions, from its settings."""
    return Terms(
        service=service,
        out=Outgoings(service, settings.topic_prefix),
        hold=timedelta(seconds=settings.hold_seconds),
        queue_limit=settings.queue_limit,
        largest_body=settings.max_body_bytes * 9 // 10,
        largest_batch=settings.batch_bytes,
    )


class _Operator:
    """Processes held messages for an operator. TimeoutError: it takes longer than `seconds`."""

    def __init__(self, consumer: Consumer, seconds: float) -> None:
        self._consumer, self._seconds = consumer, seconds

    async def __call__(self, works: Sequence[Due | GivenUp]) -> None:
        await asyncio.wait_for(self._consumer.take_up(works), self._seconds)


class _Written:
    """After each commit, wakes the relay and the requests that wait for an outcome."""

    def __init__(self, relay: Relay, door: Door) -> None:
        self._relay, self._door = relay, door

    def __call__(self, writes: Writes) -> None:
        if writes.outbox:
            self._relay.wake()
        self._door.written(writes)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _ended(ending: Awaitable[None]) -> None:
    """Wait until a part of the process ends, at most 25 s. All work is saved already."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ending, _ENDING_SECONDS)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, because the process handles signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
