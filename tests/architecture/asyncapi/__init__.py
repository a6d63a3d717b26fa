"""The official AsyncAPI parser, from npm."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.toolchains import npm_packages, run

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Verdict:
    """The parser's verdict on a document: whether it accepts it, its addresses, and the objections."""

    accepted: bool
    channels: frozenset[str]
    diagnostics: Sequence[dict[str, Any]]


def judge(documents: Iterable[dict[str, Any]]) -> list[Verdict]:
    """Parse documents with the parser. The first call installs it from package-lock.json."""
    npm_packages(_HERE)
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    return [_verdict(line) for line in run(["node", "judge.mjs"], _HERE, lines).splitlines()]


def _verdict(line: str) -> Verdict:
    verdict = json.loads(line)
    return Verdict(verdict["accepted"], frozenset(verdict["channels"]), verdict["diagnostics"])
