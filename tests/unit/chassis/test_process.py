"""A service decides a batch; the example is jurisdiction."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts import errors
from contracts.decision import Accepted, Ask, Known, Settled
from contracts.envelope import headers_of
from contracts.errors import TOKEN_MISSING, Finding, Severity
from contracts.facts import KnownStudent
from contracts.jurisdiction import (
    ClaimJurisdiction,
    SchoolStay,
    Spell,
    StudentClaimed,
    TransferRefused,
    TransferState,
)
from contracts.message import Record
from contracts.outcome import Status
from contracts.students import StudentAdded
from services.chassis.deciding.batch import Loaded
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import (
    Alone,
    Due,
    Failed,
    GivenUp,
    ReceivedCommand,
    ReceivedEvent,
    Unreadable,
    Work,
)
from services.chassis.publishing.effects import Outgoings
from services.chassis.reading.noting import defects
from services.jurisdiction.domain import DECIDERS, REACTIONS
from tests.unit.chassis.memory_service import (
    HOLD,
    NOON,
    MemoryService,
    claim,
    jurisdiction,
    move,
    student_added,
)
from tests.unit.scenario import STUDENT

OTHER = "1000000002"


def _broken(*_: object) -> Accepted:
    raise RuntimeError("a secret of the message")


def test_accepted() -> None:
    """The service publishes an accepted claim once, with the next number of the student, and answers it."""
    service = MemoryService()
    first = service.received_command(claim())
    service.process(service.received_event(student_added()), first)
    assert service.published() == ["StudentClaimed"]
    assert service.status(first) is Status.ACCEPTED
    assert ("ce_sequence", b"1") in headers_of(json.loads(service.store.outbox[0].headers))


def test_a_record_says_who_changed_it() -> None:
    """A record's row has the sender of the command that changed it, and when Kafka received the command. What
    an event changed without a command has no sender."""
    service = MemoryService()
    first = service.received_command(claim())
    writes = service.process(service.received_event(student_added()), first)
    changed = {kind: (row.changed_by, row.changed_at) for (_, kind, _), row in writes.records.items()}
    assert changed == {"student": (None, NOON), "spell": ("017/a.coordinator", NOON)}


def test_same_id_same_outcome() -> None:
    """The same command sent twice has one effect, whether in one batch or later."""
    service = MemoryService()
    first = service.received_command(claim())
    service.process(service.received_event(student_added()), first, first)
    writes = service.process(first)
    assert service.published() == ["StudentClaimed"]
    assert dict(writes.tally) == {("jurisdiction.commands", 0, "duplicate"): 1}
    assert not writes.outbox


def test_id_used_for_another_command() -> None:
    """A second command with the same id and other contents becomes a dead letter and changes nothing."""
    service = MemoryService()
    first = service.received_command(claim())
    other = service.received_command(claim(begin_on="2017-08-11"), under=first.id)
    service.process(service.received_event(student_added()), first, other)
    assert service.published() == ["StudentClaimed", "jurisdiction.dead-letters"]
    assert service.status(first) is Status.ACCEPTED


def test_held_until_the_fact_arrives() -> None:
    """A claim that overtakes the adding of its student waits, and is accepted when the student is added."""
    service = MemoryService()
    early = service.received_command(claim())
    service.process(early)
    assert service.status(early) is Status.HELD
    service.process(service.received_event(student_added()))
    assert service.status(early) is Status.ACCEPTED
    assert not service.store.held


def test_later_commands_wait_behind() -> None:
    """A student's later commands wait behind a held one, in order."""
    service = MemoryService()
    commands = [
        service.received_command(claim()),
        service.received_command(move("017002")),
        service.received_command(move("017003", begin_on="2017-08-21")),
    ]
    service.process(*commands)
    assert [service.status(command) for command in commands] == [Status.HELD] * 3
    service.process(service.received_event(student_added()))
    assert [service.status(command) for command in commands] == [Status.ACCEPTED] * 3
    assert service.published() == ["StudentClaimed", "SchoolTransferred", "SchoolTransferred"]


def test_other_students_never_wait() -> None:
    """One student's wait does not hold up another's claim."""
    service = MemoryService()
    stuck, free = service.received_command(claim()), service.received_command(claim(OTHER))
    service.process(service.received_event(student_added(OTHER)), stuck, free)
    assert (service.status(stuck), service.status(free)) == (Status.HELD, Status.ACCEPTED)


def test_a_queue_is_released_in_transactions_of_some_size() -> None:
    """If one fact releases many commands, one transaction takes some of them and later ones take the rest."""
    service = MemoryService(largest_batch=1)
    first, second = service.received_command(claim()), service.received_command(claim(school="017002"))
    service.process(first, second)

    service.process(service.received_event(student_added()))
    assert [service.status(command) for command in (first, second)] == [Status.ACCEPTED, Status.HELD]

    service.now += 2 * HOLD
    service.process(Due(STUDENT))
    assert service.status(second) is Status.REFUSED
    codes = {finding["code"] for finding in json.loads(service.store.ledger[second.id].body)["findings"]}
    assert "MSG-007" not in codes, "it was decided, and not given up"


def test_refused_past_the_deadline() -> None:
    """Jurisdiction refuses a claim if no LEA adds the student before the claim's deadline."""
    service = MemoryService()
    early = service.received_command(claim())
    service.process(early)
    service.now = NOON + HOLD - timedelta(seconds=1)
    service.process(Due(STUDENT))
    assert service.status(early) is Status.HELD
    service.now = NOON + HOLD
    service.process(Due(STUDENT))
    assert service.status(early) is Status.REFUSED
    assert {f["code"] for f in json.loads(service.store.ledger[early.id].body)["findings"]} == {
        "MSG-007",
        "REC-001",
    }


def test_too_many_wait() -> None:
    """Beyond the limit the service refuses commands for an unknown student, and no other commands."""
    service = MemoryService(queue_limit=2)
    commands = [service.received_command(claim()) for _ in range(4)]
    service.process(*commands)
    assert [service.status(c) for c in commands] == [Status.HELD, Status.HELD, Status.REFUSED, Status.REFUSED]


def test_form_refused_at_once() -> None:
    """The service refuses a command with a wrong form or token at once, with its findings."""
    service = MemoryService()
    bad = service.received_command(claim(), findings=(TOKEN_MISSING.broken(),))
    service.process(bad)
    assert service.status(bad) is Status.REFUSED


def test_event_twice() -> None:
    """The service counts a repeated event or an older revision as a duplicate and changes nothing."""
    service = MemoryService()
    service.process(service.received_event(student_added(revision=2)))
    writes = service.process(
        service.received_event(student_added(revision=2)), service.received_event(student_added(revision=1))
    )
    assert dict(writes.tally) == {("StudentAdded", 0, "duplicate"): 2}
    assert not writes.records


def test_defect_in_a_decider() -> None:
    """A defect holds only the command that met it. Its answer tells no details, and other students' commands
    go on."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    met, free = service.received_command(claim()), service.received_command(move(student=OTHER))
    service.process(service.received_event(student_added()), met, free)
    (held,) = [held for held in service.store.held.values() if held.defect]
    assert held.reason == "RuntimeError"
    assert service.status(met) is Status.HELD


def mended(service: MemoryService) -> MemoryService:
    """The same store under code without the defect."""
    new = MemoryService()
    new.store.__dict__.update({**service.store.__dict__, "service": new.definition})
    return new


def test_released_in_order_when_mended() -> None:
    """After the code is fixed, the service takes the held messages in order."""
    service = MemoryService(jurisdiction(reactions={StudentAdded: _broken}))
    first = service.received_command(claim())
    service.process(
        service.received_event(student_added()), first, service.received_event(student_added(revision=2))
    )
    assert len(service.store.held) == 3
    new = mended(service)
    new.process(Due(STUDENT, retry_defects=True))
    assert new.status(first) is Status.ACCEPTED
    assert not new.store.held


def test_long_queue_is_released() -> None:
    """After the code is fixed, the service takes all two thousand held events."""
    service = MemoryService(jurisdiction(reactions={StudentAdded: _broken}))
    events = [service.received_event(student_added(revision=number)) for number in range(1, 2001)]
    service.process(*events)
    assert len(service.store.held) == 2000
    new = mended(service)
    new.process(Due(STUDENT, retry_defects=True))
    assert not new.store.held


def test_facts_pass_a_defect() -> None:
    """While a defect holds a command, the service still takes facts about the student."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    service.process(service.received_event(student_added()), service.received_command(claim()))
    writes = service.process(service.received_event(student_added(revision=2)))
    assert [row.revision for row in writes.records.values()] == [2]


def _too_old(known: Known, ask: Ask[ClaimJurisdiction]) -> Accepted:
    if known.revision(KnownStudent.kind, "") == 1:
        raise OverflowError
    return DECIDERS[ClaimJurisdiction](known, ask)  # type: ignore[return-value]


def test_a_correction_frees_a_command() -> None:
    """A birth date that the code cannot handle holds a claim. eScholar's correction releases the claim."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _too_old}))
    wedged, behind = service.received_command(claim()), service.received_command(move())
    service.process(service.received_event(student_added()), wedged, behind)
    assert [service.status(one) for one in (wedged, behind)] == [Status.HELD] * 2

    service.process(service.received_event(student_added(revision=2)))

    assert [service.status(one) for one in (wedged, behind)] == [Status.ACCEPTED] * 2


def test_commands_wait_behind_a_defect() -> None:
    """A later command never overtakes a command that met a defect."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    met, behind = service.received_command(claim()), service.received_command(move())
    service.process(service.received_event(student_added()), met, behind)
    service.now += 2 * HOLD
    assert service.store.due(service.now) == []
    service.process(Due(STUDENT))
    assert service.status(behind) is Status.HELD


def test_an_event_is_taken_alone() -> None:
    """If the database rejects a held command's effects, the service saves the event without the command."""
    service = MemoryService()
    command = service.received_command(claim())
    service.process(Failed(command, "IntegrityError"))
    service.process(Alone(service.received_event(student_added())))
    assert service.status(command) is Status.HELD
    assert service.store.revisions[STUDENT] == (2, 0)


def test_what_was_loaded_stays_as_it_was() -> None:
    """A decision does not change its inputs."""
    service = MemoryService()
    service.process(early := service.received_command(claim()))
    batch: list[Work] = [service.received_event(student_added()), service.received_command(move())]
    loaded = service.store.load(batch)
    before = _spelt(loaded)
    terms = Terms(service.definition, Outgoings(service.definition, ""), HOLD, 5, 10_000, 1_000_000)

    first, again = (process(batch, loaded, terms, NOON) for _ in range(2))

    assert first.outbox == again.outbox
    assert first.ledger[early.id].status is Status.ACCEPTED
    assert _spelt(loaded) == before


def _spelt(loaded: Loaded) -> object:
    """The loaded records as plain values."""
    return [
        (name, one.revision, one.sequence, list(one.known), list(one.queue))
        for name, one in loaded.aggregates.items()
    ]


def test_event_held_once() -> None:
    """A held event that arrives again is a duplicate."""
    service = MemoryService(jurisdiction(reactions={StudentAdded: _broken}))
    writes = service.process(service.received_event(student_added()), service.received_event(student_added()))
    assert len(service.store.held) == 1
    assert writes.tally["StudentAdded", 0, "duplicate"] == 1


def test_failed_to_save() -> None:
    """The service holds a message that the database rejects, and the student's later messages behind it."""
    service = MemoryService()
    bad, later = service.received_command(claim()), service.received_command(move())
    service.process(Failed(bad, "IntegrityError"), later)
    assert [held.reason for held in service.store.held.values()] == ["IntegrityError", "behind"]


def test_unreadable() -> None:
    """An unreadable message becomes a dead letter with its place and the reason."""
    service = MemoryService()
    service.process(Unreadable(service.raw_message("jurisdiction.commands", "{"), "no value"))
    letter = json.loads(service.store.outbox[0].value)
    assert (letter["topic"], letter["offset"], letter["reason"]) == ("jurisdiction.commands", 1, "no value")


def test_replay_gives_the_same_ids() -> None:
    """The same messages, decided again, give events with the same ids."""
    service, again = MemoryService(), MemoryService()
    batch = (service.received_event(student_added()), service.received_command(claim()))
    assert service.process(*batch).outbox == again.process(*batch).outbox


def _huge(_: Known, ask: Ask[ClaimJurisdiction]) -> Accepted:
    stays = (SchoolStay(school="017001", begin_on=NOON.date()),) * 1000
    spell = StudentClaimed(
        student_id=STUDENT,
        revision=1,
        spell_id=ask.command_id,
        lea="017",
        begin_on=NOON.date(),
        schools=stays,
    )
    return Accepted([spell])


def test_record_too_large() -> None:
    """The service refuses a command if it would make a record too large for Kafka."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _huge}))
    large = service.received_command(claim())
    service.process(service.received_event(student_added()), large)
    assert errors.RECORD_TOO_LARGE.code in service.store.ledger[large.id].body


def _copied(known: Known, event: StudentAdded) -> list[Record | Settled]:
    stays = (SchoolStay(school="017001", begin_on=NOON.date()),) * 1000
    kept: dict[str, Any] = {"spell_id": uuid4(), "lea": "017", "begin_on": NOON.date(), "schools": stays}
    return [*REACTIONS[StudentAdded](known, event), Spell(student_id=STUDENT, revision=1, **kept)]


def test_a_record_that_kafka_never_sees_may_be_larger() -> None:
    """A reaction keeps a copy for the service itself. Its size holds nothing up."""
    service = MemoryService(jurisdiction(reactions={StudentAdded: _copied}))
    service.process(service.received_event(student_added()))
    assert not service.store.held
    (copy,) = (row.body for row in service.store.records.values() if row.kind == "spell")
    assert len(copy) > 10_000, "the limit of this service for what it says"


def _wordy(letter: str) -> Callable[[Known, Ask[ClaimJurisdiction]], Accepted]:
    finding = Finding(code="JUR-004", severity=Severity.ERROR, message=letter * 6_000, solution="")
    day = NOON.date()

    def decide(_: Known, ask: Ask[ClaimJurisdiction]) -> Accepted:
        names: dict[str, Any] = {
            "student_id": STUDENT,
            "claim_id": ask.command_id,
            "from_spell": ask.command_id,
        }
        leas: dict[str, Any] = {"from_lea": "026", "to_lea": "017", "school": "017001", "begin_on": day}
        refused = TransferRefused(
            **names, **leas, revision=1, state=TransferState.REFUSED, findings=(finding,)
        )
        return Accepted([refused])

    return decide


@pytest.mark.parametrize(("letter", "status"), [("e", Status.ACCEPTED), ("é", Status.REFUSED)])
def test_size_is_counted_in_bytes(letter: str, status: Status) -> None:
    """The limit of a record counts bytes, and a letter may have several."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _wordy(letter)}))
    command = service.received_command(claim())
    service.process(service.received_event(student_added()), command)
    assert service.status(command) is status


def test_what_is_mended_waits_with_what_is_before_it() -> None:
    """After a fix, one command waits for a fact and the next waits behind it; neither is held for
    the defect."""
    service = MemoryService()
    first, second = service.received_command(claim()), service.received_command(claim(school="017002"))
    service.process(Failed(first, "KeyError"), Failed(second, "KeyError"))
    service.process(Due(STUDENT, retry_defects=True))

    service.process(service.received_event(student_added()))

    assert [service.status(command) for command in (first, second)] == [Status.ACCEPTED, Status.REFUSED]


def given_up(service: MemoryService, command: ReceivedCommand | ReceivedEvent) -> GivenUp:
    """An operator refuses a held message."""
    (place,) = (place for place, held in service.store.held.items() if held.item.id == command.id)
    return GivenUp(*place, command.id, "LA/o.perator", "the school does not exist")


def test_an_operator_refuses_a_held_command() -> None:
    """The sender gets the final outcome with the operator's reason, and the next command goes on."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    stuck, behind = service.received_command(claim()), service.received_command(move())
    service.process(service.received_event(student_added()), stuck, behind)

    service.process(given_up(service, stuck))
    service.process(Due(STUDENT, retry_defects=True))

    (finding,) = json.loads(service.store.ledger[stuck.id].body)["findings"]
    assert (service.status(stuck), finding["code"]) == (Status.REFUSED, "MSG-045")
    assert finding["message"] == "An operator refused the command: the school does not exist."
    codes = [finding["code"] for finding in json.loads(service.store.ledger[behind.id].body)["findings"]]
    assert (service.status(behind), codes) == (Status.REFUSED, ["REC-002"]), "decided: no LEA has claimed"
    (action,) = service.store.actions
    assert action == (
        *("LA/o.perator", "refused", STUDENT, stuck.id, "ClaimJurisdiction", "the school does not exist"),
    )


def test_an_operator_gives_an_event_up() -> None:
    """An event that an operator refuses becomes a dead letter with the operator's reason."""
    service = MemoryService(jurisdiction(reactions={StudentAdded: _broken}))
    event = service.received_event(student_added())
    service.process(event)

    writes = service.process(given_up(service, event))

    letter = json.loads(writes.outbox[0].value)
    assert letter["reason"] == "given up by an operator: the school does not exist"
    assert (letter["topic"], letter["offset"]) == (event.raw.topic, event.raw.offset)
    assert not service.store.held
    assert [action.action for action in service.store.actions] == ["dead letter"]
    assert sum(service.store.tally.values()) == 1


def test_a_message_that_had_its_turn_is_not_given_up() -> None:
    """If a command has an outcome already, an operator's refusal changes nothing."""
    service = MemoryService()
    service.process(early := service.received_command(claim()))
    late = given_up(service, early)
    service.process(service.received_event(student_added()))

    writes = service.process(late)

    assert service.status(early) is Status.ACCEPTED
    assert (writes.ledger, writes.outbox, writes.actions) == ({}, [], [])


def test_a_held_message_says_why() -> None:
    """A held command keeps the cause that its sender was told. If the cause changes, it keeps the new one."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _too_old}))
    service.process(service.received_command(claim()))
    (held,) = service.store.held.values()
    assert (held.finding.code, held.finding.severity) == ("REC-001", Severity.WARNING)

    service.process(service.received_event(student_added()))

    (held,) = service.store.held.values()
    assert (held.finding.code, held.reason) == ("MSG-009", "OverflowError")


def test_the_log_says_once_that_a_message_is_held_for_a_defect() -> None:
    """The log names the defect and the command once, not at each retry."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _broken}))
    first = service.process(service.received_event(student_added()), service.received_command(claim()))
    again = service.process(Due(STUDENT, retry_defects=True))
    assert defects(first) == {"defects": {"RuntimeError": 1}, "names": {"ClaimJurisdiction": 1}}
    assert defects(again) == {}
