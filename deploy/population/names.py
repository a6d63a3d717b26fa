"""First and last names to be drawn from. Any likeness of a pair to a person is chance."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.population.codes import Sex

_LISTS: Final = Path(__file__).parent / "name_lists"


def _names(of: str) -> tuple[str, ...]:
    return tuple((_LISTS / f"{of}.txt").read_text(encoding="utf-8").split())


FIRST_NAMES: Final[Mapping[Sex, tuple[str, ...]]] = {Sex("F"): _names("girls"), Sex("M"): _names("boys")}
LAST_NAMES: Final = _names("families")
