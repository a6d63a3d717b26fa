"""What somebody is told whose command has to wait, or cannot even do that."""

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


def told(service: MemoryService, asked: ReceivedCommand) -> tuple[Status, str]:
    """The status of a command, and the code of the finding that explains it."""
    outcome: dict[str, Any] = json.loads(service.store.ledger[asked.id].body)
    (finding,) = outcome["findings"]
    return Status(outcome["status"]), finding["code"]


def test_behind() -> None:
    """A command behind one that waits is told so; it has nothing to do."""
    service = MemoryService()
    first, second = service.received_command(claim()), service.received_command(move())
    service.process(first, second)
    assert told(service, second) == (Status.HELD, errors.BEHIND.code)


def test_defect() -> None:
    """Whoever meets a defect of ours is told that the command is kept, and nothing of the defect."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    met = service.received_command(claim())
    service.process(service.received_event(student_added()), met)
    assert told(service, met) == (Status.HELD, errors.DEFECT.code)
    assert "secret" not in service.store.ledger[met.id].body


def test_queue_full() -> None:
    """Whoever sends more than may wait for one student is told how many that are."""
    service = MemoryService(queue_limit=2)
    commands = [service.received_command(claim()) for _ in range(3)]
    service.process(*commands)
    assert told(service, commands[-1]) == (Status.REFUSED, errors.QUEUE_FULL.code)
    assert "(2)" in service.store.ledger[commands[-1].id].body
