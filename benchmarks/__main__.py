"""Measures the chosen parts, shows the results and writes them to a file: `python -m benchmarks [part …]`."""

import logging
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import uvloop
from rich.markdown import Markdown

from benchmarks import (
    commands,
    console,
    count,
    deciding,
    due,
    history,
    latency,
    projection,
    rebuild,
    reports,
    search,
    state,
    validation,
)
from benchmarks.machine import described
from benchmarks.options import Options, options
from benchmarks.results import Section, Table, lines
from benchmarks.servers import Servers, running
from deploy.cli.screen import err, out, show_failure
from deploy.local.failure import Failure
from deploy.local.home import write_whole

MEASURES: dict[str, Callable[[Servers, Options], Awaitable[Section]]] = {
    "commands": commands.measure,
    "rebuild": rebuild.measure,
    "latency": latency.measure,
    "history": history.measure,
    "state": state.measure,
    "count": count.measure,
    "due": due.measure,
    "reports": reports.measure,
    "search": search.measure,
    "projection": projection.measure,
    "deciding": deciding.measure,
    "validation": validation.measure,
    "console": console.measure,
}
"""The function that measures each part. The parts run in this order."""


_HEAD = (
    "A rate is that of a steady stretch: the first tenth and the last do not count. Compare figures of the",
    "same run only: in another hour the machine itself may be faster or slower by half. The median of three",
    "turns decides whether a target is met. [NOTES.md](NOTES.md) says why a target is missed.",
)


async def measured(chosen: Options) -> AsyncGenerator[str, None]:
    """The results as Markdown, after each part."""
    sections: list[Section] = []
    called = " ".join(["python -m benchmarks", *sys.argv[1:]])
    head = (f"Measured on {datetime.now(UTC):%-d %B %Y} by `{called}`.", "", *_HEAD)
    async with running(err) as servers:
        machine = Table(("machine", ""), list(described(servers.home.root)))
        for part in chosen.parts:
            err.print(f"[bold]{part}[/]")
            sections.append(await MEASURES[part](servers, chosen))
            yield "\n".join(lines(sections, head, machine))


async def write(chosen: Options) -> None:
    """Write the results after each part, so that a later failure loses none. Show them at the end."""
    results = ""
    try:
        async with aclosing(measured(chosen)) as growing:
            async for results in growing:
                if chosen.results:
                    write_whole(chosen.results, results, mode=0o644)
    finally:
        if results:
            out.print(Markdown(results))


def main() -> int:
    """Exit code 1 after a failure, 130 after Ctrl-C."""
    chosen = options()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        uvloop.run(write(chosen))
    except Failure as failure:
        show_failure(failure)
        return 1
    except KeyboardInterrupt:
        err.print("Interrupted. The results so far are shown, and no process is left running.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
