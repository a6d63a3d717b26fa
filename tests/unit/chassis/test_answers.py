"""What somebody is told whose command has to wait, or cannot even do that."""

import json
from typing import Any

from contracts import errors
from contracts.decision import Accepted
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from services.chassis.decoding.messages import ReceivedCommand
from tests.unit.chassis.desk import Desk, claim, jurisdiction, move, student_added


def _broken(*_: object) -> Accepted:
    raise RuntimeError("a secret of the message")


def told(desk: Desk, asked: ReceivedCommand) -> tuple[Status, str]:
    """The status of a command, and the code of the finding that explains it."""
    outcome: dict[str, Any] = json.loads(desk.store.ledger[asked.id].body)
    (finding,) = outcome["findings"]
    return Status(outcome["status"]), finding["code"]


def test_behind() -> None:
    """A command behind one that waits is told so; it has nothing to do."""
    desk = Desk()
    first, second = desk.asked(claim()), desk.asked(move())
    desk.take(first, second)
    assert told(desk, second) == (Status.HELD, errors.BEHIND.code)


def test_defect() -> None:
    """Whoever meets a defect of ours is told that the command is kept, and nothing of the defect."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _broken}))
    met = desk.asked(claim())
    desk.take(desk.told(student_added()), met)
    assert told(desk, met) == (Status.HELD, errors.DEFECT.code)
    assert "secret" not in desk.store.ledger[met.id].body


def test_queue_full() -> None:
    """Whoever sends more than may wait for one student is told how many that are."""
    desk = Desk(queue_limit=2)
    commands = [desk.asked(claim()) for _ in range(3)]
    desk.take(*commands)
    assert told(desk, commands[-1]) == (Status.REFUSED, errors.QUEUE_FULL.code)
    assert "(2)" in desk.store.ledger[commands[-1].id].body
