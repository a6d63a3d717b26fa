"""Counts children as the published tables do, without the project's own code for counting."""

from collections import Counter
from collections.abc import Iterable

from deploy.population.cells import CellKey, Cells
from deploy.population.children import Child


def recount(children: Iterable[Child]) -> Counter[CellKey]:
    counts: Counter[CellKey] = Counter()
    for child in children:
        for disability in (None, child.disability):
            for environment in (None, child.environment):
                kind = (child.age_group, disability, environment)
                counts[CellKey(*kind, "total", "")] += 1
                counts[CellKey(*kind, "age", str(child.age))] += 1
                counts[CellKey(*kind, "race", child.race)] += 1
                counts[CellKey(*kind, "sex", child.sex)] += 1
                if child.age_group == "6-21":
                    counts[CellKey(*kind, "ageband", _band(child.age))] += 1
    return counts


def _band(age: int) -> str:
    return "6-11" if age <= 11 else "12-17" if age <= 17 else "18-21"


def find_differences(cells: Cells, children: Iterable[Child]) -> list[tuple[CellKey, int, int]]:
    """The cells that the children do not match: key, published count, own count."""
    counts = recount(children)
    return [(c.key, c.children, counts[c.key]) for c in cells if counts[c.key] != c.children]
