"""`ser demo`: its options, its exit codes, and the start of the system."""

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from aiokafka.errors import KafkaError
from rich.markup import escape

from contracts.catalog import SERVICES
from deploy.cli import lifecycle
from deploy.cli.screen import BAD, GOOD, err, out
from deploy.demo import report
from deploy.demo.demonstration import Demonstration, Plan, lock_run_directory
from deploy.demo.display import explain_interruption
from deploy.demo.driver import WINDOW
from deploy.local.command_line import ser
from deploy.local.control import running
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.program import PROGRAMS
from deploy.local.run import Run
from deploy.population.cells_file import read_cells
from deploy.population.codes import DECLARED_AGES, DISABILITIES, GROUPS, AgeGroup, Disability
from deploy.population.findings import FileRefused
from deploy.population.leas import read_leas
from deploy.population.population import (
    EVERYONE,
    LOUISIANA_2017,
    LOUISIANA_2017_AS_OF,
    LOUISIANA_LEAS,
    RARER,
    Selection,
    populate,
    select_cells,
    select_pupils,
)
from deploy.population.pupils import Pupil
from services.chassis.hosting.collecting import collect_rarely

_FIRST_COUNT = date(1976, 10, 1)
_DIFFERENT, _REFUSED = 1, 2


def _day(text: object) -> date:
    try:
        day = date.fromisoformat(str(text))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date; write it like 2017-10-01") from error
    if not _FIRST_COUNT <= day <= date.today():  # noqa: DTZ011 - the time zone does not matter here
        raise typer.BadParameter(f"{day} is before the first child count or in the future")
    return day


def demo(
    cells: Annotated[
        Path | None, typer.Option(help="Published cells, CSV; without it Louisiana's of fall 2017.")
    ] = None,
    as_of: Annotated[
        date, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="The day of the count.")
    ] = LOUISIANA_2017_AS_OF,
    everything: Annotated[
        bool, typer.Option("--everything", "--all", help="All children of Louisiana's file.")
    ] = False,
    only: Annotated[str | None, typer.Option(metavar="CODE,CODE", help="Only these disabilities.")] = None,
    ages: Annotated[str | None, typer.Option(metavar="GROUP,GROUP", help="Only these age groups.")] = None,
    first_year: Annotated[
        bool, typer.Option("--first-year", help="End each history with the first IEP; faster.")
    ] = False,
    window: Annotated[int, typer.Option(min=1, max=20_000, help="Children in progress at once.")] = WINDOW,
) -> None:
    """Send the histories of a published count's children through the system and compare the child counts.

    Without options: the children of the rarer disabilities at school age. The command starts the system if
    it is not running, and leaves it running. A second call goes on where the first one ended.

    Exit codes: 0 every cell is as published; 1 one is not, or a command was refused; 2 the file is refused.
    """
    source = cells or LOUISIANA_2017
    selection = _selection(only, ages, EVERYONE if everything or cells else RARER)
    plan = _plan(source, as_of, selection, window, later_years=not first_year)
    collect_rarely()
    home = Home.chosen()
    with lock_run_directory(home):
        run = _started(home)
        try:
            with explain_interruption(err):
                result = uvloop.run(Demonstration(home, run, plan, err).run())
        except KafkaError as error:
            raise Failure(
                f"Kafka does not answer: {error!r}.", f"See whether it is ready: {ser('status')}"
            ) from error
    report.show(result, source, run, out)
    if not result.good:
        raise typer.Exit(_DIFFERENT)


def _selection(only: str | None, ages: str | None, otherwise: Selection) -> Selection:
    disabilities = _among(only, DISABILITIES, "--only")
    groups = _among(ages, tuple(GROUPS), "--ages")
    if only and not ages:
        groups = frozenset(GROUPS)
    return Selection(
        frozenset(Disability(code) for code in disabilities or otherwise.disabilities),
        frozenset(AgeGroup(code) for code in groups or otherwise.age_groups),
    )


def _among(text: str | None, allowed: Sequence[str], option: str) -> frozenset[str]:
    codes = frozenset(text.upper().replace(" ", "").split(",")) if text else frozenset()
    if unknown := sorted(codes.difference(allowed)):
        raise typer.BadParameter(f"{', '.join(unknown)}: use {', '.join(allowed)}", param_hint=option)
    return codes


def _plan(source: Path, as_of: date, selection: Selection, window: int, *, later_years: bool) -> Plan:
    """The plan for the file. Exit code 2, before any message is sent: the file cannot be used."""
    began = time.monotonic()
    try:
        with err.status("Making children from the published cells …"):
            cells = read_cells(source)
            population = populate(cells, read_leas(LOUISIANA_LEAS), as_of)
    except FileRefused as refused:
        err.print(f"{BAD} {escape(str(refused))}", soft_wrap=True)
        raise typer.Exit(_REFUSED) from refused
    plan = Plan(
        select_pupils(population.pupils, selection),
        selection,
        select_cells(cells, selection),
        as_of,
        window,
        later_years,
    )
    _check(plan)
    for concession in population.concessions:
        err.print(f"[yellow]![/] {escape(str(concession))}", soft_wrap=True)
    made = f"{len(population.pupils):,} children made from {len(cells):,} published cells"
    seconds = f"[dim]{time.monotonic() - began:.1f} s[/]"
    err.print(f"{GOOD} {made}, {len(plan.pupils):,} of them selected  {seconds}", soft_wrap=True)
    return plan


def _check(plan: Plan) -> None:
    if not plan.pupils or not len(plan.published):
        err.print(f"{BAD} No child or no published cell has these disabilities and ages.")
        raise typer.Exit(_REFUSED)
    if never := [pupil for pupil in plan.pupils if not _declared(pupil)]:
        kinds = sorted({f"{pupil.child.disability} at {pupil.child.age}" for pupil in never})
        err.print(
            f"{BAD} The cells need {len(never):,} children with {escape(', '.join(kinds))}, which the rules"
            " of the state exclude (LAC 28:CI.705). Correct the cells, or leave some out.",
            soft_wrap=True,
        )
        raise typer.Exit(_REFUSED)


def _declared(pupil: Pupil) -> bool:
    ages = DECLARED_AGES.get(pupil.child.disability)
    return ages is None or pupil.child.age in ages


def _started(home: Home) -> Run:
    """The running system, started if needed. Failure: it does not start, or a service of it does not run."""
    run = running(home)
    if run is None or run.state != "running":
        lifecycle.start(PROGRAMS)
        run = running(home)
    absent = sorted(set(SERVICES) - set(run.components)) if run else SERVICES
    if run is None or absent:
        raise Failure(
            f"The system runs without {', '.join(absent)}.",
            f"Start all of it: {ser('down')}, then {ser('demo')}",
        )
    return run
