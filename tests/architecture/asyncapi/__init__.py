"""The official AsyncAPI parser, as npm brings it."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_INSTALLED = _HERE / "node_modules" / ".package-lock.json"
_INSTALL_SECONDS = 300
_JUDGE_SECONDS = 300


@dataclass(frozen=True)
class Verdict:
    """What the parser says of a document: whether it is one, the addresses in it, and its objections."""

    accepted: bool
    channels: frozenset[str]
    diagnostics: Sequence[dict[str, Any]]


def missing() -> list[str]:
    """What the machine lacks to run the parser."""
    return [program for program in ("node", "npm") if shutil.which(program) is None]


def judge(documents: Iterable[dict[str, Any]]) -> list[Verdict]:
    """Have documents judged by the parser, which is installed the first time, as package-lock.json says."""
    if not _installed():
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "", _INSTALL_SECONDS)
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    return [_verdict(line) for line in _run(["node", "judge.mjs"], lines, _JUDGE_SECONDS).splitlines()]


def _installed() -> bool:
    return _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= (_HERE / "package-lock.json").stat().st_mtime


def _run(command: list[str], given: str, seconds: int) -> str:
    ended = subprocess.run(command, cwd=_HERE, input=given, capture_output=True, text=True, timeout=seconds)
    assert ended.returncode == 0, f"{' '.join(command)}: {ended.stderr[-2000:]}"
    return ended.stdout


def _verdict(line: str) -> Verdict:
    said = json.loads(line)
    return Verdict(said["accepted"], frozenset(said["channels"]), said["diagnostics"])
