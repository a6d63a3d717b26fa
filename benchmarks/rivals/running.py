"""How a rival runs: settings from the environment as SER's own services have them, and nobody slowed down."""

import gc
from collections.abc import Awaitable, Callable

import uvloop

from services.chassis.settings import Settings


def run(program: Callable[[Settings], Awaitable[None]], *, collect_rarely: bool) -> None:
    """Runs until killed, on uvloop. `collect_rarely`: the garbage collector is set as in a service of SER."""
    if collect_rarely:
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
    uvloop.run(_until_killed(program))


async def _until_killed(program: Callable[[Settings], Awaitable[None]]) -> None:
    await program(Settings())
