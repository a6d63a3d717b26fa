"""Redocly's and Spectral's rules for OpenAPI documents, from npm."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.toolchains import npm_packages, run

_HERE = Path(__file__).parent

Objection = dict[str, str]


def judge(documents: Iterable[dict[str, Any]]) -> list[list[Objection]]:
    """The objections of both tools to each document: tool, rule, severity, text and place."""
    npm_packages(_HERE)
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    return [json.loads(line) for line in run(["node", "judge.mjs"], _HERE, lines).splitlines()]
