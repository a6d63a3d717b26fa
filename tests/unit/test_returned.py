"""A check of the whole suite: which rules the system broke, and which tests ran."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from contracts.decision import Refused
from contracts.errors import NOT_OWNER
from contracts.jurisdiction import ClaimJurisdiction
from services.jurisdiction.domain import DECIDERS
from tests import returned
from tests.architecture.system import ROOT
from tests.unit.events import directory
from tests.unit.scenario import STUDENT, TODAY, codes, decide_with


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The codes that are noted during this test."""
    fresh: set[str] = set()
    monkeypatch.setattr(returned, "codes", fresh)
    return fresh


def test_what_a_decision_answers_is_noted(noted: set[str]) -> None:
    """A rule counts as tried if a service's decision named it."""
    command = ClaimJurisdiction(student_id=STUDENT, begin_on=TODAY.replace(year=2030), school="017001")
    answered = codes(decide_with(DECIDERS, [directory("017")], command))
    assert answered
    assert noted >= answered


def test_what_a_test_makes_up_is_not_noted(noted: set[str]) -> None:
    """A finding that a test writes itself does not count."""
    assert Refused((NOT_OWNER.broken(owner="somebody"),)).findings
    assert not noted


def test_a_described_rule_is_not_noted(noted: set[str]) -> None:
    """The list of rules breaks none of them; a problem breaks those that it names."""
    described = {"code": "JUR-003", "message": "One.", "solution": "Two.", "source": "project"}
    assert httpx.Response(200, json=[described]).json()
    assert not noted
    assert httpx.Response(422, json={"findings": [{"code": "JUR-003", "message": "One."}]}).json()
    assert noted == {"JUR-003"}


BREAKS_NOT_OWNER = """
from contracts.decision import Refused
from contracts.errors import NOT_OWNER

def test_one(): Refused((NOT_OWNER.broken(owner="somebody"),))
"""


def run_suite(
    folder: Path, *words: str, test: str = "def test_one(): pass\n"
) -> "subprocess.CompletedProcess[str]":
    """Run a suite of one test, which breaks no rule if it is not another."""
    (folder / "suite").mkdir()
    (folder / "suite" / "test_one.py").write_text(test)
    options = "[pytest]\ntestpaths = suite\naddopts = -p tests.returned -m 'not long'\nmarkers = long\n"
    (folder / "pytest.ini").write_text(options)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_suite_that_leaves_out_a_rule_fails(tmp_path: Path) -> None:
    """A run of the whole suite names the rules that no test broke, and the tests of promises that did not
    run."""
    ended = run_suite(tmp_path)
    assert ended.returncode == 1
    assert "no test made the system answer with ACC-001, ACC-002" in ended.stdout
    assert "did not run and pass: tests/" in ended.stdout


def test_processes_that_share_the_tests_are_judged_as_one(tmp_path: Path) -> None:
    """What a test broke in another process counts, and the rest is named once."""
    ended = run_suite(tmp_path, "-n", "2", test=BREAKS_NOT_OWNER)
    [complaint] = [line for line in ended.stdout.splitlines() if "no test made the system" in line]
    assert ended.returncode == 1
    assert NOT_OWNER.code not in complaint
    assert "ACC-001, ACC-002" in complaint


@pytest.mark.parametrize("chosen", [["suite/test_one.py"], ["-k", "one"], ["-m", "not other"]])
def test_a_part_of_the_suite_is_not_judged(tmp_path: Path, chosen: list[str]) -> None:
    """A run of some tests gets no such check."""
    ended = run_suite(tmp_path, *chosen)
    assert ended.returncode == 0, ended.stdout
    assert "no test made" not in ended.stdout
