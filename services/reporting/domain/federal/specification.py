"""What a federal file contains in a school year: its columns, its category sets and the permitted values.

All of it is data by school year, in `data/`. A year that the data do not have is refused by name.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


class Level(StrEnum):
    """The education units of a file: the state, its LEAs, or its schools."""

    STATE = "SEA"
    LEA = "LEA"
    SCHOOL = "SCH"


class Category(StrEnum):
    """What a category set divides its students by. `el`: English learner. `exit`: basis of exit."""

    DISABILITY = "disability"
    RACE = "race"
    SEX = "sex"
    AGE = "age"
    EL = "el"
    ENVIRONMENT = "environment"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a data record. `position`: of its first character in a line of fixed width, from 1."""

    number: int
    name: str
    position: int
    width: int


@dataclass(frozen=True, slots=True)
class CategorySet:
    """One table of the file, by some categories. `adds_up`: each student of the file is in it once."""

    name: str
    categories: tuple[Category, ...]
    adds_up: bool

    @property
    def total(self) -> bool:
        """Whether the file marks its rows as totals: the subtotals and the total of the unit are."""
        return not self.name.startswith("CS")


@dataclass(frozen=True, slots=True)
class Specification:
    """A federal file in one school year.

    `values`: the permitted values of each category, in the file's order. `counted_as`: the value of the code
    lists that each stands for.
    """

    file: str
    first_year: int
    title: str
    table_type: str
    short_name: str
    header: str
    levels: tuple[Level, ...]
    columns: tuple[Column, ...]
    sets: tuple[CategorySet, ...]
    values: Mapping[Category, tuple[str, ...]]
    counted_as: Mapping[tuple[Category, str], str]

    @property
    def school_year(self) -> str:
        """The school year as the header writes it: `2024-2025`."""
        return f"{self.first_year}-{self.first_year + 1}"

    @property
    def number(self) -> str:
        """The file as people name it: `FS002`."""
        return f"FS{self.file}"

    @property
    def categories(self) -> tuple[Category, ...]:
        """Every category that some set of the file has."""
        return tuple(self.values)


class YearUnknown(LookupError):
    """The data have no such file for the school year. `known`: the years they have, by their first half."""

    def __init__(self, file: str, first_year: int, known: Sequence[int]) -> None:
        super().__init__(f"{file} of {first_year}")
        self.file, self.first_year, self.known = file, first_year, known


def files() -> tuple[str, ...]:
    """The numbers of the files, as the federal government names them."""
    return tuple(row["file"] for row in _table("files"))


def known_years(file: str) -> tuple[int, ...]:
    """The school years of which the data have the file, by the year they begin."""
    years = {year for row in _table("columns") if row["file"] == file for year in _years(row)}
    return tuple(sorted(years))


@cache
def specification(file: str, first_year: int) -> Specification:
    """The file in the school year that begins in `first_year`. YearUnknown: the data do not have it."""
    if first_year not in known_years(file):
        raise YearUnknown(file, first_year, known_years(file))
    described = next(row for row in _table("files") if row["file"] == file)
    permitted = list(_of("values", file, first_year))
    return Specification(
        file=file,
        first_year=first_year,
        title=described["title"],
        table_type=described["table_type"],
        short_name=described["short_name"],
        header=described["header"],
        levels=tuple(map(Level, described["levels"].split())),
        columns=tuple(
            Column(int(row["number"]), row["column"], int(row["position"]), int(row["width"]))
            for row in _of("columns", file, first_year)
        ),
        sets=tuple(
            CategorySet(row["set"], tuple(map(Category, row["categories"].split())), row["adds_up"] == "yes")
            for row in _of("category_sets", file, first_year)
        ),
        values={
            category: tuple(row["value"] for row in permitted if row["category"] == category)
            for category in dict.fromkeys(Category(row["category"]) for row in permitted)
        },
        counted_as={(Category(row["category"]), row["value"]): row["counted_as"] for row in permitted},
    )


def _of(table: str, file: str, first_year: int) -> Iterator[Mapping[str, str]]:
    return (row for row in _table(table) if row["file"] == file and first_year in _years(row))


def _years(row: Mapping[str, str]) -> range:
    return range(int(row["first_year"]), int(row["last_year"]) + 1)


@cache
def _table(name: str) -> tuple[Mapping[str, str], ...]:
    table = (_DATA / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(table.splitlines()))
