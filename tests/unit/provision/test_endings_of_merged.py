"""Services end with their spell, in whichever order provision hears of the end and of a merge."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import permutations

import pytest

from contracts.jurisdiction import EndReason, JurisdictionEnded, Spell, SpellMoved
from contracts.message import Event
from contracts.provision import Service
from contracts.state_ids import StateIdMerged
from services.chassis.deciding.batch import RecordRow
from services.provision.app import SERVICE
from tests.unit.chassis.memory_service import MemoryService
from tests.unit.events import AUGUST, SEPTEMBER, claimed, ended, withdrawn
from tests.unit.provision.events import exited, service, submitted
from tests.unit.students.links import A, B

LAST_DAY = SEPTEMBER - timedelta(days=1)
GONE = StateIdMerged(student_id=A, revision=1, current_id=B, formerly=(A,))
Standing = dict[str, tuple[str, date | None, str | None]]


def moves(spell: Spell) -> Sequence[Event]:
    """The spell goes along: its last state under the old State ID, and the next one under the new one."""
    left = SpellMoved.of(spell, moved_to=B)
    return left, SpellMoved.of(left, student_id=B, belongs_to=A, moved_to=None)


def after(*events: Event, given: Iterable[Service] = (service(),)) -> Standing:
    """Under which State ID each service stands after these events, with its last day and reason."""
    provision = MemoryService(SERVICE)
    provision.store.records |= {row.key: row for row in map(RecordRow.of, given)}
    past: Sequence[Event] = (claimed(), submitted(), *events)
    for event in past:
        provision.process(provision.received_event(event))
    rows = (row for row in provision.store.records.values() if row.kind == Service.kind and not row.departed)
    services = [Service.model_validate_json(row.body) for row in rows]
    return {one.terms.service_code: (one.student_id, one.end_on, one.termination_reason) for one in services}


def in_any_order(*events: Event) -> Sequence[Sequence[Event]]:
    """These events in each order."""
    return list(permutations(events))


def test_a_closed_spell_that_goes_along() -> None:
    """The LEA closes its jurisdiction, and then its State ID is merged: the services end in every order."""
    closed = ended(claimed(), LAST_DAY, EndReason.GRADUATED)
    for order in in_any_order(closed, *moves(closed), GONE):
        assert after(*order) == {"SPE": (B, LAST_DAY, "GRADUATED")}, order


def test_a_withdrawn_claim_that_goes_along() -> None:
    """A claim is withdrawn, and then its State ID is merged: the services end as entered in error."""
    error = withdrawn(claimed())
    for order in in_any_order(error, *moves(error), GONE):
        assert after(*order) == {"SPE": (B, AUGUST, "ERROR")}, order


@pytest.mark.parametrize("order", in_any_order(exited(), GONE), ids=["exit first", "merge first"])
def test_an_exit_before_the_merge(order: Sequence[Event]) -> None:
    """The student exits special education, and then the State ID is merged: the services end."""
    assert after(*order) == {"SPE": (B, SEPTEMBER, "EXIT")}


def test_the_services_of_one_child_end_together() -> None:
    """An LEA closes the jurisdiction of a child who had two State IDs. The services of both end, although
    provision hears of the merge later."""
    other = service("transport", code="TRA").model_copy(update={"student_id": B})
    own = claimed().model_copy(update={"student_id": B})
    closing = JurisdictionEnded.of(own, end_on=LAST_DAY, end_reason=EndReason.DIED, ends_services_of=(A,))
    for order in in_any_order(closing, GONE):
        gone = (B, LAST_DAY, "DECEASED")
        assert after(own, *order, given=[service(), other]) == {"SPE": gone, "TRA": gone}, order


def test_a_merge_ends_no_service_of_the_other_state_id() -> None:
    """A closed spell comes from another State ID: the LEA's services of the child who stays go on."""
    other = service("transport", code="TRA").model_copy(update={"student_id": B})
    own = claimed(under="the other claim").model_copy(update={"student_id": B})
    closed = ended(claimed(), LAST_DAY, EndReason.LEFT_STATE)
    for order in in_any_order(closed, *moves(closed), GONE):
        standing = after(own, *order, given=[service(), other])
        assert standing == {"SPE": (B, LAST_DAY, "EXIT"), "TRA": (B, None, None)}, order
