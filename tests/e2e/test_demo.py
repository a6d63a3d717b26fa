"""The demonstration itself: five real services, Kafka and PostgreSQL, and the count as published."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from contracts.catalog import SERVICES
from deploy.demo.demonstration import Demonstration, Plan, Result
from deploy.demo.driver import Progress
from deploy.demo.history import history_of
from deploy.local import control
from deploy.local.failure import Failure
from deploy.local.home import TREE, WELL_KNOWN, Home
from deploy.local.run import Run
from deploy.population.cells import CellKey
from deploy.population.cells_file import read_cells
from deploy.population.codes import EARLY_CHILDHOOD, SCHOOL_AGE, AgeGroup, Disability
from deploy.population.leas import read_leas
from deploy.population.population import (
    LOUISIANA_2017,
    LOUISIANA_2017_AS_OF,
    LOUISIANA_LEAS,
    Population,
    Selection,
    populate,
    select_cells,
    select_pupils,
)
from tests.toolchains import need

pytestmark = pytest.mark.system

_WINDOW = 150
_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class System:
    """A running system of its own."""

    home: Home
    run: Run

    async def run_plan(self, plan: Plan) -> Result:
        """Runs a demonstration to its end."""
        return await self.demonstration(plan).run()

    def demonstration(self, plan: Plan) -> Demonstration:
        """A demonstration that has not begun."""
        return Demonstration(self.home, self.run, plan, Console(stderr=True))

    def kill(self, part: str) -> None:
        """Kills a component, as a crash would."""
        run = control.running(self.home)
        assert run is not None
        process = run.components[part].process
        assert process is not None
        assert process.signal(signal.SIGKILL)

    def pasted(self, page: str) -> tuple[int, list[str]]:
        """How many questions the examples of a page ask, and what this system answers to each."""
        (block,) = re.findall(r"^## Queries$.*?^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        for name, port in WELL_KNOWN.items():
            block = block.replace(f"127.0.0.1:{port}", f"127.0.0.1:{self.port(name)}")
        block = block.replace(".venv/bin/ser", f"{sys.executable} -m deploy.cli").replace("\ncurl", "\nask")
        shell = "ask() { curl --noproxy '*' \"$@\"; echo; echo -----; }\n"
        done = subprocess.run(
            ["bash", "-c", shell + block],
            cwd=TREE,
            env=os.environ | {"SER_HOME": str(self.home.root), "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
        return block.count("\nask "), [answer.strip() for answer in done.stdout.split("-----")[:-1]]

    def port(self, part: str) -> int:
        """Where a part listens; 0 for one that this system has not."""
        return self.run.components[part].port if part in self.run.components else 0

    def restarts(self, part: str) -> int:
        """How often the supervisor restarted a component."""
        run = control.running(self.home)
        assert run is not None
        return run.components[part].restarts


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The five services with their servers on free ports, for the tests of this file."""
    home = Home(tmp_path_factory.mktemp("ser"), well_known=False)
    try:
        yield System(home, control.up(home, SERVICES))
    finally:
        control.down(home)


@cache
def population_on(as_of: date) -> Population:
    """All children of the published file, on a day."""
    return populate(read_cells(LOUISIANA_2017), read_leas(LOUISIANA_LEAS), as_of)


def plan(*disabilities: str, group: AgeGroup = SCHOOL_AGE, as_of: date = LOUISIANA_2017_AS_OF) -> Plan:
    """The children of these disabilities in an age group, as Louisiana published them."""
    cells, population = read_cells(LOUISIANA_2017), population_on(as_of)
    selection = Selection(frozenset(map(Disability, disabilities)), frozenset({group}))
    return Plan(
        select_pupils(population.pupils, selection),
        selection,
        select_cells(cells, selection),
        as_of,
        _WINDOW,
        later_years=True,
    )


async def test_every_published_cell_comes_out(system: System) -> None:
    """The histories of 219 children with deaf-blindness or brain injury give every published cell."""
    rarest = plan("DB", "TBI")

    result = await system.run_plan(rarest)

    assert result.comparison.differences == ()
    assert result.comparison.total == len(rarest.published) > 50
    assert result.count.cells[CellKey(SCHOOL_AGE, Disability("TBI"), None, "total", "")] == 214
    assert result.count.complete
    commands = sum(len(history_of(pupil, rarest.as_of, later_years=True).commands) for pupil in rarest.pupils)
    assert (result.progress.completed, result.progress.accepted, result.progress.refused) == (
        219,
        commands,
        0,
    )
    assert [case for case in result.cases if not case.as_promised] == []
    assert len(result.cases) > 8
    assert result.good


async def test_a_second_run_changes_nothing(system: System) -> None:
    """A second run sends no command of a history, and the count stays the same."""
    rarest = plan("DB", "TBI")
    first = await system.run_plan(rarest)

    second = await system.run_plan(rarest)

    assert (second.progress.earlier, second.progress.sent) == (219, 0)
    assert second.count.cells == first.count.cells
    assert second.good


async def test_two_at_once(system: System) -> None:
    """Two runs with the same children at the same time both complete, and nothing happens twice."""
    few = plan("TBI", group=EARLY_CHILDHOOD)

    first, second = await asyncio.gather(system.run_plan(few), system.run_plan(few))

    assert first.good
    assert second.good
    assert first.count.cells == second.count.cells


async def test_children_of_other_figures_are_noticed_before_anything_is_sent(system: System) -> None:
    """The run is refused: the children of another day would be counted beside those already there."""
    await system.run_plan(plan("DB"))
    demonstration = system.demonstration(plan("DB", as_of=date(2017, 9, 30)))

    with pytest.raises(Failure, match="not of these figures"):
        await demonstration.run()

    assert demonstration.progress.sent == 0


async def test_every_example_of_the_page_shows_something(system: System) -> None:
    """Whoever pastes the examples of USING.md after the demonstration sees students, numbers or findings."""
    need("bash", "curl", "grep")
    await system.run_plan(plan("DB", "TBI"))
    expected, answers = await asyncio.to_thread(
        system.pasted, (TREE / "USING.md").read_text(encoding="utf-8")
    )
    assert len(answers) == expected > 7
    empty = [answer for answer in answers if not answer or not shows_something(answer)]
    assert not empty, "\n".join(empty)


def shows_something(answer: str) -> bool:
    """Whether an answer is a table with rows, a list with items, the record of a student, or a run begun."""
    *above, last = answer.splitlines()
    if not last.startswith(("{", "[")):
        return len(above) > 0
    body = json.loads(last)
    if isinstance(body, list):
        return bool(body)
    lists = [value for name, value in body.items() if isinstance(value, list) and name != "findings"]
    return "status" not in body and (any(lists) or "student_id" in body or "run_id" in body)


@pytest.mark.parametrize(
    ("part", "disabilities"),
    [
        ("reporting", ("OHI",)),
        ("postgres", ("ID", "MD")),
        ("kafka", ("AUT",)),
    ],
    ids=["reporting", "postgres", "kafka"],
)
async def test_a_crash_in_the_middle_ends_in_the_same_table(
    system: System, part: str, disabilities: Sequence[str]
) -> None:
    """A killed component is restarted during the run, and every cell comes out as published."""
    demonstration = system.demonstration(plan(*disabilities, group=EARLY_CHILDHOOD))
    before = system.restarts(part)

    running = asyncio.create_task(demonstration.run())
    await wait_for_a_third(demonstration.progress, running)
    system.kill(part)
    result = await running

    assert system.restarts(part) == before + 1
    assert result.comparison.differences == ()
    assert result.good


async def wait_for_a_third(progress: Progress, running: "asyncio.Task[Result]") -> None:
    """Returns when a third of the commands, or so, were accepted; the test fails if that does not happen."""
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while progress.accepted < 4 * progress.children:
            assert not running.done(), "it was over before anything could be killed"
            await asyncio.sleep(0.02)


def test_a_file_that_contradicts_itself_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    """The message names the cells, the exit code is 2, and no process was started."""
    file = tmp_path / "cells.csv"
    header, *rows = LOUISIANA_2017.read_text().splitlines()
    wrong = [row.replace("TBI,,total,,214", "TBI,,total,,213") for row in rows]
    file.write_text("\n".join([header, *wrong]) + "\n")
    assert wrong != rows

    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "demo", "--cells", str(file)],
        cwd=TREE,
        env=os.environ | {"SER_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert "TBI" in done.stderr
    assert not (tmp_path / "home" / "run.json").exists()
