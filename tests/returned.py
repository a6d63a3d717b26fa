"""A pytest plugin: which rules the system broke for its users during the run, and which tests ran.

A rule counts as broken when its code left the system: in a decision, in the outcome of a command, or in an
answer over HTTP. A finding that a test made itself does not count. Tests at random (tests/fuzz,
tests/simulation) do not count either, since the next run may not break the same rules.

A run of the whole suite fails if a rule of the catalog was broken by no test, or if a test that PROMISES.md
names did not run. A run of some tests is not judged. If several processes run the tests, each tells the first
one what it noted, and that one judges.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import httpx
import pytest

from contracts.decision import Accepted, Begun, Refused, Settled, Waiting
from contracts.errors import Finding
from contracts.outcome import Outcome
from services.chassis.answering.problems import Problem, ProblemDetails

_CODE = re.compile(r"[A-Z]{3}-[0-9]{3}")
_OUTPUT = "tests.returned"
_AT_RANDOM = ("tests/fuzz/", "tests/simulation/")

codes: set[str] = set()
"""The codes of the rules that were broken so far."""

passed: set[str] = set()
"""The tests that passed so far, as `tests/unit/test_one.py::test_it`, without parameters."""

set_aside: set[str] = set()
"""The tests that `make faults` runs because they take long, with all their cases."""


def pytest_configure() -> None:
    """Listen at the places where findings leave the system."""
    for decision in (Accepted, Refused, Waiting, Begun, Settled, Problem, ProblemDetails):
        _listen(decision, "__init__", lambda made, _: findings_of(made))
    _listen(Outcome, "given", lambda _, outcome: outcome.findings)
    _listen(httpx.Response, "json", lambda _, body: list(_found(body)))


def _listen(owner: Any, name: str, look: Callable[[Any, Any], Iterable[Finding | str]]) -> None:
    """Note what `look` finds in the object and in the result whenever code that is no test's calls it.

    What httpx reads is the system's answer, whoever reads it.
    """
    original = getattr(owner, name)
    class_method = name in vars(owner) and isinstance(vars(owner)[name], classmethod)

    def noted(this: Any, *given: Any, **named: Any) -> Any:
        result = original(*given, **named) if class_method else original(this, *given, **named)
        if owner is httpx.Response or not _of_a_test(sys._getframe(1).f_globals["__name__"]):
            _note(look(this, result))
        return result

    setattr(owner, name, classmethod(noted) if class_method else noted)


def _of_a_test(module: str) -> bool:
    return module.startswith("tests.")


def _note(found: Iterable[Finding | str]) -> None:
    if not _current.startswith(_AT_RANDOM):
        codes.update(one.code if isinstance(one, Finding) else one for one in found)


def findings_of(decision: Any) -> tuple[Finding, ...]:
    """What a decision or an answer over HTTP found."""
    match decision:
        case Accepted(warnings=found) | Refused(findings=found) | Settled(findings=found):
            return found
        case Waiting(reason=reason) | Begun(reason=reason):
            return (reason,)
        case _:
            return tuple(decision.findings)


def _found(body: Any) -> Iterator[str]:
    """The codes in a JSON answer. A reason that is listed with 0 `students` was not met, and a rule that is
    described with its `source` was not broken."""
    if isinstance(body, dict):
        code, met = body.get("code"), body.get("students") != 0 and "source" not in body
        if isinstance(code, str) and _CODE.fullmatch(code) and met:
            yield code
        body = list(body.values())
    for part in body if isinstance(body, list) else ():
        yield from _found(part)


_current = ""


def pytest_runtest_logstart(nodeid: str) -> None:
    """Remember which test runs."""
    global _current
    _current = nodeid


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember which tests passed."""
    if report.when == "call" and report.passed:
        passed.add(_plain(report.nodeid))


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remember which tests are left to `make faults`."""
    for item in items:
        if item.get_closest_marker("long") and item.nodeid.startswith("tests/faults/"):
            set_aside.add(_plain(item.nodeid))


def _plain(nodeid: str) -> str:
    """A test without its parameters."""
    return nodeid.partition("[")[0]


def whole(config: pytest.Config) -> bool:
    """Whether the run is one of the whole suite: all of it, and nothing left out but what takes long."""
    chosen = ("keyword", "deselect", "ignore", "ignore_glob", "lf", "collectonly", "stepwise")
    return (
        config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and config.option.markexpr == "not long"
        and not any(config.getoption(name, None) for name in chosen)
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """A test of which some cases run now is not set aside."""
    set_aside.difference_update(_plain(item.nodeid) for item in session.items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what one of several processes noted."""
    noted = getattr(node, "workeroutput", {}).get(_OUTPUT, {})
    codes.update(noted.get("codes", ()))
    set_aside.update(noted.get("set_aside", ()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run of the whole suite that broke too few rules, or left out the test of a promise."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told[_OUTPUT] = {"codes": sorted(codes), "set_aside": sorted(set_aside)}
        return
    if exitstatus != pytest.ExitCode.OK or not whole(session.config):
        return
    from tests.architecture.promised import named_tests
    from tests.architecture.test_rules import RULES

    problems = [
        *left(RULES, codes, "no test made the system answer with"),
        *left(named_tests(), passed | set_aside, "PROMISES.md names tests that did not run and pass:"),
    ]
    for problem in problems:
        session.config.get_terminal_writer().line(f"\n{problem}", red=True)
    if problems:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def left(wanted: Collection[str], met: Collection[str], complaint: str) -> list[str]:
    """One sentence that names what was wanted and not met; none if nothing is left."""
    missing = sorted(set(wanted) - set(met))
    return [f"{complaint} {', '.join(missing)}"] if missing else []
