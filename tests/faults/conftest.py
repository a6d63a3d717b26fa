"""One system for all families of faults, and their figures together at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import Stage, stage_at
from tests.faults.verdict import Court, Figures, table

_FIGURES: list[Figures] = []


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A system on free ports, shared by the families: each has students of its own."""
    with stage_at(tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture(scope="session")
def court(stage: Stage) -> Court:
    """Judges the shared system."""
    return Court(stage, _FIGURES)


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[Stage]:
    """A system for one test alone, which may ruin it."""
    with stage_at(tmp_path) as running:
        yield running


@pytest.fixture
def own_court(own_stage: Stage) -> Court:
    """Judges a system of a test's own."""
    return Court(own_stage, _FIGURES)


@pytest.fixture(autouse=True)
def healed(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one family leaves behind is not the next one's fault."""
    yield
    if "stage" in request.fixturenames:
        request.getfixturevalue("stage").heal()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of every family, in one table."""
    if _FIGURES:
        terminalreporter.section("faults")
        for line in table(_FIGURES):
            terminalreporter.write_line(line)
