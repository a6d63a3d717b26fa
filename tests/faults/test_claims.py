"""Several LEAs claim the same student at the same instant (family 12)."""

from collections import defaultdict
from functools import partial

import pytest

from contracts.catalog import entry_of
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from tests.faults.judging import Judge
from tests.faults.promises import Evidence
from tests.faults.proxied_system import ProxiedSystem
from tests.faults.students import contested_student
from tests.faults.workload import Workload

pytestmark = pytest.mark.system

_FIRST = 1
"""The first claim of the owner, before the rivals claim."""


@pytest.mark.parametrize("pairs", [30, pytest.param(500, marks=pytest.mark.long)])
async def test_two_claims_at_once(system: ProxiedSystem, judge: Judge, pairs: int) -> None:
    """Two LEAs claim a student at the same instant. One claim wins, and the student has one owner."""
    make_student = partial(contested_student, rivals=2, with_services=False)
    async with Workload(system, 260 + pairs // 100, make_student=make_student, window=40).running(
        fewest=pairs
    ) as load:
        pass

    await judge.check(f"12 {pairs} pairs of claims at once", load, faults=pairs)
    assert {len(won) for won in winners(load).values()} == {_FIRST + 1}


@pytest.mark.long
@pytest.mark.parametrize("students", [20, 300])
async def test_claims_while_services_are_added(system: ProxiedSystem, judge: Judge, students: int) -> None:
    """A student moves to a new owner only if the old owner has no open service."""
    make_student = partial(contested_student, rivals=3, with_services=True)
    async with Workload(system, 270 + students // 100, make_student=make_student, window=40).running(
        fewest=students
    ) as load:
        pass

    evidence = await judge.check(f"12 {students} claims against services", load, faults=students)
    assert left_behind(evidence) == []


def winners(load: Workload) -> dict[str, list[str]]:
    """The accepted claims by student."""
    won: dict[str, list[str]] = defaultdict(list)
    for key, sent in load.sent.items():
        claimed = entry_of(type(sent.planned.message)).model is ClaimJurisdiction
        if claimed and load.final[key].status is Status.ACCEPTED:
            won[sent.planned.message.subject].append(key)
    return won


def left_behind(evidence: Evidence) -> list[str]:
    """Open services of an LEA that no longer owns the student."""
    owners = {
        student: state.body["lea"]
        for (student, kind, _), state in evidence.databases["jurisdiction"].records.items()
        if kind == "spell" and state.body["end_on"] is None
    }
    return [
        f"{student}: {service} of {state.body['lea']}"
        for (student, kind, service), state in evidence.databases["provision"].records.items()
        if kind == "service" and state.body["end_on"] is None and state.body["lea"] != owners[student]
    ]
