"""What reaches a merged State ID: commands, held commands, a claim that is being decided."""

from collections.abc import Sequence

import pytest

from contracts.jurisdiction import StudentClaimed, Transfer, TransferState
from contracts.message import Event
from contracts.outcome import Outcome, Status
from contracts.state_ids import StateIdMerged, StateIdRetired, StateIdSeparated
from services.jurisdiction.app import SERVICE
from tests.unit.chassis.memory_service import MemoryService, claim, student_added
from tests.unit.scenario import actor
from tests.unit.students.links import A, B


@pytest.fixture
def service() -> MemoryService:
    """Jurisdiction, as it runs."""
    return MemoryService(SERVICE)


def gone(into: str = B) -> StateIdMerged:
    """Another State ID stands for A."""
    return StateIdMerged(student_id=A, revision=1, current_id=into, formerly=(A,))


def heard(service: MemoryService, *events: Event) -> None:
    """The service processes events, one a batch."""
    for event in events:
        service.process(service.received_event(event))


def codes(service: MemoryService, command_id: str) -> Sequence[str]:
    """The codes in the outcome that the ledger has for a command."""
    outcome = Outcome.model_validate_json(service.store.ledger[command_id].body)
    return [finding.code for finding in outcome.findings]


def test_a_command_for_a_merged_state_id(service: MemoryService) -> None:
    """SER refuses it, and names the State ID that stands for it now. It never acts on that one instead."""
    heard(service, gone())
    late = service.received_command(claim(A))
    service.process(late)
    assert service.status(late) is Status.REFUSED
    assert codes(service, late.id) == ["MSG-050"]
    (outcome,) = (out for out in service.store.outbox if out.topic.endswith("outcomes"))
    assert f'"current_id":"{B}"' in outcome.value.replace(" ", "")


def test_a_command_for_a_retired_state_id(service: MemoryService) -> None:
    """SER refuses it: nobody bears the State ID."""
    heard(service, StateIdRetired(student_id=A, revision=1, current_id=A, formerly=(A,), retired=True))
    late = service.received_command(claim(A))
    service.process(late)
    assert codes(service, late.id) == ["MSG-051"]


def test_a_held_command_has_its_turn(service: MemoryService) -> None:
    """A claim waits for the student. When the word of the merge comes, SER refuses it."""
    waits = service.received_command(claim(A))
    service.process(waits)
    assert service.status(waits) is Status.HELD
    heard(service, gone())
    assert service.status(waits) is Status.REFUSED
    assert codes(service, waits.id) == ["MSG-050"]


def test_a_separated_state_id_takes_commands(service: MemoryService) -> None:
    """After the undo the State ID is like any other."""
    heard(service, gone(), StateIdSeparated(student_id=A, revision=2, current_id=A, formerly=(A, B)))
    first = service.received_command(claim(A))
    service.process(service.received_event(student_added(A)), first)
    assert service.status(first) is Status.ACCEPTED


@pytest.mark.parametrize("claimed_under", [A, B], ids=["the merged one", "the survivor"])
def test_a_merge_ends_the_claim_that_is_being_decided(service: MemoryService, claimed_under: str) -> None:
    """Its answer was asked about another student than the one that stands there now."""
    first = service.received_command(claim(claimed_under))
    service.process(service.received_event(student_added(claimed_under)), first)
    rival = service.received_command(
        claim(claimed_under, begin_on="2017-09-01", school="026001"), by=actor("026")
    )
    service.process(rival)
    assert service.status(rival) is Status.HELD
    heard(service, gone())
    assert service.status(rival) is Status.REFUSED
    assert codes(service, rival.id) == ["JUR-040"]
    (outcome,) = (
        Outcome.model_validate_json(out.value)
        for out in service.store.outbox
        if out.topic.endswith("outcomes") and "JUR-040" in out.value
    )
    assert outcome.subject == claimed_under
    transfers = [row for row in service.store.records.values() if row.kind == Transfer.kind]
    assert {Transfer.model_validate_json(row.body).state for row in transfers} == {TransferState.REFUSED}


def test_spells_are_sorted_anew_and_back(service: MemoryService) -> None:
    """The later first day owns the student. After the undo both State IDs have their owner again."""
    for student, day, lea in ((A, "2017-08-10", "017"), (B, "2017-08-20", "026")):
        first = service.received_command(claim(student, begin_on=day, school=f"{lea}001"), by=actor(lea))
        service.process(service.received_event(student_added(student)), first)
    heard(service, gone())
    assert spells(service) == [(B, "017", "2017-08-19"), (B, "026", "None")]
    heard(service, StateIdSeparated(student_id=A, revision=2, current_id=A, formerly=(A, B)))
    assert spells(service) == [(A, "017", "None"), (B, "026", "None")]


def spells(service: MemoryService) -> list[tuple[str, str, str]]:
    """Where each spell stands, whose it is, and its last day."""
    rows = [row for row in service.store.records.values() if row.kind == "spell" and not row.departed]
    kept = [StudentClaimed.model_validate_json(row.body) for row in rows]
    return sorted((one.student_id, one.lea, str(one.end_on)) for one in kept)
