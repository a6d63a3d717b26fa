"""The contents of a service's log."""

import json
import subprocess
import sys
from datetime import datetime
from typing import Any

_SPOKEN = """
import logging
from services.chassis.hosting.telemetry import configure_logs

configure_logs("students", "info")
log = logging.getLogger("aiokafka.consumer.group_coordinator")
log.error("Heartbeat for %s failed: %r", "Testa Student", ConnectionError("of Testa Student"))
log.error("Session of %s expired", "Testa Student")
log.error("Joining failed: %s", TimeoutError)
try:
    {}["Testa Student"]
except KeyError:
    log.exception("It failed for Testa Student")
"""


def logged() -> list[dict[str, Any]]:
    """A library's log line in the log of a service."""
    done = subprocess.run(
        [sys.executable, "-c", _SPOKEN], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Testa" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_librarys_line_says_when_where_and_what_failed() -> None:
    """A library's log line has time, module and error, and never a student's name."""
    plain, silent, named, raised = logged()

    for line in (plain, silent, named, raised):
        assert (line["level"], line["service"]) == ("error", "students")
        assert line["logger"] == "aiokafka.consumer.group_coordinator"
        assert datetime.fromisoformat(line["timestamp"]).tzinfo is not None
        assert line["place"].startswith("<module>:")
    failed = [line.get("error") for line in (plain, silent, named, raised)]
    assert failed == ["ConnectionError", None, "TimeoutError", "KeyError"]
