"""The answers to held commands and to those beyond the limit."""

import json
from typing import Any

from contracts import errors
from contracts.decision import Accepted
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from services.chassis.decoding.messages import ReceivedCommand
from tests.unit.chassis.memory_service import MemoryService, claim, jurisdiction, move, student_added


def _broken(*_: object) -> Accepted:
    raise RuntimeError("a secret of the message")


def answer(service: MemoryService, command: ReceivedCommand) -> tuple[Status, str]:
    """The status of a command, and the code of the finding that explains it."""
    outcome: dict[str, Any] = json.loads(service.store.ledger[command.id].body)
    (finding,) = outcome["findings"]
    return Status(outcome["status"]), finding["code"]


def test_behind() -> None:
    """The sender of a command behind a held one learns that it waits for that command."""
    service = MemoryService()
    first, second = service.received_command(claim()), service.received_command(move())
    service.process(first, second)
    assert answer(service, second) == (Status.HELD, errors.BEHIND.code)


def test_defect() -> None:
    """The sender learns that the service holds the command because of a defect, and no details."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    met = service.received_command(claim())
    service.process(service.received_event(student_added()), met)
    assert answer(service, met) == (Status.HELD, errors.DEFECT.code)
    assert "secret" not in service.store.ledger[met.id].body


def test_queue_full() -> None:
    """A sender with too many waiting commands learns the limit."""
    service = MemoryService(queue_limit=2)
    commands = [service.received_command(claim()) for _ in range(3)]
    service.process(*commands)
    assert answer(service, commands[-1]) == (Status.REFUSED, errors.QUEUE_FULL.code)
    assert "(2)" in service.store.ledger[commands[-1].id].body
