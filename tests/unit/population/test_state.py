"""The whole state from the published file, with the real solver."""

import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from deploy.population.cells import Cells
from deploy.population.cells_file import read_cells
from deploy.population.children import Child, children_of
from deploy.population.codes import Race, Sex
from deploy.population.fit import fit
from deploy.population.leas import Lea
from deploy.population.population import LOUISIANA_2017, LOUISIANA_2017_AS_OF, Population, populate
from tests.unit.population.recount import find_differences


def _children(population: Population) -> list[Child]:
    return [pupil.child for pupil in population.pupils]


def test_every_published_cell_of_louisiana_comes_out(louisiana: Cells, state: Population) -> None:
    """84,473 children are made, and each of the 1,076 published cells counts exactly as many as published."""
    assert (len(louisiana), len(state.pupils)) == (1_076, 84_473)
    assert find_differences(louisiana, _children(state)) == []


def test_no_child_is_unlikely(state: Population) -> None:
    """No child is outside the rules: developmental delay from 3 to 8, no code the file never names."""
    assert state.concessions == ()
    children = _children(state)
    assert {child.age for child in children if child.disability == "DD"} == {3, 4, 5, 6, 7, 8}
    under_six = {child.disability for child in children if child.age_group == "3-5"}
    assert under_six.isdisjoint({"SLD", "EMN", "DB"})


def test_ages_belong_to_their_group(state: Population) -> None:
    """No child in early childhood is older than 5, and none of school age is younger than 6."""
    ages = defaultdict(set)
    for child in _children(state):
        ages[child.age_group].add(child.age)
    assert ages == {"3-5": set(range(3, 6)), "6-21": set(range(6, 22))}


def test_what_the_file_leaves_open_is_near_proportion(state: Population) -> None:
    """If no cell says otherwise, the share of girls is the same among Black and white children."""
    shares = [
        _share_of_girls(child for child in _large_group(state) if child.race == r) for r in ("BL7", "WH7")
    ]
    assert abs(shares[0] - shares[1]) < 0.03


def test_race_and_age_are_mixed(state: Population) -> None:
    """In a large group, the share of Black children is about the same at 8 and at 15."""
    ages = [[child.race for child in _large_group(state) if child.age == age] for age in (8, 15)]
    shares = [races.count(Race("BL7")) / len(races) for races in ages]
    assert abs(shares[0] - shares[1]) < 0.1


def _large_group(state: Population) -> list[Child]:
    return [c for c in _children(state) if (c.disability, c.environment) == ("SLD", "RC80")]


def _share_of_girls(children: Iterable[Child]) -> float:
    sexes = [child.sex for child in children]
    return sexes.count(Sex("F")) / len(sexes)


def test_the_same_file_and_seed_give_the_same_pupils(
    louisiana: Cells, leas: tuple[Lea, ...], state: Population
) -> None:
    """A second population from the same file, in any order of rows, has the same persons."""
    rows = list(louisiana)
    random.Random(7).shuffle(rows)
    again = populate(Cells(tuple(rows)), leas, LOUISIANA_2017_AS_OF)
    assert again == state


def test_another_seed_gives_other_pupils_and_the_same_cells(
    louisiana: Cells, leas: tuple[Lea, ...], state: Population
) -> None:
    """Another seed gives other persons with new state ids, and every cell still matches."""
    other = populate(louisiana, leas, LOUISIANA_2017_AS_OF, seed=2)
    assert find_differences(louisiana, _children(other)) == []
    assert {p.state_id for p in other.pupils}.isdisjoint(p.state_id for p in state.pupils)


def test_cells_left_out_are_free(louisiana: Cells) -> None:
    """With three in ten cells left out, children still match all other cells."""
    for seed in range(2):
        draw = random.Random(seed)
        some = Cells(tuple(cell for cell in louisiana if draw.random() > 0.3))
        assert find_differences(some, children_of(fit(some), seed)) == []


def test_the_state_takes_seconds(leas: tuple[Lea, ...]) -> None:
    """Reading, fitting and making all 84,473 children takes less than ten seconds of computing."""
    started = time.process_time()
    populate(read_cells(LOUISIANA_2017), leas, date(2017, 10, 1))
    assert time.process_time() - started < 10
