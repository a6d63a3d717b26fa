"""The end of the demonstration's report: what one can do next."""

from datetime import date

from deploy.demo.report import next_steps
from deploy.issuer.people import FIRST
from deploy.local.process import ProcessIdentity
from deploy.local.run import ComponentRun, Run

_SUPERVISOR = ProcessIdentity(1, "a birth")


def test_the_report_ends_with_the_console() -> None:
    """The last line says where the console is, and as whom to sign in: somebody who has students there."""
    run = Run(_SUPERVISOR, components={"console": ComponentRun("console", 18000, "console.log")})

    *_, last = next_steps(date(2017, 10, 1), "1000000001", run)

    assert "http://127.0.0.1:18000" in last
    assert last.endswith(f"sign in as {FIRST.title}")
    assert FIRST.lea == "017"


def test_a_system_without_the_console_names_none() -> None:
    """Somebody who started the services alone is told of no console."""
    steps = list(next_steps(date(2017, 10, 1), "1000000001", Run(_SUPERVISOR)))

    assert "1000000001" in steps[1]
    assert not [step for step in steps if "console" in step]
