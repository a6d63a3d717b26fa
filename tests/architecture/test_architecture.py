"""ARCHITECTURE.md leads to the code that it describes."""

import re

import pytest

from tests.architecture.system import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
WALK = re.findall(r"^\| \d \| `([^`]+)` \| (.+?) \|", PAGE, re.MULTILINE)
DEFINED = r"^ *(?:async )?(?:def {name}\(|{name} = )"


@pytest.mark.parametrize(("file", "step"), WALK, ids=[file for file, _ in WALK])
def test_the_walk_is_in_the_code(file: str, step: str) -> None:
    """Each function of the walk through one command is in the file that the page names."""
    source = (ROOT / file).read_text(encoding="utf-8")
    functions = [name for name in re.findall(r"`(\w+)`", step) if name.islower() or name.isupper()]
    assert functions
    missing = [name for name in functions if not re.search(DEFINED.format(name=name), source, re.MULTILINE)]
    assert not missing, f"{file} has no {missing}"


def test_the_walk_is_short() -> None:
    """One command goes from its topic to its event through eight files at most."""
    assert 6 <= len(WALK) <= 8


def test_every_room_is_described() -> None:
    """The page names each room of the chassis, and no other."""
    described = re.findall(r"^\| `(\w+)` \|[^|]+\| `\w+\.py` \|$", PAGE, re.MULTILINE)
    rooms = {path.parent.name for path in (ROOT / "services/chassis").glob("*/__init__.py")}
    assert set(described) == rooms


def test_every_file_that_is_named_exists() -> None:
    """Each named file exists."""
    named = re.findall(r"`((?:contracts|deploy|services)/[\w./]+)`", PAGE)
    assert [name for name in named if not (ROOT / name).exists()] == []
