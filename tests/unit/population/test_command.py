"""The command that shows a population, run as people run it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.unit.population.conftest import Sheet


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.population", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_selected_children_are_written_and_counted(tmp_path: Path) -> None:
    """For two disabilities at school age, the command writes their children and checks their cells."""
    out = tmp_path / "out.jsonl"
    done = _run("--as-of", "2017-10-01", "--only", "DB,HI", "--ages", "6-21", "--json", str(out))
    assert done.returncode == 0, done.stderr
    assert "1,034 selected" in done.stdout
    assert "90 of 90 published cells reproduced" in done.stdout
    pupils = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(pupils) == 1_034
    assert {pupil["disability"] for pupil in pupils} == {"DB", "HI"}
    assert set(pupils[0]) == {
        "state_id", "first_name", "last_name", "birth_on", "lea", "school", "grade",
        "number", "age_group", "age", "disability", "environment", "race", "sex",
    }  # fmt: skip


def test_a_refused_file_ends_the_command_with_its_findings(sheet: Sheet) -> None:
    """For a faulty file the command prints every finding and exits with 2."""
    done = _run(str(sheet("6-21,XXX,,total,,1", "6-21,,,total,,-1")))
    assert (done.returncode, done.stdout) == (2, "")
    assert "POP-007 line 2" in done.stderr
    assert "POP-008 line 3" in done.stderr


def test_an_unknown_disability_is_refused_with_the_known_ones() -> None:
    """For a mistyped code the command lists the allowed codes."""
    done = _run("--only", "DB,ABC")
    assert done.returncode == 2
    assert "ABC: not among AUT, DB, DD" in done.stderr
