"""The programs that the benchmarks compare with SER do not import SER."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.home import TREE

_BENCHMARKS = TREE / "benchmarks"
_RIVALS = sorted((_BENCHMARKS / "rivals").glob("*.py"))
_OURS = ("benchmarks", "contracts", "deploy", "services", "tests")


def imports(file: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


@pytest.mark.parametrize("file", _RIVALS, ids=lambda file: file.stem)
def test_rivals_share_no_code(file: Path) -> None:
    """A floor imports nothing of SER, so a change of SER's speed does not change the floor."""
    ours = [name for name in imports(file) if name.partition(".")[0] in _OURS]
    assert [name for name in ours if not name.startswith("benchmarks.rivals.")] == []


@pytest.mark.parametrize("package", [_BENCHMARKS, _BENCHMARKS / "rivals"], ids=lambda package: package.name)
def test_map(package: Path) -> None:
    """The package's docstring names each of its files."""
    map_ = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
    files = {file.stem for file in package.glob("*.py")} - {"__init__", "__main__"}
    assert sorted(name for name in files if f"`{name}`" not in map_) == []
