"""Two children in one LEA. It closes the jurisdiction of one, whose State ID is merged in the same second."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from random import Random
from uuid import UUID

from contracts.access import STATE, Role
from contracts.catalog import BRIDGE
from contracts.identity import IdentityMerged
from contracts.jurisdiction import CloseJurisdiction, EndReason, RegisterSchoolSites
from deploy.demo.history import StudentHistory
from tests.simulation.tokens import Sender
from tests.simulation.workload import LEAS, Act, act_of, children
from tests.simulation.world import Scenario
from tests.unit.events import directory

_SECONDS_BETWEEN = 1.0


def a_closed_child_is_merged(seed: int) -> Scenario:
    """The scenario, without faults."""
    draw, lea = Random(seed), LEAS[0]
    closed, other = (child for child in children()[:4] if child.pupil.lea == lea)
    sites = RegisterSchoolSites(lea=lea, sites=directory(lea).sites)
    acts = [act_of(sites, _new_id(draw), Sender(STATE, (Role.STATE,)), 0.0)]
    acts += [*_history(closed), *_history(other)]
    end = CloseJurisdiction(
        student_id=closed.pupil.state_id, end_on=date(2017, 9, 1), reason=EndReason.LEFT_STATE
    )
    merge = IdentityMerged(
        student_id=closed.pupil.state_id, revision=100, into=other.pupil.state_id, reason="one child"
    )
    last = max(act.at for act in acts)
    acts.append(act_of(end, _new_id(draw), Sender(lea), last + 5))
    acts.append(act_of(merge, _new_id(draw), Sender(BRIDGE), last + 5 + draw.random()))
    return Scenario(seed, acts, ())


def _history(child: StudentHistory) -> Iterator[Act]:
    steps = (child.identity, *child.commands)
    for step, at in zip(steps, count(1.0, _SECONDS_BETWEEN), strict=False):
        yield act_of(step.message, step.id, Sender(child.pupil.lea), at)


def _new_id(draw: Random) -> str:
    return str(UUID(int=draw.getrandbits(128), version=4))
