"""Checks a whole file of identity changes, then sends it. Each row gets one verdict."""

import csv
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from deploy.bridge.checking import Checked, Problem, check
from deploy.bridge.files import read
from deploy.bridge.keeping import Kept
from deploy.bridge.publishing import publish
from deploy.cli.screen import err

SENT, REFUSED = 0, 4
"""Exit codes: all rows were sent, or checked and fit to be sent; a row was refused, and nothing was sent."""

_PROGRESS = 10_000
_SAID = "said by an earlier row"
_COLUMNS = ("row", "message", "student_id", "revision", "verdict", "code", "field", "problem", "what_to_do")


async def bridge(path: Path, bootstrap: str, prefix: str) -> int:
    """Check the file, and send it if every row is fit. Prints the verdicts; returns the exit code."""
    rows = _fit_rows(path)
    if rows is None:
        return REFUSED
    verdicts = _Verdicts()
    async for row in publish(bootstrap, prefix, rows):
        verdicts.give(row, _SAID if row.again else "sent")
    verdicts.sum_up()
    return SENT


def only_check(path: Path) -> int:
    """Check the file, and send nothing. Prints the verdicts; returns the exit code."""
    rows = _fit_rows(path)
    if rows is None:
        return REFUSED
    verdicts = _Verdicts()
    for row in rows:
        verdicts.give(row, _SAID if row.again else "fit")
    verdicts.sum_up()
    return SENT


def _fit_rows(path: Path) -> Iterable[Checked] | None:
    """The rows of the file, read once. None if one is not fit: then the verdicts are printed."""
    kept: Kept[Checked] = Kept()
    refused = number = 0
    for number, checked in enumerate(check(read(path)), 1):
        kept.add(checked)
        refused += bool(checked.problems)
        if number % _PROGRESS == 0:
            err.print(f"{number:,} rows checked")
    err.print(f"{number:,} rows checked")
    if not refused:
        return kept
    verdicts = _Verdicts()
    for checked in kept:
        verdicts.give(checked, "refused" if checked.problems else "not sent")
    verdicts.sum_up()
    err.print("Nothing was sent, because a row was refused. Correct it, and send the file again.")
    return None


class _Verdicts:
    """Prints the verdicts as CSV on standard output, and progress on standard error."""

    def __init__(self) -> None:
        self._table = csv.writer(sys.stdout, lineterminator="\n")
        self._table.writerow(_COLUMNS)
        self._counted: Counter[str] = Counter()

    def give(self, checked: Checked, verdict: str) -> None:
        """A row with its verdict; one line for each problem."""
        event = checked.event
        about = (event.subject, event.revision) if event else ("", "")
        for problem in checked.problems or (Problem("", ""),):
            self._table.writerow(
                (
                    *(checked.row.line, checked.row.name, *about, verdict),
                    *(problem.code, problem.field, problem.message, problem.solution),
                )
            )
        self._counted[verdict] += 1
        if verdict == "sent" and self._counted[verdict] % _PROGRESS == 0:
            err.print(f"{self._counted[verdict]:,} rows sent")

    def sum_up(self) -> None:
        """How many rows got each verdict."""
        said = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(self._counted.items()))
        err.print(said or "The file has no row.")
