"""Short forms of given names, and the names they stand for: Bill is William.

This project compiled `nicknames.csv` from short forms that are common in the United States. A row has the
short form and the names that it stands for, in lower case without accents.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files

from contracts.types import Name


def _pairs() -> Iterator[tuple[str, str]]:
    table = (files("services.students") / "nicknames.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        for long in row["long"].split():
            yield row["short"], long
            yield long, row["short"]


_ALIKE: dict[Name, set[Name]] = {}
for _one, _other in _pairs():
    _ALIKE.setdefault(_one, set()).add(_other)


def also_called(name: Name) -> set[Name]:
    """The short forms and the long forms of a given name. All names are in lower case."""
    return _ALIKE.get(name, set())
