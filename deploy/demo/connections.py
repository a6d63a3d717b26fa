"""The clients that a demonstration opens together: for Kafka and for the lookup of outcomes."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from deploy.demo.api_client import Tokens
from deploy.demo.outcomes import OutcomeLookup, OutcomeReader
from deploy.demo.producer import StepProducer
from deploy.demo.reporting import TopicCounts


@dataclass(frozen=True, slots=True)
class Connections:
    """Sends messages, reads outcomes, looks up missed outcomes, counts messages on the topics."""

    bootstrap: str
    prefix: str
    producer: StepProducer
    outcomes: OutcomeReader
    lookup: OutcomeLookup
    counts: TopicCounts


@asynccontextmanager
async def open_connections(
    bootstrap: str, prefix: str, urls: Mapping[str, str], tokens: Tokens
) -> AsyncIterator[Connections]:
    """Opens every client, and closes it at the end. aiokafka's log is off: it would report each retry."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    connections = Connections(
        bootstrap,
        prefix,
        StepProducer(bootstrap, prefix, tokens.lea),
        OutcomeReader(bootstrap, prefix),
        OutcomeLookup(urls, tokens.state),
        TopicCounts(bootstrap, prefix),
    )
    async with AsyncExitStack() as stack:
        for client in (
            connections.producer,
            connections.outcomes,
            connections.lookup,
            connections.counts,
        ):
            stack.push_async_callback(client.stop)
            await client.start()
        yield connections
