"""How a rival runs: settings from the environment as SER's own services have them, and nobody slowed down."""

from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from services.chassis.hosting.collecting import collect_rarely
from services.chassis.hosting.settings import Settings


def run(program: Callable[[Settings], Coroutine[Any, Any, None]], *, as_a_service: bool) -> None:
    """Runs until killed, on uvloop. `as_a_service`: the garbage collector is set as in a service of SER."""
    if as_a_service:
        collect_rarely()
    uvloop.run(program(Settings()))
