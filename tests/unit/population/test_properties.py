"""For any children, a population is found that matches their published cells."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.population.cells import Cell, CellKey, Cells
from deploy.population.children import Child, children_of
from deploy.population.codes import BREAKDOWNS, DECLARED_AGES, DISABILITIES, GROUPS, RACES, SEXES, values_of
from deploy.population.fit import fit
from tests.unit.population.recount import find_differences, recount


@st.composite
def child(draw: st.DrawFn) -> Child:
    group = draw(st.sampled_from(tuple(GROUPS)))
    return Child(
        number=0,
        age_group=group,
        age=draw(st.sampled_from(GROUPS[group].ages)),
        disability=draw(st.sampled_from(DISABILITIES)),
        environment=draw(st.sampled_from(GROUPS[group].environments)),
        race=draw(st.sampled_from(RACES)),
        sex=draw(st.sampled_from(SEXES)),
    )


@st.composite
def key(draw: st.DrawFn) -> CellKey:
    group = draw(st.sampled_from(tuple(GROUPS)))
    breakdown = draw(st.sampled_from([b for b in BREAKDOWNS if values_of(group, b)]))
    return CellKey(
        group,
        draw(st.sampled_from((None, *DISABILITIES))),
        draw(st.sampled_from((None, *GROUPS[group].environments))),
        breakdown,
        draw(st.sampled_from(values_of(group, breakdown))),
    )


def _declared(one: Child) -> bool:
    return one.disability not in DECLARED_AGES or one.age in DECLARED_AGES[one.disability]


def _published(children: Sequence[Child], keys: Sequence[CellKey]) -> Cells:
    counts = recount(children)
    return Cells(tuple(Cell(one, counts[one], line) for line, one in enumerate(dict.fromkeys(keys), start=2)))


def _every_key(children: Sequence[Child]) -> list[CellKey]:
    """The key of every cell with at least one child."""
    return sorted(recount(children), key=lambda one: one.order)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(child(), max_size=40), st.lists(key(), max_size=15), st.randoms(use_true_random=False))
def test_published_children_can_be_made_again(
    children: list[Child], others: list[CellKey], draw: Random
) -> None:
    """Any choice of cells from any children, zeros too, has a population that matches all of them."""
    share = draw.choice((0.1, 0.5, 1.0))
    keys = [one for one in _every_key(children) if draw.random() < share]
    cells = _published(children, keys + others)
    assert find_differences(cells, children_of(fit(cells), seed=1)) == []


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(child().filter(_declared), max_size=40))
def test_children_within_the_rules_need_no_concession(children: list[Child]) -> None:
    """If all cells of likely children are published, no unlikely child is made."""
    fitted = fit(_published(children, _every_key(children)))
    assert fitted.concessions == ()
    assert fitted.children == len(children)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(child(), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(children: list[Child], draw: Random) -> None:
    """The same figures in another order give the same children."""
    cells = list(_published(children, _every_key(children)))
    again = [replace(cell, line=0) for cell in cells]
    draw.shuffle(again)
    first, second = Cells(tuple(cells)), Cells(tuple(again))
    assert first.digest == second.digest
    assert children_of(fit(first), seed=1) == children_of(fit(second), seed=1)
