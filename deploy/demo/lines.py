"""The lines to Kafka that a demonstration keeps open."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from deploy.demo.answers import Answers
from deploy.demo.tokens import Tokens
from deploy.demo.traffic import Traffic
from deploy.demo.wire import Wire


@dataclass(frozen=True, slots=True)
class Lines:
    """To put messages, to read answers, to count the traffic."""

    bootstrap: str
    prefix: str
    wire: Wire
    answers: Answers
    traffic: Traffic


@asynccontextmanager
async def open_lines(bootstrap: str, prefix: str, tokens: Tokens) -> AsyncIterator[Lines]:
    """Opens every line, and closes it at the end. While Kafka is away, that is not said a hundred times."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    lines = Lines(
        bootstrap,
        prefix,
        Wire(bootstrap, prefix, tokens.lea),
        Answers(bootstrap, prefix),
        Traffic(bootstrap, prefix),
    )
    async with AsyncExitStack() as stack:
        for line in (lines.wire, lines.answers, lines.traffic):
            stack.push_async_callback(line.stop)
            await line.start()
        yield lines
