"""Runs a rival: reads its environment and starts its event loop."""

import gc
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import uvloop

_OBJECTS, _YOUNG, _OLD = 600_000, 50, 100


@dataclass(frozen=True)
class Environment:
    """Kafka's address, the prefix of topics and groups, and the database as SQLAlchemy's URL."""

    kafka: str
    prefix: str
    database: str

    @property
    def dsn(self) -> str:
        """The database as asyncpg's URL."""
        return self.database.replace("+asyncpg", "")


def run(program: Callable[[Environment], Coroutine[Any, Any, None]], *, collect_rarely: bool) -> None:
    """Run until killed. `collect_rarely`: collect garbage as rarely as a service of SER does."""
    if collect_rarely:
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS, _YOUNG, _OLD)
    variables = (os.environ[name] for name in ("SER_KAFKA", "SER_TOPIC_PREFIX", "SER_DATABASE"))
    uvloop.run(program(Environment(*variables)))
