"""`ser batch`: checks a batch file and sends nothing, prints the guide for data managers, and templates."""

import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from contracts.codes import LEAS
from contracts.errors import Finding, Severity
from deploy.cli.screen import BAD, GOOD, out
from deploy.local.failure import Failure
from intake.answers import VERDICT_COLUMNS, verdicts, write_rows_to_correct
from intake.guide import guide
from intake.reading.damage import Dates
from intake.reading.rows import Row, State
from intake.reading.submission import Announced, File, Submission, read_submission
from intake.record_types import RECORD_TYPES
from intake.templates import write_templates

READ, REFUSED = 0, 4
"""Exit codes: every row can be sent; a row is unread, or nothing can be sent."""

_MOST_SHOWN = 20


def read(path: Path, announced: Announced, verdicts_to: Path | None, to_correct: Path | None) -> int:
    """Read the file and print what was found. Gives the exit code. Failure: the file cannot be opened."""
    if announced.lea not in LEAS:
        raise Failure(f"{announced.lea} is no LEA of the state.", "See contracts/codes/leas.csv.")
    if announced.record_type and announced.record_type not in RECORD_TYPES:
        known = ", ".join(RECORD_TYPES)
        raise Failure(f"There is no record type {announced.record_type!r}.", f"There are: {known}.")
    try:
        submission = read_submission(path, announced)
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", "Name a CSV or a ZIP file.") from error
    _show(submission)
    if verdicts_to is not None:
        _write_verdicts(submission, verdicts_to)
    for written in write_rows_to_correct(submission, to_correct) if to_correct is not None else ():
        out.print(f"The rows to correct are in {written}.", soft_wrap=True)
    return REFUSED if submission.refused or submission.unread else READ


def show_guide() -> None:
    """Print the guide."""
    out.print(guide(), markup=False, soft_wrap=True, end="")


def write_all_templates(folder: Path) -> None:
    """Write the templates."""
    written = write_templates(folder)
    out.print(f"{GOOD} {len(written)} templates are in {folder}. Save a filled one as CSV UTF-8.")


def dates_named(form: str | None) -> Dates | None:
    """The form of the dates. Failure: there is no such form."""
    try:
        return Dates(form.upper()) if form else None
    except ValueError:
        forms = ", ".join(one.value for one in Dates)
        raise Failure(f"No date is written {form}.", f"Use one of: {forms}.") from None


def _show(submission: Submission) -> None:
    if submission.files:
        out.print(_table(submission))
    show_findings(submission.findings)
    for file in submission.files:
        show_findings((*file.findings, *file.columns), file.name)
        _show_rows(file)
    if submission.refused:
        out.print(f"{BAD} Nothing of this submission can be sent.")
    elif submission.unread:
        out.print(f"{BAD} {submission.unread:,} of {submission.read:,} rows cannot be read.")
    else:
        out.print(f"{GOOD} All {submission.read:,} rows of {submission.students:,} students can be sent.")


def _table(submission: Submission) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("file")
    for heading in ("rows", "good", "unread", "repeated", "blank"):
        table.add_column(heading, justify="right")
    for file in submission.files:
        survey = file.survey
        counts = (survey.read, survey.good, survey.unread, survey.repeated, survey.blank)
        table.add_row(escape(file.name), *(f"{count:,}" for count in counts))
    return table


def _show_rows(file: File) -> None:
    """Print what is wrong with single rows, unless it was said of the whole column."""
    found = ((row, finding) for row in file.rows() for finding in row.findings if _own(file, finding))
    for row, finding in islice(found, _MOST_SHOWN):
        _show_finding(finding, _place(file, row))
    if more := sum(1 for _ in found):
        out.print(f"  … and {more:,} more in {escape(file.name)}; --verdicts FILE has all of them.")


def _own(file: File, finding: Finding) -> bool:
    return not file.survey.says_column(finding.field, finding.code)


def _place(file: File, row: Row) -> str:
    state = "" if row.state is State.GOOD else f", {row.state.value}"
    return f"{file.name}, line {row.line}{state}"


def show_findings(findings: Iterable[Finding], place: str = "") -> None:
    """Print findings, each with what to do, and the place where they were found."""
    for finding in findings:
        _show_finding(finding, place)


def _show_finding(finding: Finding, place: str) -> None:
    colour = "yellow" if finding.severity is Severity.WARNING else "red"
    where = f" [dim]({escape(place)})[/]" if place else ""
    out.print(f"  [{colour}]{finding.code}[/]{where} {escape(finding.message)}", soft_wrap=True)
    out.print(f"    [cyan]→[/] {escape(finding.solution)}", soft_wrap=True)


def _write_verdicts(submission: Submission, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text)
        table.writerow(VERDICT_COLUMNS)
        table.writerows(verdicts(submission))
    out.print(f"The verdict of each row is in {path}.", soft_wrap=True)
