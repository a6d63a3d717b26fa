"""After a split a secure ID manager gives each record to the person to whom it belongs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from contracts.access import STATE, Actor, Role
from contracts.activities import SpedActivity
from contracts.attachments import AssignAttachment
from contracts.decision import Known
from contracts.evaluations import AssignEvaluation, Evaluation, EvaluationStage, EvaluationType
from contracts.ieps import IEP, AssignIEP
from contracts.jurisdiction import AssignSpell, Spell
from contracts.message import Command, Event, Movable, Record
from contracts.outcome import Outcome, Status
from contracts.provision import AssignService, Service, Session, TransferAnswer
from contracts.state_ids import StateIdMerged, StateIdSeparated, StateIdShared
from contracts.students import AssignGuardian, Guardian
from services.chassis.deciding.batch import RecordRow
from services.chassis.hosting.definition import ServiceDefinition
from services.ieps.app import SERVICE as IEPS
from services.ieps.domain.activities import entry
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from services.provision.domain.session_log import SessionDay
from services.students.app import SERVICE as STUDENTS
from tests.unit.chassis.memory_service import MemoryService
from tests.unit.events import AUGUST, JEFFERSON, ORLEANS, SEPTEMBER, claimed
from tests.unit.jurisdiction.events import requested as transfer_requested
from tests.unit.provision.events import exited, requested, service, submitted
from tests.unit.scenario import actor, id_named
from tests.unit.students.events import guardian
from tests.unit.students.links import A, B, C

STATE_MANAGER = Actor(sub="r.thibodeaux", lea=STATE, roles=frozenset({Role.SECURE_ID_MANAGER}))
SHARED = (
    StateIdShared(student_id=A, revision=1, with_id=B, new_id=B),
    StateIdShared(student_id=B, revision=1, with_id=A, new_id=B),
)
EVALUATION = Evaluation(
    student_id=A,
    revision=1,
    evaluation_id=id_named("evaluation"),
    lea=ORLEANS,
    evaluation_type=EvaluationType.INITIAL,
    stage=EvaluationStage.REQUESTED,
    permission_requested_on=AUGUST,
)
NEXT_AUGUST = date(2018, 8, 10)
MERGED = StateIdMerged(student_id=A, revision=1, current_id=C, formerly=(A,))


def manager(lea: str) -> Actor:
    """A secure ID manager of an LEA."""
    return Actor(sub="r.thibodeaux", lea=lea, roles=frozenset({Role.SECURE_ID_MANAGER}))


class Running:
    """A service in memory, which has heard of the split if it needs to."""

    def __init__(self, definition: ServiceDefinition, *records: Record, split: bool = True) -> None:
        self.service = MemoryService(definition)
        self.service.store.records |= {row.key: row for row in map(RecordRow.of, records)}
        for half in SHARED if split else ():
            if StateIdShared in definition.reactions:
                self.hears(half)
            else:  # students says it
                self.service.store.records |= {row.key: row for row in [RecordRow.of(half)]}

    def hears(self, *events: Event) -> None:
        """Process events, one a batch."""
        for event in events:
            self.service.process(self.service.received_event(event))

    def decides(self, command: Command, by: Actor = STATE_MANAGER) -> Outcome:
        """The outcome of a command."""
        received = self.service.received_command(command, by=by)
        self.service.process(received)
        return Outcome.model_validate_json(self.service.store.ledger[received.id].body)

    def codes(self, command: Command, by: Actor = STATE_MANAGER) -> set[str]:
        """The codes of the findings about a command."""
        return {finding.code for finding in self.decides(command, by).findings}

    def standing(self, state_id: str, *kinds: type[Movable]) -> Sequence[Any]:
        """The records of these kinds that stand under a State ID."""
        model_of = self.service.definition.model_of
        rows = [row for row in self.service.store.records.values() if row.subject == state_id]
        known = Known(model_of(row.kind).model_validate_json(row.body) for row in rows)
        return [one for kind in kinds for one in known.all(kind)]


def with_service(*more: Record) -> Running:
    """Provision, where Orleans gives A a service with one session."""
    session = Session(
        student_id=A,
        revision=1,
        session_id=id_named("session"),
        service_id=id_named("speech"),
        lea=ORLEANS,
        given_on=date(2017, 8, 14),
        minutes=30,
        provider_id="T-1",
    )
    day = SessionDay(
        student_id=A, revision=1, service_id=session.service_id, given_on=session.given_on, sessions=()
    )
    running = Running(PROVISION, service(), session, day, *more)
    running.hears(claimed(), submitted())
    return running


GIVE = AssignService(student_id=A, service_id=id_named("speech"), to=B)


def test_a_service_goes_with_its_sessions() -> None:
    """It belongs to the other person from then on, as if it had been recorded there."""
    provision = with_service()
    assert provision.decides(GIVE).status is Status.ACCEPTED
    assert provision.standing(A, Service, Session, SessionDay) == []
    moved = provision.standing(B, Service, Session, SessionDay)
    assert [type(one) for one in moved] == [Service, Session, SessionDay]
    assert all(one.belongs_to is None for one in moved)
    assert provision.service.published() == ["ServiceMoved", "ServiceMoved", "SessionMoved", "SessionMoved"]
    left = [one for one in provision.service.store.records.values() if one.subject == A and one.departed]
    assert {row.kind for row in left} == {"service", "session", "session_day"}


def test_a_service_whose_iep_is_elsewhere() -> None:
    """SER warns as long as the IEP of the service is not assigned, too. The service can go back."""
    provision = with_service()
    assert provision.codes(GIVE) == {"PRO-052"}
    back = GIVE.model_copy(update={"student_id": B, "to": A})
    assert provision.codes(back) == set()
    assert [one.service_id for one in provision.standing(A, Service)] == [id_named("speech")]


def test_a_claim_that_the_service_blocked_is_released() -> None:
    """The student's claimant can claim again: the open service is another person's."""
    provision = with_service()
    provision.hears(requested())
    assert provision.decides(GIVE).status is Status.ACCEPTED
    assert provision.service.published()[-1] == "TransferReleased"


def test_a_service_waits_while_the_other_student_changes_leas() -> None:
    """The claim on the other student was cleared: no open service may come before it is over."""
    provision = with_service()
    provision.hears(requested().model_copy(update={"student_id": B}))
    assert provision.standing(B, TransferAnswer)[0].state == "cleared"
    assert provision.codes(GIVE) == {"PRO-005"}
    assert len(provision.standing(A, Service)) == 1


def test_a_guardian_goes() -> None:
    """The last guardian, too: the other person's record has it now."""
    mother = guardian("mother")
    students = Running(STUDENTS, mother)
    give = AssignGuardian(student_id=A, guardian_id=mother.guardian_id, to=B)
    assert students.decides(give).status is Status.ACCEPTED
    assert [one.guardian_id for one in students.standing(B, Guardian)] == [mother.guardian_id]
    assert students.standing(A, Guardian) == []


def test_spells_are_joined_anew() -> None:
    """The other person's spells are tiled with the one that comes; without any, nobody owns the student."""
    first, later = (
        claimed(),
        claimed(JEFFERSON, date(2017, 9, 20), "later").model_copy(update={"student_id": B}),
    )
    jurisdiction = Running(JURISDICTION, first, later)
    give = AssignSpell(student_id=A, spell_id=first.spell_id, to=B)
    assert jurisdiction.decides(give).status is Status.ACCEPTED
    assert jurisdiction.standing(A, Spell) == []
    assert sorted((one.lea, one.end_on) for one in jurisdiction.standing(B, Spell)) == [
        (JEFFERSON, None),
        (ORLEANS, date(2017, 9, 19)),
    ]


def test_no_spell_goes_while_a_claim_is_decided() -> None:
    """The claim names the owner, so the owner stays until its outcome."""
    jurisdiction = Running(JURISDICTION, claimed(), transfer_requested())
    give = AssignSpell(student_id=A, spell_id=claimed().spell_id, to=B)
    assert jurisdiction.codes(give) == {"JUR-005"}


FIRST, SECOND = submitted("first", AUGUST), submitted("second", NEXT_AUGUST)


def in_school() -> Running:
    """ieps, where A has two IEPs, the first of them amended, and an entry with the first."""
    amendment = submitted("amendment", SEPTEMBER, amends="first")
    return Running(IEPS, FIRST, amendment, SECOND, entry(FIRST))


def entries(ieps: Running, state_id: str) -> Mapping[Any, date]:
    """The State ID's open sped activities by the IEPs with which they begin, and since when."""
    return {one.iep_id: one.entered_on for one in ieps.standing(state_id, SpedActivity) if one.open}


def test_an_iep_goes_with_its_line_and_entry() -> None:
    """The amendments go along. Who keeps a submitted IEP gets an entry of its own."""
    ieps = in_school()
    give = AssignIEP(student_id=A, iep_id=id_named("amendment"), to=B)
    assert ieps.decides(give).status is Status.ACCEPTED
    assert {one.iep_id for one in ieps.standing(B, IEP)} == {FIRST.iep_id, id_named("amendment")}
    assert {one.iep_id for one in ieps.standing(A, IEP)} == {SECOND.iep_id}
    assert entries(ieps, B) == {FIRST.iep_id: AUGUST}
    assert entries(ieps, A) == {SECOND.iep_id: NEXT_AUGUST}


@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)], ids=["oldest first", "newest first"])
def test_all_ieps_go_in_any_order(order: Sequence[IEP]) -> None:
    """The other person has one entry, on the first day of the first IEP. The first person has none."""
    ieps = in_school()
    for iep in order:
        give = AssignIEP(student_id=A, iep_id=iep.iep_id, to=B)
        assert ieps.decides(give).status is Status.ACCEPTED
    assert entries(ieps, B) == {FIRST.iep_id: AUGUST}
    assert entries(ieps, A) == {}


def test_an_evaluation_is_counted_among_the_other_persons() -> None:
    """A determination has its ordinal there. It can go back."""
    counted = {"revision": 5, "stage": EvaluationStage.DETERMINED, "determined_on": AUGUST}
    first, other = (
        EVALUATION.model_copy(
            update=counted | {"student_id": one, "evaluation_id": id_named(one)} | {"determination": 1}
        )
        for one in (A, B)
    )
    ieps = Running(IEPS, first, other)
    give = AssignEvaluation(student_id=A, evaluation_id=first.evaluation_id, to=B)
    assert ieps.decides(give).status is Status.ACCEPTED
    assert [one.determination for one in ieps.standing(B, Evaluation)] == [1, 2]
    back = give.model_copy(update={"student_id": B, "to": A})
    assert ieps.decides(back).status is Status.ACCEPTED
    assert [one.determination for one in ieps.standing(A, Evaluation)] == [1]


def test_nobody_gets_a_second_open_evaluation() -> None:
    """An LEA closes one of the two first."""
    other = EVALUATION.model_copy(update={"student_id": B, "evaluation_id": id_named("other")})
    give = AssignEvaluation(student_id=A, evaluation_id=EVALUATION.evaluation_id, to=B)
    assert Running(IEPS, EVALUATION, other).codes(give) == {"EVA-002"}


COMMANDS = (
    AssignGuardian(student_id=A, guardian_id=id_named("none"), to=B),
    AssignAttachment(student_id=A, attachment_id=id_named("none"), to=B),
    AssignSpell(student_id=A, spell_id=id_named("none"), to=B),
    AssignEvaluation(student_id=A, evaluation_id=id_named("none"), to=B),
    AssignIEP(student_id=A, iep_id=id_named("none"), to=B),
    AssignService(student_id=A, service_id=id_named("none"), to=B),
)
SERVICES = {
    command: service for service in (STUDENTS, JURISDICTION, IEPS, PROVISION) for command in service.deciders
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_only_between_two_who_were_mixed_up(command: Any) -> None:
    """A record goes only where eScholar says that it may belong, and only by a secure ID manager."""
    service = SERVICES[type(command)]
    unknown = Running(service).codes(command)
    assert len(unknown) == 1, "the record that does not exist"
    apart = Running(service, split=False)
    assert apart.codes(command) == {"REC-008", *unknown}
    assert apart.codes(command.model_copy(update={"to": A})) == {"REC-009", *unknown}
    assert apart.codes(command, actor(ORLEANS)) == {"ACC-004", "REC-008", *unknown}
    there = Running(service, MERGED.model_copy(update={"student_id": B, "formerly": (B,)}))
    assert there.codes(command) == {"MSG-050", *unknown}


def test_managers_of_leas_that_have_a_part() -> None:
    """The manager of an LEA that has or had one of the two students assigns; no other LEA's does."""
    give = AssignSpell(student_id=A, spell_id=claimed().spell_id, to=B)
    assert Running(JURISDICTION, claimed()).codes(give, manager(JEFFERSON)) == {"REC-010"}
    assert Running(JURISDICTION, claimed()).decides(give, manager(ORLEANS)).status is Status.ACCEPTED


def test_the_note_follows_a_merge() -> None:
    """The State ID that two persons shared is merged. Its records are assigned under the survivor."""
    provision = with_service()
    provision.hears(MERGED)
    give = GIVE.model_copy(update={"student_id": C})
    assert provision.codes(GIVE) == {"MSG-050"}
    assert provision.decides(give).status is Status.ACCEPTED
    assert [one.owned_by for one in provision.standing(B, Service)] == [B]


def test_what_was_recorded_during_a_wrong_merge() -> None:
    """A merge was taken back. What was made meanwhile stands with the survivor, until a person assigns it."""
    provision = Running(PROVISION, service().model_copy(update={"student_id": C}), split=False)
    separated = StateIdSeparated(student_id=A, revision=2, current_id=A, formerly=(A, C))
    provision.hears(MERGED, separated)
    give = AssignService(student_id=C, service_id=id_named("speech"), to=A)
    assert provision.decides(give).status is Status.ACCEPTED
    assert len(provision.standing(A, Service)) == 1


def test_an_assigned_record_moves_with_its_new_state_id() -> None:
    """The State ID to which the service was assigned is merged: the service goes along and comes back."""
    provision = with_service()
    assert provision.decides(GIVE).status is Status.ACCEPTED
    provision.hears(StateIdMerged(student_id=B, revision=1, current_id=C, formerly=(B,)))
    assert [one.owned_by for one in provision.standing(C, Service)] == [B]
    provision.hears(StateIdMerged(student_id=A, revision=1, current_id=C, formerly=(A,)))
    provision.hears(StateIdSeparated(student_id=B, revision=2, current_id=B, formerly=(B, C)))
    assert [one.owned_by for one in provision.standing(B, Service)] == [B]
    assert provision.standing(C, Service) == []


def test_an_exit_after_the_assignment() -> None:
    """The first person exits. The service of the other person stays open."""
    provision = with_service()
    assert provision.decides(GIVE).status is Status.ACCEPTED
    provision.hears(exited())
    assert [one.end_on for one in provision.standing(B, Service)] == [None]
