"""The process that works off runs of reports, beside the process of the service.

Reporting starts it when somebody asks for a run. It ends after a minute without work, and when the process of
the service ends.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from uuid import UUID

import structlog
import uvloop
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.chassis.hosting.settings import Settings
from services.chassis.hosting.telemetry import configure_logs
from services.reporting.reports.working import work_off
from services.reporting.store import runs

log = structlog.get_logger()

_LOOK_SECONDS, _IDLE_SECONDS, _END_SECONDS = 0.5, 60, 10
_NICE = 10
_CONNECTIONS = 4


async def beside(engine: AsyncEngine) -> None:
    """Keep the worker's process running while runs are unfinished. Ends only when it is cancelled."""
    process: asyncio.subprocess.Process | None = None
    try:
        while True:
            if (process is None or process.returncode is not None) and await _any_unfinished(engine):
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "services.reporting.reports.worker", stdin=asyncio.subprocess.PIPE
                )
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        if process is not None and process.returncode is None:
            await _end(process)


async def _any_unfinished(engine: AsyncEngine) -> bool:
    try:
        async with engine.connect() as database:
            return bool(await runs.unfinished(database))
    except (DBAPIError, InterfaceError, OSError, TimeoutError) as failure:
        log.warning("cannot look for runs", error=type(failure).__name__)
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _END_SECONDS)
    except TimeoutError:
        process.kill()


async def work(engine: AsyncEngine, idle_seconds: float = _IDLE_SECONDS) -> None:
    """Work off the runs, one after the other, until there has been none for a while."""
    idle_since = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - idle_since < idle_seconds:
        async with engine.begin() as database:
            await runs.forget_old(database)
            waiting = await runs.unfinished(database)
        await _work_off(engine, waiting)
        if waiting:
            idle_since = asyncio.get_running_loop().time()
        await asyncio.sleep(_LOOK_SECONDS)


async def _work_off(engine: AsyncEngine, waiting: Sequence[UUID]) -> None:
    for run_id in waiting:
        try:
            await work_off(engine, run_id)
        except (DBAPIError, InterfaceError, OSError):
            raise  # the database is away, or the snapshot is lost: the next process begins the run again
        except Exception:
            log.exception("a run failed", run=str(run_id))
            async with engine.begin() as database:
                await runs.fail(database, run_id)


async def _until_parent_ends() -> None:
    """Returns when the service's process has ended: the pipe from it is closed then."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _run(settings: Settings) -> None:
    engine = create_async_engine(
        settings.database.get_secret_value(), pool_size=_CONNECTIONS, hide_parameters=True
    )
    log.info("working off runs")
    working, parent = asyncio.create_task(work(engine)), asyncio.create_task(_until_parent_ends())
    await asyncio.wait({working, parent}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, parent):
        task.cancel()
    ended = await asyncio.gather(working, parent, return_exceptions=True)
    await engine.dispose()
    for failure in ended:
        if isinstance(failure, Exception):
            raise failure


def main() -> None:
    """Work off runs. The process yields the processor to the service's consumer."""
    os.nice(_NICE)
    settings = Settings()
    configure_logs("reporting-worker", settings.log_level)
    uvloop.run(_run(settings))


if __name__ == "__main__":
    main()
