"""Claims on the same student at the same instant (family 12)."""

from collections import defaultdict
from functools import partial

import pytest

from contracts.catalog import entry_of
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from tests.faults.judge import Case
from tests.faults.lives import raced_for
from tests.faults.stage import Stage
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = pytest.mark.system

_FIRST = 1
"""The owner's own claim, before the rivals'."""


@pytest.mark.parametrize("pairs", [30, pytest.param(500, marks=pytest.mark.long)])
async def test_two_claims_at_once(stage: Stage, court: Court, pairs: int) -> None:
    """Of two LEAs that claim a student at the same instant one wins; the student has one owner."""
    cast = partial(raced_for, rivals=2, served=False)
    async with Workload(stage, 260 + pairs // 100, cast=cast, window=40).running(fewest=pairs) as load:
        pass

    await court.judge(f"12 {pairs} pairs of claims at once", load, faults=pairs)
    assert {len(won) for won in winners(load).values()} == {_FIRST + 1}


@pytest.mark.long
@pytest.mark.parametrize("students", [20, 300])
async def test_claims_while_services_are_added(stage: Stage, court: Court, students: int) -> None:
    """A student is handed over without an open service of the old owner, or stays with the old owner."""
    cast = partial(raced_for, rivals=3, served=True)
    async with Workload(stage, 270 + students // 100, cast=cast, window=40).running(fewest=students) as load:
        pass

    case = await court.judge(f"12 {students} claims against services", load, faults=students)
    assert left_behind(case) == []


def winners(load: Workload) -> dict[str, list[str]]:
    """The accepted claims by student."""
    won: dict[str, list[str]] = defaultdict(list)
    for key, sent in load.sent.items():
        claimed = entry_of(type(sent.say.message)).model is ClaimJurisdiction
        if claimed and load.final[key].status is Status.ACCEPTED:
            won[sent.say.message.subject].append(key)
    return won


def left_behind(case: Case) -> list[str]:
    """Open services of an LEA that no longer owns the student."""
    owners = {
        student: state.body["lea"]
        for (student, kind, _), state in case.kept["jurisdiction"].own.items()
        if kind == "spell" and state.body["end_on"] is None
    }
    return [
        f"{student}: {service} of {state.body['lea']}"
        for (student, kind, service), state in case.kept["provision"].own.items()
        if kind == "service" and state.body["end_on"] is None and state.body["lea"] != owners[student]
    ]
