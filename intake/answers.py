"""What a sender gets back of a submission: a verdict for each finding, and the rows to correct."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from contracts.errors import Finding
from intake.reading.rows import Row, State
from intake.reading.submission import File, Submission

VERDICT_COLUMNS = (
    *("file", "line", "row_id", "student_id", "key", "verdict", "code", "severity", "column"),
    *("message", "solution"),
)
ADDED = ("x_code", "x_message")
"""The columns that say what is wrong with a row to correct."""


def verdicts(submission: Submission) -> Iterator[tuple[str, ...]]:
    """A line for each finding, at least one a row, in the order of the files. See `VERDICT_COLUMNS`."""
    for file in submission.files:
        for row in file.rows():
            for finding in row.findings or (None,):
                yield (*_of_row(file, row), *_of_finding(finding))


def write_rows_to_correct(submission: Submission, folder: Path) -> list[Path]:
    """Write a file for each file with unread rows: these rows as they were sent, and what is wrong with them.

    The corrected files can be sent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in submission.files:
        if file.reader is not None and file.survey.unread:
            path = folder / Path(file.name).name
            with path.open("w", encoding="utf-8-sig", newline="") as text:
                csv.writer(text).writerows(_to_correct(file, file.reader.header.cells))
            written.append(path)
    return written


def _to_correct(file: File, header: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    left_out = {place for place, name in enumerate(header) if name.strip().lower() in ADDED}
    yield (*without(left_out, header), *ADDED)
    for row in file.rows():
        if row.state is State.UNREAD and row.cells:
            codes = " ".join(dict.fromkeys(finding.code for finding in row.findings))
            sentences = " ".join(f"{one.message} {one.solution}" for one in row.findings)
            cells = (*row.cells, *("",) * (len(header) - len(row.cells)))
            yield (*without(left_out, cells), codes, sentences)


def without(places: set[int], cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without those at some places."""
    return tuple(cell for place, cell in enumerate(cells) if place not in places)


def _of_row(file: File, row: Row) -> tuple[str, ...]:
    key = " ".join(row.key(file.record_type)) if row.values else ""
    return (file.name, str(row.line), row.row_id, row.student_id, key, row.state.value)


def _of_finding(finding: Finding | None) -> tuple[str, ...]:
    if finding is None:
        return ("",) * 5
    return (finding.code, finding.severity.value, finding.field or "", finding.message, finding.solution)
