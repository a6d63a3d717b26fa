"""The lines to Kafka and to the ledgers that a demonstration keeps open."""

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
    """To put messages, to read answers, to look up answers that were missed, to count the traffic."""

    bootstrap: str
    prefix: str
    wire: StepProducer
    answers: OutcomeReader
    ledgers: OutcomeLookup
    traffic: TopicCounts


@asynccontextmanager
async def open_connections(
    bootstrap: str, prefix: str, urls: Mapping[str, str], tokens: Tokens
) -> AsyncIterator[Connections]:
    """Opens every line, and closes it at the end. While Kafka is away, that is not said a hundred times."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    lines = Connections(
        bootstrap,
        prefix,
        StepProducer(bootstrap, prefix, tokens.lea),
        OutcomeReader(bootstrap, prefix),
        OutcomeLookup(urls, tokens.state),
        TopicCounts(bootstrap, prefix),
    )
    async with AsyncExitStack() as stack:
        for line in (lines.wire, lines.answers, lines.ledgers, lines.traffic):
            stack.push_async_callback(line.stop)
            await line.start()
        yield lines
