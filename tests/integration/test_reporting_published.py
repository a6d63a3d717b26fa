"""Reporting reproduces the published figures: every cell of the rarer disabilities at school age."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.codes import EXCEPTIONALITIES
from deploy.population.cells import CellKey, compare
from deploy.population.cells_file import read_cells
from deploy.population.leas import read_leas
from deploy.population.population import (
    LOUISIANA_2017,
    LOUISIANA_2017_AS_OF,
    LOUISIANA_LEAS,
    RARER,
    populate,
    select_cells,
    select_pupils,
)
from deploy.population.pupils import Pupil
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child, Publisher

_BATCH = 1000


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def child_of(pupil: Pupil) -> Child:
    """A pupil of the population as reporting's events show it. A pupil of the category *two or more* has two
    races."""
    found = pupil.child
    code = next(code for code, known in EXCEPTIONALITIES.items() if known.edfacts == found.disability)
    races = {"HI7": ("WH7",), "MU7": ("BL7", "WH7")}.get(found.race, (found.race,))
    return Child(
        student=pupil.state_id,
        birth_on=pupil.birth_on,
        sex=found.sex,
        hispanic=found.race == "HI7",
        races=races,
        grade=pupil.grade,
        lea=pupil.lea,
        codes=(code,),
        environment=found.environment,
    )


def cells_of(counted: dict[str, Any]) -> dict[CellKey, int]:
    """The cells of a count, with the names of the published ones."""
    return {
        CellKey(
            cell["age_group"], cell["disability"], cell["environment"], cell["breakdown"], cell["value"] or ""
        ): cell["children"]
        for cell in counted["cells"]
    }


async def test_every_published_cell_of_the_rarer_disabilities(reporting: ReportingQueries) -> None:
    """For 5,384 children of seven disabilities, each published cell has its number."""
    cells = read_cells(LOUISIANA_2017)
    pupils = select_pupils(populate(cells, read_leas(LOUISIANA_LEAS), LOUISIANA_2017_AS_OF).pupils, RARER)
    publisher = Publisher()
    events = publisher.publish(*(event for pupil in pupils for event in child_of(pupil).all_events()))
    await reporting.receive(*(events[start : start + _BATCH] for start in range(0, len(events), _BATCH)))
    await reporting.receive(publisher.heartbeats())

    counted = await reporting.child_count(LOUISIANA_2017_AS_OF)
    assert (counted["reconciliation"]["counted"], counted["complete"]) == (5384, True)
    comparison = compare(select_cells(cells, RARER), cells_of(counted))
    assert not [str(difference) for difference in comparison.differences]
    assert comparison.total == 315
