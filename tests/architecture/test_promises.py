"""The page of promises names what tries them."""

import re

import pytest

from tests.architecture.system import ROOT
from tests.simulation.promises import PROMISES

_PAGE = (ROOT / "PROMISES.md").read_text(encoding="utf-8")
_ROWS = re.findall(r"^\| (P\d+) \| (.+) \|$", _PAGE, re.MULTILINE)
_TESTS = {path.name for path in (ROOT / "tests").rglob("*.py")}


@pytest.mark.parametrize(("promise", "row"), _ROWS, ids=[promise for promise, _ in _ROWS])
def test_a_promise_is_tried(promise: str, row: str) -> None:
    """Each promise names a test that is there, and the judge in the simulation if it has one."""
    named = re.findall(r"`(\w+\.py)`", row)
    assert named
    assert [name for name in named if name not in _TESTS] == []
    judge = PROMISES.get(promise)
    if judge is not None:
        assert f"`{judge.__module__.rpartition('.')[2]}.{judge.__name__}`" in row


def test_every_judge_has_its_promise() -> None:
    """Nothing is judged in the simulation that the page does not promise."""
    assert {name for name in PROMISES if name.startswith("P")} <= {promise for promise, _ in _ROWS}
