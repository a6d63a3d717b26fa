"""Measures what it is told to, shows it and writes it down: `python -m benchmarks [part …]`."""

import logging
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import uvloop
from rich.markdown import Markdown

from benchmarks import commands, count, intake, latency, rebuild, search
from benchmarks.machine import described
from benchmarks.options import Options, options
from benchmarks.results import Section, Table, lines
from benchmarks.servers import Servers, running
from deploy.cli.screen import err, out, said
from deploy.local.failure import Failure
from deploy.local.home import write_whole

MEASURES: dict[str, Callable[[Servers, Options], Awaitable[Section]]] = {
    "commands": commands.measure,
    "rebuild": rebuild.measure,
    "latency": latency.measure,
    "count": count.measure,
    "search": search.measure,
    "intake": intake.measure,
}
"""What measures each part, in the order in which they are measured."""


async def measured(chosen: Options) -> str:
    """The results as Markdown."""
    async with running(err) as servers:
        machine = Table(("what", "is"), list(described(servers.home.root)))
        sections = []
        for part in chosen.parts:
            err.print(f"[bold]{part}[/]")
            sections.append(await MEASURES[part](servers, chosen))
    head = f"Measured on {datetime.now(UTC):%-d %B %Y} by `python -m benchmarks {' '.join(sys.argv[1:])}`."
    return "\n".join(lines(sections, [head], machine))


def main() -> int:
    """Exit code 1 if something was in the way, 130 after Ctrl-C."""
    chosen = options()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        results = uvloop.run(measured(chosen))
    except Failure as failure:
        said(failure)
        return 1
    except KeyboardInterrupt:
        err.print("Interrupted; nothing is written, and nothing is left running.")
        return 130
    write_whole(chosen.results, results, mode=0o644)
    out.print(Markdown(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
