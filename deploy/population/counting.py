"""Every cell that children fall into."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

from deploy.population.cells import CellKey
from deploy.population.children import Child
from deploy.population.codes import GROUPS, Breakdown


def count(children: Iterable[Child]) -> Counter[CellKey]:
    """How many of the children each cell counts, for each cell that counts any."""
    alike = Counter((c.age_group, c.age, c.disability, c.environment, c.race, c.sex) for c in children)
    counts: Counter[CellKey] = Counter()
    for kind, number in alike.items():
        for key in _keys(Child(0, *kind)):
            counts[key] += number
    return counts


def _keys(child: Child) -> Iterator[CellKey]:
    for disability, environment in product((None, child.disability), (None, child.environment)):
        for breakdown, value in _values(child):
            yield CellKey(child.age_group, disability, environment, breakdown, value)


def _values(child: Child) -> Iterator[tuple[Breakdown, str]]:
    yield from (("total", ""), ("age", str(child.age)), ("race", child.race), ("sex", child.sex))
    for band, ages in GROUPS[child.age_group].bands.items():
        if child.age in ages:
            yield "ageband", band
