"""What eScholar's bridge says of four State IDs: merged, separated, retired; and a service that hears it."""

from functools import partial

from fastapi import APIRouter

from contracts.identity import IdentityMerged, IdentityRetired, IdentitySeparated, IdentitySplit
from services.chassis.hosting.definition import ServiceDefinition
from services.students.domain import DECIDERS, REACTIONS, RULES, STORED, TOGETHER
from services.students.domain.state_id_changes import Approval, follow
from tests.unit.chassis.memory_service import MemoryService

A, B, C, D = "1000000001", "1000000002", "1000000003", "1000000004"
AnyLink = IdentityMerged | IdentitySeparated | IdentityRetired


def merged(state_id: str, into: str, revision: int = 2) -> IdentityMerged:
    """eScholar merged one State ID into another."""
    return IdentityMerged(student_id=state_id, revision=revision, into=into, reason="one child")


def separated(state_id: str, into: str | None = None, revision: int = 3) -> IdentitySeparated:
    """eScholar took the merge back."""
    return IdentitySeparated(student_id=state_id, revision=revision, into=into, reason="two children")


def retired(state_id: str, revision: int = 2) -> IdentityRetired:
    """eScholar retired a State ID and named no other."""
    return IdentityRetired(student_id=state_id, revision=revision, reason="nobody's")


def students(approval: Approval = Approval.PEOPLE) -> MemoryService:
    """The service of students, without its queries. `approval`: which changes of State IDs wait."""
    links = (IdentityMerged, IdentitySeparated, IdentityRetired)
    return MemoryService(
        ServiceDefinition(
            name="students",
            summary="",
            rules=RULES,
            router=APIRouter(),
            deciders=DECIDERS,
            reactions={**REACTIONS, **dict.fromkeys(links, partial(follow, approval=approval))},
            stored=STORED,
            together=TOGETHER,
        )
    )


def heard(service: MemoryService, *links: AnyLink | IdentitySplit, batch: bool = False) -> None:
    """The service processes the links, one by one or all in one batch."""
    works = [service.received_event(link) for link in links]
    if batch:
        service.process(*works)
    else:
        for work in works:
            service.process(work)
