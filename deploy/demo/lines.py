"""The lines to Kafka and to the ledgers that a demonstration keeps open."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from deploy.demo.answers import Answers
from deploy.demo.ledgers import Ledgers
from deploy.demo.tokens import Tokens
from deploy.demo.traffic import Traffic
from deploy.demo.wire import Wire


@dataclass(frozen=True, slots=True)
class Lines:
    """To put messages, to read answers, to look up answers that were missed, to count the traffic."""

    bootstrap: str
    prefix: str
    wire: Wire
    answers: Answers
    ledgers: Ledgers
    traffic: Traffic


@asynccontextmanager
async def open_lines(
    bootstrap: str, prefix: str, urls: Mapping[str, str], tokens: Tokens
) -> AsyncIterator[Lines]:
    """Opens every line, and closes it at the end. While Kafka is away, that is not said a hundred times."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    lines = Lines(
        bootstrap,
        prefix,
        Wire(bootstrap, prefix, tokens.lea),
        Answers(bootstrap, prefix),
        Ledgers(urls, tokens.state),
        Traffic(bootstrap, prefix),
    )
    async with AsyncExitStack() as stack:
        for line in (lines.wire, lines.answers, lines.ledgers, lines.traffic):
            stack.push_async_callback(line.stop)
            await line.start()
        yield lines
