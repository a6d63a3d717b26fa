"""How to type a `ser` command in the caller's shell."""

import os
import sys
from pathlib import Path

import pytest

from deploy.local.command_line import ser


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a Python and a `ser`, outside the PATH of the shell."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "ser"):
        (folder / name).touch(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.chdir(tmp_path)
    return folder


def test_by_its_path(programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shown command works when it is typed, even if the shell does not find `ser`."""
    assert ser("up") == ".venv/bin/ser up"
    monkeypatch.chdir(programs.parent)
    assert ser("up") == "bin/ser up"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert ser("up") == f"{programs / 'ser'} up"


def test_by_its_name(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the shell finds this `ser`, the name is enough."""
    monkeypatch.setenv("PATH", str(programs))
    assert ser("down") == "ser down"


def test_not_another_program(programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another program named `ser` is not used."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "ser").touch(0o755)
    monkeypatch.setenv("PATH", str(other))
    assert ser("down") == ".venv/bin/ser down"
