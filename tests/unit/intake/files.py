"""Writes the files of a submission and reads them."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts.errors import Finding
from intake.reading.rows import Row
from intake.reading.submission import Announced, Submission, read_submission

CLAIMS = "student_id,begin_on,school,local_student_id\n"
STUDENTS = "student_id,grade\n"


def read(folder: Path, files: Mapping[str, str | bytes], **announced: Any) -> Submission:
    """The submission of LEA 017 with these files: one CSV alone, or several in a ZIP."""
    written = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    if len(written) == 1:
        ((name, content),) = written.items()
        path = folder / name
        path.write_bytes(content)
    else:
        path = folder / "submission.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in written.items():
                archive.writestr(name, content)
    return read_submission(path, Announced("017", **announced))


def rows(submission: Submission) -> list[Row]:
    """Every row of a submission."""
    return [row for file in submission.files for row in file.rows()]


def findings(submission: Submission) -> Iterator[Finding]:
    """Every finding: about the submission, its files, their columns and their rows."""
    yield from submission.findings
    for file in submission.files:
        yield from (*file.findings, *file.columns)
        for row in file.rows():
            yield from row.findings


def codes(submission: Submission) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in findings(submission)}
