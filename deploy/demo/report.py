"""The report at the end: the cases, the count, the comparison, the messages and the processes."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.catalog import SERVICES, Kind
from deploy.cli.address import address
from deploy.cli.screen import BAD, GOOD
from deploy.demo.count_table import WIDE, draw_count_table
from deploy.demo.demonstration import Result
from deploy.demo.looking import Look
from deploy.demo.reporting import IDENTITIES
from deploy.issuer.people import FIRST
from deploy.local.command_line import ser
from deploy.local.home import TREE
from deploy.local.run import Run
from deploy.population.codes import GROUPS

_MOST_LISTED = 30
_KINDS = {
    IDENTITIES: "identities",
    Kind.COMMAND: "commands",
    Kind.OUTCOME: "outcomes",
    Kind.EVENT: "events",
    Kind.HEARTBEAT: "heartbeats",
    Kind.DEAD_LETTER: "dead letters",
}


def show(result: Result, source: Path, run: Run, out: Console) -> None:
    """Prints the report. Into a file, it is as wide as the tables."""
    out = out if out.is_terminal else Console(file=out.file, width=WIDE, highlight=False)
    out.print("\n[bold]Tried live[/] on students whom no child count counts")
    for line in _cases(result):
        out.print(line, soft_wrap=True)
    out.print()
    for group in GROUPS:
        if group in result.plan.selection.age_groups:
            out.print(draw_count_table(result.count, result.comparison, result.plan, group, out.width))
    for line in (*_compared(result, source), *_refused(result)):
        out.print(line, soft_wrap=True)
    if result.look:
        out.print("\n[bold]Looked at[/] in reporting")
        for line in looked_at(result.look):
            out.print(line, soft_wrap=True)
        out.print()
    out.print(_messages(result), soft_wrap=True)
    out.print()
    out.print(_processes(result, run))
    for line in next_steps(result.plan.as_of, result.transferred, run):
        out.print(line, soft_wrap=True)


def _cases(result: Result) -> Iterator[str]:
    for case in result.cases:
        yield f"{GOOD if case.as_promised else BAD} {escape(case.tried)}"
        yield f"  [dim]{escape(case.answer)}[/]"


def _compared(result: Result, source: Path) -> Iterator[str]:
    comparison, count, plan = result.comparison, result.count, result.plan
    mark = GOOD if comparison.equal and count.complete else BAD
    yield f"{mark} [bold]{comparison.matched:,} of {comparison.total:,} published cells reproduced[/]"
    yield (
        f"  Compared: the child count of {plan.as_of:%-d %B %Y} that reporting gives"
        f" ({count.children(plan.selection):,} children from {count.events:,} events, "
        f"{'complete' if count.complete else 'NOT COMPLETE'}) with {escape(_short(source))}."
    )
    for difference in comparison.differences[:_MOST_LISTED]:
        yield f"  {BAD} {escape(str(difference))}"
    yield from _more(len(comparison.differences))
    if count.not_counted:
        reasons = ", ".join(f"{students:,} {reason}" for reason, students in count.not_counted.items())
        yield f"  [dim]In the record and not counted: {escape(reasons)}.[/]"


def _refused(result: Result) -> Iterator[str]:
    for outcome in result.progress.refusals[:_MOST_LISTED]:
        why = " ".join(f"{finding.code} {finding.message}" for finding in outcome.findings)
        yield f"  {BAD} {outcome.command} for {outcome.subject} was refused: {escape(why)}"
    yield from _more(result.progress.refused)


def _more(total: int) -> Iterator[str]:
    if total > _MOST_LISTED:
        yield f"    … and {total - _MOST_LISTED:,} more"


def looked_at(look: Look) -> Iterator[str]:
    """My Reports, one explained number, and a federal file."""
    run, file = look.run, look.file
    yield (
        f"{GOOD} My Reports of {escape(look.person.title)}: {run.title} as of {run.as_of:%-d %B %Y},"
        f" {run.considered:,} students considered"
    )
    if (one := look.number) is not None:
        yield f"{GOOD} The number {one.number:,}, {escape(one.row)} in {escape(one.column)}, explained"
        yield f"  [dim]One of them is {one.student}, because of {escape(', '.join(one.events))}.[/]"
    given = "SER gives it out" if file.given else "SER does not give it out"
    found = ", ".join(f"{check}: {number:,}" for check, number in file.found.items()) or "nothing"
    yield (
        f"{GOOD if file.given else BAD} FS002 of {file.school_year}, the state: {file.students:,} children in"
        f" {file.records:,} records. {given}"
    )
    yield f"  [dim]What its fourteen checks found: {found}.[/]"


def _messages(result: Result) -> str:
    kinds = ", ".join(f"{result.messages[kind]:,} {name}" for kind, name in _KINDS.items())
    total, progress = result.messages.total(), result.progress
    pace = (
        f"The histories took {result.histories_seconds:,.1f} s:"
        f" {progress.accepted / result.histories_seconds:,.0f} commands accepted a second"
        if progress.accepted
        else "Every history was complete before this run"
    )
    return (
        f"{GOOD} {total:,} messages published in {result.seconds:,.1f} s,"
        f" {total / result.seconds:,.0f} a second:"
        f" {kinds}\n  {pace}"
    )


def _processes(result: Result, run: Run) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("still running", "at"):
        table.add_column(heading, no_wrap=True)
    for heading in ("memory", "processor", "restarts"):
        table.add_column(heading, justify="right")
    for name, use in result.usage.items():
        where = address(name, run.components[name].port)
        table.add_row(
            name,
            f"{where}/docs" if name in SERVICES else where,
            f"{use.memory / 1e6:,.0f} MB",
            f"{use.seconds:,.0f} s",
            f"{use.restarts or ''}",
        )
    return table


def next_steps(as_of: date, transferred: str, run: Run) -> Iterator[str]:
    """What to type and to open next. `transferred`: a student of East Baton Rouge."""
    begin_on = as_of + timedelta(days=28)
    claim = {"student_id": transferred, "begin_on": f"{begin_on}", "school": "009001"}
    yield f"[dim]Look at it:[/] {escape(ser('status'))}, {escape(ser('tail'))}"
    words = f"send ClaimJurisdiction --lea 009 --json '{json.dumps(claim)}'"
    yield f"[dim]Try it, as Caddo:[/] {escape(ser(words))}"
    yield f"[dim]Stop it:[/] {escape(ser('down'))}"
    if "console" in run.components:
        url = address("console", run.components["console"].port)
        yield f"[dim]Open the console:[/] {url}, and sign in as {escape(FIRST.title)}"


def _short(path: Path) -> str:
    whole = path.resolve()
    return str(whole.relative_to(TREE)) if whole.is_relative_to(TREE) else str(whole)
