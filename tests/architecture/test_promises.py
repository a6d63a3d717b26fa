"""PROMISES.md names the tests of each promise. `tests.returned` checks that these tests ran."""

import ast
import re
import subprocess
import sys

import pytest

from tests.architecture.promised import PAGE, ROWS, named_in, named_tests
from tests.architecture.system import ROOT
from tests.simulation.promises import PROMISES


@pytest.mark.parametrize(("promise", "row"), ROWS, ids=[promise for promise, _ in ROWS])
def test_a_promise_is_tried(promise: str, row: str) -> None:
    """Each promise names its tests, and its check in the simulation if it has one."""
    assert named_in(row), f"{promise} names no test; name one like `faults/test_outbox.py::test_it`"
    judge = PROMISES.get(promise)
    if judge is not None:
        assert f"`{judge.__module__.rpartition('.')[2]}.{judge.__name__}`" in row


@pytest.mark.parametrize("name", sorted(named_tests()))
def test_a_named_test_exists(name: str) -> None:
    """Each named test is a function of its file."""
    path, _, function = name.partition("::")
    source = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = {
        part.name for part in source.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert function in functions


def test_every_file_that_is_named_exists() -> None:
    """Each named file exists."""
    files = re.findall(r"`([\w/]+\.py)`", PAGE)
    assert [name for name in files if not (ROOT / "tests" / name).exists()] == []


def test_make_faults_collects_the_named_faults() -> None:
    """Each test of faults that the page names is one of those that `make faults` runs."""
    assert '-m pytest tests/faults -m "" ' in (ROOT / "Makefile").read_text(encoding="utf-8")
    collect = ["-m", "pytest", "tests/faults", "-m", "", "--collect-only", "-q", "-p", "no:cacheprovider"]
    found = subprocess.run([sys.executable, *collect], cwd=ROOT, capture_output=True, text=True, check=True)
    collected = {line.partition("[")[0] for line in found.stdout.splitlines()}
    named = {name for name in named_tests() if name.startswith("tests/faults/")}
    assert named
    assert named <= collected


def test_every_judge_has_its_promise() -> None:
    """Each check in the simulation has a promise on the page."""
    assert {name for name in PROMISES if name.startswith("P")} <= {promise for promise, _ in ROWS}
