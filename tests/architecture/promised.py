"""Which tests PROMISES.md names for each promise."""

import re

from tests.architecture.system import ROOT

PAGE = (ROOT / "PROMISES.md").read_text(encoding="utf-8")
ROWS: list[tuple[str, str]] = re.findall(r"^\| (P\d+) \| (.+) \|$", PAGE, re.MULTILINE)


def named_in(row: str) -> list[str]:
    """The tests that a row names, as pytest names them: `tests/faults/test_outbox.py::test_it`."""
    return [f"tests/{name}" for name in re.findall(r"`([\w/]+\.py::test_\w+)`", row)]


def named_tests() -> set[str]:
    """The tests that the page names."""
    return {name for _, row in ROWS for name in named_in(row)}
