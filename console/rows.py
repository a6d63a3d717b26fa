"""Rows of a list in a form: their numbers, and what is left when one is removed."""

import re
from collections.abc import Iterable, Mapping


def row_numbers(path: str, named: Iterable[str]) -> set[int]:
    """The numbers of a list's rows that have an input. `named`: the names of the inputs."""
    pattern = re.compile(rf"{re.escape(path)}\.([0-9]{{1,3}})\.")
    return {int(found[1]) for name in named if (found := pattern.match(name))}


def without_row(values: Mapping[str, str], row: str) -> dict[str, str]:
    """The values without the row at this path, as `forms.0.goals.1`. Later rows move up by one."""
    path, _, number = row.rpartition(".")
    if not path or not number.isdecimal() or len(number) > 3:
        return dict(values)
    kept: dict[str, str] = {}
    for name, text in values.items():
        if (moved := _moved(name, path, int(number))) is not None:
            kept[moved] = text
    return kept


def _moved(name: str, path: str, gone: int) -> str | None:
    """The name of an input after the row is gone; None for an input of that row."""
    inner = name.removeprefix(f"{path}.")
    at, _, column = inner.partition(".")
    if inner == name or not at.isdecimal() or int(at) < gone:
        return name
    return None if int(at) == gone else f"{path}.{int(at) - 1}.{column}"
