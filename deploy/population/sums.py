"""Contradictions that adding up shows: parts that are not, or are more than, their whole."""

from collections.abc import Iterable, Iterator, Mapping

from deploy.population.cells import Cell, CellKey
from deploy.population.codes import DISABILITIES, GROUPS, AgeBand, Breakdown, values_of
from deploy.population.findings import WRONG_SUM, Finding


def wrong_sums(cells: Iterable[Cell]) -> list[Finding]:
    """One finding for each whole and each way of dividing it that disagree.

    Parts that were left out are free, so the others may be fewer than the whole, never more.
    """
    by_key = {cell.key: cell for cell in cells}
    return [
        finding
        for whole in by_key.values()
        for name, parts in _divisions(whole.key)
        if (finding := _disagreement(whole, name, parts, by_key))
    ]


def _disagreement(
    whole: Cell, name: str, keys: list[CellKey], by_key: Mapping[CellKey, Cell]
) -> Finding | None:
    parts = tuple(by_key[key] for key in keys if key in by_key)
    total = sum(part.children for part in parts)
    complete = len(parts) == len(keys)
    if total == whole.children or (total < whole.children and not complete):
        return None
    facts = (
        f"{whole.key} is {whole.children}, but its parts by {name} ({len(parts)} given) add up to {total}."
    )
    return Finding.about(WRONG_SUM, (whole, *parts), facts)


def _divisions(key: CellKey) -> Iterator[tuple[str, list[CellKey]]]:
    if key.disability is None:
        yield "disability", [key._replace(disability=code) for code in DISABILITIES]
    if key.environment is None:
        yield "environment", [key._replace(environment=code) for code in GROUPS[key.age_group].environments]
    if key.breakdown == "total":
        for breakdown in _complete_breakdowns(key):
            yield breakdown, _parts(key, breakdown, values_of(key.age_group, breakdown))
    if key.breakdown == "ageband":
        ages = GROUPS[key.age_group].bands[AgeBand(key.value)]
        yield "age", _parts(key, "age", tuple(map(str, ages)))


def _complete_breakdowns(key: CellKey) -> Iterator[Breakdown]:
    yield from ("age", "race", "sex")
    if GROUPS[key.age_group].bands:
        yield "ageband"


def _parts(key: CellKey, breakdown: Breakdown, values: tuple[str, ...]) -> list[CellKey]:
    return [key._replace(breakdown=breakdown, value=value) for value in values]
