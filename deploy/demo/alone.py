"""One demonstration at a time in a run directory: two would send the same commands under the same ids."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.calling import ser
from deploy.local.failure import Failure
from deploy.local.home import Home


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Keeps other demonstrations out for as long as the block lasts. Failure: one is running."""
    home.make()
    with (home.root / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Failure(
                f"A demonstration is already running here (pid {lock.read().strip()}).",
                f"Wait for its end, or use a system of its own: SER_HOME=.ser-other {ser('demo')}",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
