"""The published file, the population made of it, and small files written for one test."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from deploy.population.cells import Cells
from deploy.population.cells_file import HEADER, read_cells
from deploy.population.leas import Lea, read_leas
from deploy.population.population import (
    LOUISIANA_2017,
    LOUISIANA_2017_AS_OF,
    LOUISIANA_LEAS,
    Population,
    populate,
)

Sheet = Callable[..., Path]
"""Writes a file of cells from rows of text under the column names; gives its path."""


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    def write(*rows: str) -> Path:
        path = tmp_path / "cells.csv"
        path.write_text("\n".join((",".join(HEADER), *rows)) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def louisiana() -> Cells:
    """Louisiana's published cells of fall 2017."""
    return read_cells(LOUISIANA_2017)


@pytest.fixture(scope="session")
def leas() -> tuple[Lea, ...]:
    return read_leas(LOUISIANA_LEAS)


@pytest.fixture(scope="session")
def state(louisiana: Cells, leas: tuple[Lea, ...]) -> Population:
    """The whole state, made once."""
    return populate(louisiana, leas, LOUISIANA_2017_AS_OF)


@pytest.fixture(scope="session")
def half_children() -> tuple[str, ...]:
    """Rows that half children could make true, and whole ones cannot.

    Two of these 16 kinds (disability, environment, race) share each published margin of one child: one
    is there if the other is not. Round a ring of neighbours of odd length, a kind is there if it is not.
    """
    numbers = (
        "001", "002", "010", "012", "020", "021", "101", "102",
        "110", "111", "120", "122", "211", "212", "221", "222",
    )  # fmt: skip
    codes = (("AUT", "HI", "VI"), ("RC80", "RC39", "SS"), ("BL7", "HI7", "WH7"))
    kinds = [tuple(codes[part][int(digit)] for part, digit in enumerate(number)) for number in numbers]
    rows = ["6-21,,,total,,8"]
    for disability, environment, race in product(*codes):
        if (disability, environment, race) not in kinds:
            rows.append(f"6-21,{disability},{environment},race,{race},0")
    for one, other in ((0, 1), (0, 2), (1, 2)):
        for pair in product(codes[one], codes[other]):
            place = [pair[(one, other).index(part)] if part in (one, other) else "" for part in range(3)]
            breakdown = "race" if place[2] else "total"
            here = sum((kind[one], kind[other]) == pair for kind in kinds) // 2
            rows.append(f"6-21,{place[0]},{place[1]},{breakdown},{place[2]},{here}")
    return tuple(rows)
