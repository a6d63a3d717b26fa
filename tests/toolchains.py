"""What tests need of other languages: Node with npm, Java with Maven, and the packages that they pin."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

NODE, JAVA = ("node", "npm"), ("java", "mvn")
_SECONDS = 300


def need(*programs: str) -> None:
    """Skip the test where the machine lacks a program that it runs."""
    if missing := [program for program in programs if shutil.which(program) is None]:
        pytest.skip(f"this machine has no {' and no '.join(missing)}")


def npm_packages(folder: Path) -> None:
    """Install what the folder's package-lock.json names, unless that is done."""
    if not _newer(folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"):
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def maven_jars(folder: Path) -> None:
    """Copy the jars that the folder's pom.xml names to target/dependency, unless that is done."""
    done = folder / "target" / ".copied"
    if not _newer(done, folder / "pom.xml"):
        run(["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies"], folder)
        done.touch()


def run(command: Sequence[str], folder: Path, given: str = "", seconds: int = _SECONDS) -> str:
    """What the command prints. The test fails if it ends with an error."""
    ended = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, timeout=seconds)
    output = f"{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}"
    assert ended.returncode == 0, f"{' '.join(command)}: {output}"
    return ended.stdout


def _newer(made: Path, pinned: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= pinned.stat().st_mtime
