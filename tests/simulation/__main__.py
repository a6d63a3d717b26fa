"""`python -m tests.simulation SEEDS [FIRST]`: runs simulated histories, and shrinks those that break a
promise."""

import sys
import time

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.simulation.campaign import Found, campaign, shown, shrunk
from tests.simulation.coverage import OCCURRENCES
from tests.simulation.world import scenario

_SHRUNK_AT_MOST = 3


def main() -> int:
    """Run a campaign. Exit code 1: a history broke a promise, or the campaign missed a required situation."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    console, began = Console(), time.monotonic()
    found = Found()
    with Progress(console=console) as progress:
        bar = progress.add_task("histories", total=seeds)
        for found in campaign(first, seeds):
            progress.update(bar, completed=found.seeds, description=f"{len(found.broken_promises)} broken")
    console.print(_table(found))
    for seed, how in sorted(found.broken_promises.items())[:_SHRUNK_AT_MOST]:
        console.print(f"seed {seed}:", *how[:5], sep="\n  ", markup=False)
        console.print(*shown(shrunk(scenario(seed))), sep="\n", markup=False)
    never = [what for what in OCCURRENCES if not found.occurrences[what]]
    seconds = time.monotonic() - began
    console.print(
        f"{found.seeds:,} histories in {seconds:,.0f} s; {len(found.broken_promises)} broke promises"
    )
    if found.broken_promises:
        console.print("broken by seeds", sorted(found.broken_promises), markup=False)
    if never:
        console.print("never happened:", *never, sep="\n  ", markup=False)
    return 1 if found.broken_promises or never else 0


def _table(found: Found) -> Table:
    table = Table("what happened", "times")
    for what in OCCURRENCES:
        table.add_row(what, f"{found.occurrences[what]:,}")
    return table


if __name__ == "__main__":
    sys.exit(main())
