"""The process that makes one document: it reads the lines of `process` and writes the PDF."""

import json
import logging
import os
import sys
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from services.reporting.pdf.paper import Head, Paper

_NICE = 10


def typeset(lines: Iterable[Any]) -> bytes:
    """A document from its front, its parts, and the rows after each table. The same lines give the same
    bytes."""
    remaining = iter(lines)
    front = next(remaining)
    paper = Paper(**{**front, "made_at": datetime.fromisoformat(front["made_at"])})
    heads: list[Head] = []
    for are_rows, some in groupby(remaining, lambda line: isinstance(line, list)):
        if are_rows:
            paper.table(heads, some)
            continue
        for part in some:
            heads = [Head(*head) for head in part["table"]] if "table" in part else heads
            _add(paper, part)
    return bytes(paper.output())


def _add(paper: Paper, part: dict[str, Any]) -> None:
    match part:
        case {"heading": text, "level": level, "chart": svg, "said": said}:
            paper.chart(text, level, svg, said)
        case {"heading": text, "level": level}:
            paper.heading(text, level)
        case {"paragraph": text}:
            paper.paragraph(text)


def main() -> None:
    """Read lines of JSON, and write the document. The process yields the processor to the service."""
    os.nice(_NICE)
    logging.getLogger("fpdf").setLevel(logging.ERROR)  # its warnings quote letters of names
    sys.stdout.buffer.write(typeset(map(json.loads, sys.stdin.buffer)))


if __name__ == "__main__":
    main()
