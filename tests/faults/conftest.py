"""One system for all families of faults, and one table of their figures at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.judging import Figures, Judge, table
from tests.faults.proxied_system import ProxiedSystem, system_at

_FIGURES: list[Figures] = []


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedSystem]:
    """A system on free ports that all families share. Each family has its own students."""
    with system_at(tmp_path_factory.mktemp("system")) as running:
        yield running


@pytest.fixture(scope="session")
def judge(system: ProxiedSystem) -> Judge:
    """Judges the shared system."""
    return Judge(system, _FIGURES)


@pytest.fixture
def own_system(tmp_path: Path) -> Iterator[ProxiedSystem]:
    """A system for one test only, which may damage it."""
    with system_at(tmp_path) as running:
        yield running


@pytest.fixture
def own_judge(own_system: ProxiedSystem) -> Judge:
    """Judges the system of one test."""
    return Judge(own_system, _FIGURES)


@pytest.fixture(autouse=True)
def repaired(request: pytest.FixtureRequest) -> Iterator[None]:
    """Repairs the shared system after each test, so that the next test starts with a working one."""
    yield
    if "system" in request.fixturenames:
        request.getfixturevalue("system").repair()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once why a family failed: the whole campaign takes an hour."""
    if report.failed and report.nodeid.startswith("tests/faults/"):
        print("", *(line for line in report.longreprtext.splitlines() if line.startswith("E  ")), sep="\n")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of every family, in one table."""
    if _FIGURES:
        terminalreporter.section("faults")
        for line in table(_FIGURES):
            terminalreporter.write_line(line)
