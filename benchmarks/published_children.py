"""Children made of the published figures, and their histories as reporting reads them."""

import random
from collections.abc import Iterator

from deploy.population.cells_file import read_cells
from deploy.population.leas import read_leas
from deploy.population.population import LOUISIANA_2017, LOUISIANA_2017_AS_OF, LOUISIANA_LEAS, populate
from deploy.population.pupils import Pupil
from tests.integration.test_reporting_published import child_of
from tests.unit.reporting.events import Child


def pupils() -> Iterator[Pupil]:
    """The 84,473 children of the published figures."""
    cells = read_cells(LOUISIANA_2017)
    yield from populate(cells, read_leas(LOUISIANA_LEAS), LOUISIANA_2017_AS_OF).pupils


def children(count: int | None, draw: random.Random) -> list[Child]:
    """`count` of the children (None: all), in random order."""
    drawn = list(pupils())
    draw.shuffle(drawn)
    return [child_of(pupil) for pupil in drawn[:count]]
