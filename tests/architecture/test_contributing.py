"""The recipe of CONTRIBUTING.md works as written."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.recipe import applied, commands, steps
from tests.architecture.system import ROOT

RECIPE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("contracts", "services", "deploy", "benchmarks", "tests")
LEFT_OUT = ("__pycache__", "node_modules", ".*_cache", "figures")
NEEDS_MORE_THAN_A_COPY = (
    "test_architecture.py",
    "test_contributing.py",
    "test_files.py",
    "test_asyncapi.py",
    "test_openapi.py",
)
SECONDS = 300


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the tree."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for name in ("pyproject.toml", "Makefile", "CONTRIBUTING.md", "PROMISES.md", "USING.md"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_messages_and_a_rule_are_added_as_described(copy: Path) -> None:
    """A developer who follows the recipe gets new messages about a student and a provider, and a new rule,
    that pass all tests."""
    todo = list(steps(RECIPE))
    if applied(todo, copy):
        pytest.skip("the description has been followed in this tree: there is nothing left to add")
    for step in todo:
        step.apply(copy)
    assert applied(todo, copy)
    *prepared, tested = [run(command, copy) for command in commands(RECIPE)]
    assert not [ended.stdout for ended in prepared if ended.returncode]
    assert tested.returncode == 0, tested.stdout[-4000:]
    for command, event in (("RelocateService", "ServiceRelocated"), ("EndProvider", "ProviderEnded")):
        assert f"{command}.v1: new" in prepared[-1].stdout
        assert (copy / f"contracts/schemas/{event}.v1.json").exists()
        assert command in tested.stdout
        assert event in tested.stdout
    for expected in ("test_relocations.py", "PRO-099"):
        assert expected in tested.stdout, f"no test was about {expected}"


def run(command: str, root: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command of the recipe in the copy, with this Python."""
    program, *words = command.split()
    start = [sys.executable] if program == "python" else [sys.executable, "-m", program]
    if "pytest" in words:
        words += ["-v", "-p", "no:cacheprovider"]
        words += [f"--ignore=tests/architecture/{name}" for name in NEEDS_MORE_THAN_A_COPY]
    return subprocess.run(
        [*start, *words], cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def test_the_description_is_a_recipe() -> None:
    """The test uses every place that the recipe names, and each has its text."""
    named = re.findall(r"^\*\*`([^`]+)`\*\*, ", RECIPE, re.MULTILINE)
    assert named == [step.path for step in steps(RECIPE)]
    assert all(step.text.strip() for step in steps(RECIPE))
    assert len(named) >= 10
    assert commands(RECIPE)


def test_what_is_named_exists() -> None:
    """The folders, make targets and documents of the page exist."""
    for target in re.findall(r"`make (\w+)`", RECIPE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for link in re.findall(r"\]\(([^)]+)\)", RECIPE):
        assert (ROOT / link).exists(), link
    for folder in re.findall(r"`pytest ([^`…]+)`", RECIPE):
        assert all((ROOT / word).exists() for word in folder.split()), folder
