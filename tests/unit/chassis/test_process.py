"""How a service decides a batch, on the example of jurisdiction."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts import errors
from contracts.decision import Accepted, Ask, Known
from contracts.envelope import headers_of
from contracts.errors import TOKEN_MISSING, Finding, Severity
from contracts.facts import KnownStudent
from contracts.jurisdiction import (
    ClaimJurisdiction,
    SchoolStay,
    StudentClaimed,
    TransferRefused,
    TransferState,
)
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
from services.jurisdiction.domain import DECIDERS
from tests.unit.chassis.desk import HOLD, NOON, Desk, claim, jurisdiction, move, student_added
from tests.unit.telling import STUDENT

OTHER = "1000000002"


def _broken(*_: object) -> Accepted:
    raise RuntimeError("a secret of the message")


def test_accepted() -> None:
    """An accepted claim is published once, with its number in the student's sequence, and answered."""
    desk = Desk()
    first = desk.asked(claim())
    desk.take(desk.told(student_added()), first)
    assert desk.published() == ["StudentClaimed"]
    assert desk.status(first) is Status.ACCEPTED
    assert ("ce_sequence", b"1") in headers_of(json.loads(desk.store.outbox[0].headers))


def test_same_id_same_outcome() -> None:
    """The same command sent twice has one effect, whether in one batch or later."""
    desk = Desk()
    first = desk.asked(claim())
    desk.take(desk.told(student_added()), first, first)
    writes = desk.take(first)
    assert desk.published() == ["StudentClaimed"]
    assert dict(writes.tally) == {("jurisdiction.commands", 0, "duplicate"): 1}
    assert not writes.outbox


def test_id_used_for_another_command() -> None:
    """A command id used again for something else goes to the dead letters and changes nothing."""
    desk = Desk()
    first = desk.asked(claim())
    other = desk.asked(claim(begin_on="2017-08-11"), under=first.id)
    desk.take(desk.told(student_added()), first, other)
    assert desk.published() == ["StudentClaimed", "jurisdiction.dead-letters"]
    assert desk.status(first) is Status.ACCEPTED


def test_held_until_the_fact_arrives() -> None:
    """A claim that overtakes the adding of its student waits, and is accepted when the student is added."""
    desk = Desk()
    early = desk.asked(claim())
    desk.take(early)
    assert desk.status(early) is Status.HELD
    desk.take(desk.told(student_added()))
    assert desk.status(early) is Status.ACCEPTED
    assert not desk.store.held


def test_later_commands_wait_behind() -> None:
    """A held student never overtakes itself: what came later is decided later, in order."""
    desk = Desk()
    commands = [
        desk.asked(claim()),
        desk.asked(move("017002")),
        desk.asked(move("017003", begin_on="2017-08-21")),
    ]
    desk.take(*commands)
    assert [desk.status(command) for command in commands] == [Status.HELD] * 3
    desk.take(desk.told(student_added()))
    assert [desk.status(command) for command in commands] == [Status.ACCEPTED] * 3
    assert desk.published() == ["StudentClaimed", "SchoolTransferred", "SchoolTransferred"]


def test_other_students_never_wait() -> None:
    """One student's wait does not hold up another's claim."""
    desk = Desk()
    stuck, free = desk.asked(claim()), desk.asked(claim(OTHER))
    desk.take(desk.told(student_added(OTHER)), stuck, free)
    assert (desk.status(stuck), desk.status(free)) == (Status.HELD, Status.ACCEPTED)


def test_a_queue_is_released_in_transactions_of_some_size() -> None:
    """A fact for which many commands wait releases as many as one transaction may say; the rest when due."""
    desk = Desk(largest_batch=1)
    first, second = desk.asked(claim()), desk.asked(claim(school="017002"))
    desk.take(first, second)

    desk.take(desk.told(student_added()))
    assert [desk.status(asked) for asked in (first, second)] == [Status.ACCEPTED, Status.HELD]

    desk.now += 2 * HOLD
    desk.take(Due(STUDENT))
    assert desk.status(second) is Status.REFUSED
    codes = {finding["code"] for finding in json.loads(desk.store.ledger[second.id].body)["findings"]}
    assert "MSG-007" not in codes, "it was decided, and not given up"


def test_refused_past_the_deadline() -> None:
    """A claim for a student nobody adds is refused past its deadline, with the reason."""
    desk = Desk()
    early = desk.asked(claim())
    desk.take(early)
    desk.now = NOON + HOLD - timedelta(seconds=1)
    desk.take(Due(STUDENT))
    assert desk.status(early) is Status.HELD
    desk.now = NOON + HOLD
    desk.take(Due(STUDENT))
    assert desk.status(early) is Status.REFUSED
    assert {f["code"] for f in json.loads(desk.store.ledger[early.id].body)["findings"]} == {
        "MSG-007",
        "REC-001",
    }


def test_too_many_wait() -> None:
    """A flood of commands for a student nobody added is refused beyond the limit, and nothing else is."""
    desk = Desk(queue_limit=2)
    commands = [desk.asked(claim()) for _ in range(4)]
    desk.take(*commands)
    assert [desk.status(c) for c in commands] == [Status.HELD, Status.HELD, Status.REFUSED, Status.REFUSED]


def test_form_refused_at_once() -> None:
    """A command whose form or token is wrong is refused with its findings and waits for nothing."""
    desk = Desk()
    bad = desk.asked(claim(), findings=(TOKEN_MISSING.broken(),))
    desk.take(bad)
    assert desk.status(bad) is Status.REFUSED


def test_event_twice() -> None:
    """An event that comes twice, or late in an older state, is counted as a duplicate and changes nothing."""
    desk = Desk()
    desk.take(desk.told(student_added(revision=2)))
    writes = desk.take(desk.told(student_added(revision=2)), desk.told(student_added(revision=1)))
    assert dict(writes.tally) == {("StudentAdded", 0, "duplicate"): 2}
    assert not writes.records


def test_defect_in_a_decider() -> None:
    """A defect holds the one command it met, tells no word of it, and lets other students' commands
    through."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _broken}))
    met, free = desk.asked(claim()), desk.asked(move(student=OTHER))
    desk.take(desk.told(student_added()), met, free)
    (held,) = [held for held in desk.store.held.values() if held.defect]
    assert held.reason == "RuntimeError"
    assert desk.status(met) is Status.HELD


def mended(desk: Desk) -> Desk:
    """The same store under code without the defect."""
    new = Desk()
    new.store.__dict__.update({**desk.store.__dict__, "service": new.service})
    return new


def test_released_in_order_when_mended() -> None:
    """Mended code takes the messages that met the defect, and the command that waited for their fact."""
    desk = Desk(jurisdiction(reactions={StudentAdded: _broken}))
    first = desk.asked(claim())
    desk.take(desk.told(student_added()), first, desk.told(student_added(revision=2)))
    assert len(desk.store.held) == 3
    new = mended(desk)
    new.take(Due(STUDENT, mended=True))
    assert new.status(first) is Status.ACCEPTED
    assert not new.store.held


def test_long_queue_is_released() -> None:
    """Two thousand events that met a defect are all taken when the code is mended."""
    desk = Desk(jurisdiction(reactions={StudentAdded: _broken}))
    events = [desk.told(student_added(revision=number)) for number in range(1, 2001)]
    desk.take(*events)
    assert len(desk.store.held) == 2000
    new = mended(desk)
    new.take(Due(STUDENT, mended=True))
    assert not new.store.held


def test_facts_pass_a_defect() -> None:
    """While a command waits for the code to be mended, facts about the student are still learned."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _broken}))
    desk.take(desk.told(student_added()), desk.asked(claim()))
    writes = desk.take(desk.told(student_added(revision=2)))
    assert [row.revision for row in writes.records.values()] == [2]


def _too_old(known: Known, ask: Ask[ClaimJurisdiction]) -> Accepted:
    if known.revision(KnownStudent.kind, "") == 1:
        raise OverflowError
    return DECIDERS[ClaimJurisdiction](known, ask)  # type: ignore[return-value]


def test_a_correction_frees_a_command() -> None:
    """A birth date that the code cannot bear holds a claim; eScholar's correction lets the claim go on."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _too_old}))
    wedged, behind = desk.asked(claim()), desk.asked(move())
    desk.take(desk.told(student_added()), wedged, behind)
    assert [desk.status(one) for one in (wedged, behind)] == [Status.HELD] * 2

    desk.take(desk.told(student_added(revision=2)))

    assert [desk.status(one) for one in (wedged, behind)] == [Status.ACCEPTED] * 2


def test_commands_wait_behind_a_defect() -> None:
    """A later command does not overtake one that met a defect, however long it takes."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _broken}))
    met, behind = desk.asked(claim()), desk.asked(move())
    desk.take(desk.told(student_added()), met, behind)
    desk.now += 2 * HOLD
    assert desk.store.due(desk.now) == []
    desk.take(Due(STUDENT))
    assert desk.status(behind) is Status.HELD


def test_an_event_is_taken_alone() -> None:
    """When a held command's effects cannot be saved, an event is taken without giving the command a turn."""
    desk = Desk()
    command = desk.asked(claim())
    desk.take(Failed(command, "IntegrityError"))
    desk.take(Alone(desk.told(student_added())))
    assert desk.status(command) is Status.HELD
    assert desk.store.revisions[STUDENT] == (2, 0)


def test_what_was_loaded_stays_as_it_was() -> None:
    """Deciding changes nothing of what it is given: a trial run decides the same and leaves no trace."""
    desk = Desk()
    desk.take(early := desk.asked(claim()))
    batch: list[Work] = [desk.told(student_added()), desk.asked(move())]
    loaded = desk.store.load(batch)
    before = _spelt(loaded)
    terms = Terms(desk.service, Outgoings(desk.service, ""), HOLD, 5, 10_000, 1_000_000)

    first, again = (process(batch, loaded, terms, NOON) for _ in range(2))

    assert first.outbox == again.outbox
    assert first.ledger[early.id].status is Status.ACCEPTED
    assert _spelt(loaded) == before


def _spelt(loaded: Loaded) -> object:
    """Everything that was loaded, as plain values."""
    return [
        (name, one.revision, one.sequence, list(one.known), list(one.queue))
        for name, one in loaded.aggregates.items()
    ]


def test_event_held_once() -> None:
    """An event that comes again while it is held is a duplicate, not a second record to hold."""
    desk = Desk(jurisdiction(reactions={StudentAdded: _broken}))
    writes = desk.take(desk.told(student_added()), desk.told(student_added()))
    assert len(desk.store.held) == 1
    assert writes.tally["StudentAdded", 0, "duplicate"] == 1


def test_failed_to_save() -> None:
    """A message whose effects the database refuses is held, and the student's later messages behind it."""
    desk = Desk()
    bad, later = desk.asked(claim()), desk.asked(move())
    desk.take(Failed(bad, "IntegrityError"), later)
    assert [held.reason for held in desk.store.held.values()] == ["IntegrityError", "behind"]


def test_unreadable() -> None:
    """Bytes that are no message go to the dead letters with where they stood and why."""
    desk = Desk()
    desk.take(Unreadable(desk.raw("jurisdiction.commands", "{"), "no value"))
    letter = json.loads(desk.store.outbox[0].value)
    assert (letter["topic"], letter["offset"], letter["reason"]) == ("jurisdiction.commands", 1, "no value")


def test_replay_gives_the_same_ids() -> None:
    """The same messages decided again give the same events with the same ids."""
    desk, again = Desk(), Desk()
    batch = (desk.told(student_added()), desk.asked(claim()))
    assert desk.take(*batch).outbox == again.take(*batch).outbox


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
    """A command that would make a record too large for Kafka is refused, not accepted and then stuck."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _huge}))
    large = desk.asked(claim())
    desk.take(desk.told(student_added()), large)
    assert errors.RECORD_TOO_LARGE.code in desk.store.ledger[large.id].body


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
    """A record is as large as its bytes, of which a letter may have several."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _wordy(letter)}))
    asked = desk.asked(claim())
    desk.take(desk.told(student_added()), asked)
    assert desk.status(asked) is status


def test_what_is_mended_waits_with_what_is_before_it() -> None:
    """Of two commands that were held for a defect none stays held for it when the first waits for a fact."""
    desk = Desk()
    first, second = desk.asked(claim()), desk.asked(claim(school="017002"))
    desk.take(Failed(first, "KeyError"), Failed(second, "KeyError"))
    desk.take(Due(STUDENT, mended=True))

    desk.take(desk.told(student_added()))

    assert [desk.status(asked) for asked in (first, second)] == [Status.ACCEPTED, Status.REFUSED]


def given_up(desk: Desk, asked: ReceivedCommand | ReceivedEvent) -> GivenUp:
    """An operator gives a held message up."""
    (place,) = (place for place, held in desk.store.held.items() if held.item.id == asked.id)
    return GivenUp(*place, asked.id, "LA/o.perator", "the school does not exist")


def test_an_operator_refuses_a_held_command() -> None:
    """The sender gets the final outcome with the operator's reason, and the command behind it goes on."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _broken}))
    stuck, behind = desk.asked(claim()), desk.asked(move())
    desk.take(desk.told(student_added()), stuck, behind)

    desk.take(given_up(desk, stuck))
    desk.take(Due(STUDENT, mended=True))

    (finding,) = json.loads(desk.store.ledger[stuck.id].body)["findings"]
    assert (desk.status(stuck), finding["code"]) == (Status.REFUSED, "MSG-045")
    assert finding["message"] == "An operator refused the command: the school does not exist."
    codes = [finding["code"] for finding in json.loads(desk.store.ledger[behind.id].body)["findings"]]
    assert (desk.status(behind), codes) == (Status.REFUSED, ["REC-002"]), "decided: no LEA has claimed"
    (action,) = desk.store.actions
    assert action == (
        *("LA/o.perator", "refused", STUDENT, stuck.id, "ClaimJurisdiction", "the school does not exist"),
    )


def test_an_operator_gives_an_event_up() -> None:
    """A fact that can never be applied becomes a dead letter with the operator's reason, counted once."""
    desk = Desk(jurisdiction(reactions={StudentAdded: _broken}))
    told = desk.told(student_added())
    desk.take(told)

    writes = desk.take(given_up(desk, told))

    letter = json.loads(writes.outbox[0].value)
    assert letter["reason"] == "given up by an operator: the school does not exist"
    assert (letter["topic"], letter["offset"]) == (told.raw.topic, told.raw.offset)
    assert not desk.store.held
    assert [action.action for action in desk.store.actions] == ["dead letter"]
    assert sum(desk.store.tally.values()) == 1


def test_a_message_that_had_its_turn_is_not_given_up() -> None:
    """An operator who comes too late changes nothing: the command keeps the outcome that it got."""
    desk = Desk()
    desk.take(early := desk.asked(claim()))
    late = given_up(desk, early)
    desk.take(desk.told(student_added()))

    writes = desk.take(late)

    assert desk.status(early) is Status.ACCEPTED
    assert (writes.ledger, writes.outbox, writes.actions) == ({}, [], [])


def test_a_held_message_says_why() -> None:
    """A held command keeps what its sender was told; once it is held for another cause, it says that."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _too_old}))
    desk.take(desk.asked(claim()))
    (held,) = desk.store.held.values()
    assert (held.finding.code, held.finding.severity) == ("REC-001", Severity.WARNING)

    desk.take(desk.told(student_added()))

    (held,) = desk.store.held.values()
    assert (held.finding.code, held.reason) == ("MSG-009", "OverflowError")


def test_the_log_says_once_that_a_message_is_held_for_a_defect() -> None:
    """The log names the class of the defect and the command when it is held, and not at each further try."""
    desk = Desk(jurisdiction({ClaimJurisdiction: _broken}))
    first = desk.take(desk.told(student_added()), desk.asked(claim()))
    again = desk.take(Due(STUDENT, mended=True))
    assert defects(first) == {"defects": {"RuntimeError": 1}, "names": {"ClaimJurisdiction": 1}}
    assert defects(again) == {}
