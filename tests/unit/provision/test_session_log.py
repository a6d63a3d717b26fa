"""The sessions of a service: recorded, corrected, removed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Ask, Decision, Known
from contracts.message import Record
from contracts.provision import (
    CorrectSession,
    FirstSessionGiven,
    MissedBecause,
    RecordSession,
    RemoveSession,
    Service,
    ServiceTerminated,
    Session,
    SessionKind,
)
from services.provision.domain import DECIDERS, LOOKS_AT, OPENS
from services.provision.domain.session_log import SessionDay
from tests.unit.events import AUGUST, JEFFERSON, ORLEANS
from tests.unit.provision.events import kinds, ready, service
from tests.unit.provision.test_reassignments import NEW, therapist
from tests.unit.scenario import STUDENT, TODAY, actor, codes, id_named, new_records

MONDAY = AUGUST + timedelta(days=7)
FACTS: dict[str, Any] = {
    "student_id": STUDENT,
    "session_id": id_named("session"),
    "service_id": id_named("speech"),
    "given_on": MONDAY,
    "start_time": "09:30",
    "minutes": 30,
    "provider_id": NEW,
}


def decide(past: Sequence[Record], command: Any, by: Actor | None = None) -> Decision:
    """The decision on a command of Orleans. It reads no sessions but those that it names beforehand."""
    others: dict[str, Known] = defaultdict(Known)
    for one in past:
        others[one.subject].learn(one)
    opened = {(kind.kind, str(name)) for kind, name in OPENS[type(command)](command)}
    ask = Ask(command=command, actor=by or actor(ORLEANS), command_id=id_named("the command"), on=TODAY)
    decision: Decision = DECIDERS[type(command)](others[STUDENT].beside(others, opened), ask)
    return decision


def record(past: Sequence[Record], by: Actor | None = None, **given: Any) -> Decision:
    """The decision on Orleans's command to record a session of speech therapy."""
    return decide(past, RecordSession(**FACTS | given), by)


def correct(past: Sequence[Record], by: Actor | None = None, **given: Any) -> Decision:
    """The decision on Orleans's command to correct the session."""
    return decide(past, CorrectSession(**{"recorded_on": MONDAY} | FACTS | given), by)


def remove(past: Sequence[Record], by: Actor | None = None, **given: Any) -> Decision:
    """The decision on Orleans's command to remove the session."""
    names = {name: FACTS[name] for name in ("student_id", "session_id", "service_id")}
    return decide(past, RemoveSession(**{"recorded_on": MONDAY} | names | given), by)


def served(*more: Record) -> list[Record]:
    """Orleans gives speech therapy, and has the therapist in its directory."""
    return ready(service(), therapist(), *more)


def after(past: list[Record], decision: Decision) -> list[Record]:
    """The records after an accepted command."""
    return [*past, *new_records(decision)]


def session(past: Sequence[Record]) -> Session:
    """The session in its newest state."""
    return [one for one in past if isinstance(one, Session)][-1]


def test_a_session_is_recorded() -> None:
    """The LEA records a session. The first one that was given becomes the service's first session."""
    past = after(served(), record(served()))
    assert kinds(past[-3:]) == ["SessionRecorded", "SessionDay", "FirstSessionGiven"]
    assert (session(past).lea, session(past).delivered, session(past).minutes) == (ORLEANS, True, 30)
    given = [one for one in past if isinstance(one, FirstSessionGiven)]
    assert [one.first_given_on for one in given] == [MONDAY]
    second = record(past, session_id=id_named("second"), given_on=MONDAY + timedelta(days=1))
    assert kinds(new_records(second)) == ["SessionRecorded", "SessionDay"]


def test_a_missed_session() -> None:
    """A missed session has its reason. It is no first session."""
    missed: dict[str, Any] = {
        "session_kind": SessionKind.MISSED,
        "missed_because": MissedBecause.STUDENT_ABSENT,
    }
    past = after(served(), record(served(), **missed))
    assert kinds(past[-2:]) == ["SessionRecorded", "SessionDay"]
    assert not session(past).delivered


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"given_on": TODAY + timedelta(days=1)}, "MSG-049"),
        ({"given_on": AUGUST - timedelta(days=1)}, "PRO-021"),
        ({"provider_id": "T-1"}, "PRO-014"),
        ({"session_kind": SessionKind.MISSED}, "PRO-039"),
        ({"missed_because": MissedBecause.OTHER}, "PRO-040"),
        ({"service_id": id_named("another")}, "PRO-011"),
    ],
)
def test_wrong_sessions(given: dict[str, Any], code: str) -> None:
    """A session lies within the service's days and the past, names a provider, and says why it was missed."""
    assert code in codes(record(served(), **given))
    past = after(served(), record(served()))
    assert code in codes(correct(past, **given))


def test_after_the_last_day() -> None:
    """A session after the last day of a service is refused."""
    gone = ServiceTerminated.of(service(), end_on=MONDAY - timedelta(days=1), termination_reason="GOALS")
    assert codes(record(served(gone))) == {"PRO-022"}


def test_a_provider_who_left() -> None:
    """The provider of a session works for the LEA on its day."""
    left = therapist(active_through=MONDAY - timedelta(days=1))
    assert codes(record(ready(service(), left))) == {"PRO-015"}


def test_a_provider_who_is_not_certified() -> None:
    """Provision warns of a session by a provider who is certified for other services only."""
    decision = record(ready(service(), therapist(certified_for=("OTH",))))
    assert isinstance(decision, Accepted)
    assert [one.code for one in decision.warnings] == ["PRO-027"]


@pytest.mark.parametrize(
    ("start_time", "warned"),
    [("09:30", True), (None, True), ("13:00", False)],
    ids=["same", "blank", "later"],
)
def test_a_second_session_of_the_day(start_time: str | None, warned: bool) -> None:
    """Two sessions of a service at one time get a warning. So do two whose times nobody can tell apart."""
    past = after(served(), record(served()))
    decision = record(past, session_id=id_named("second"), start_time=start_time)
    assert isinstance(decision, Accepted)
    assert [one.code for one in decision.warnings] == (["PRO-041"] if warned else [])
    day = next(one for one in decision.records if isinstance(one, SessionDay))
    assert len(day.sessions) == 2


def test_one_id_for_two_sessions() -> None:
    """A session id names one session."""
    past = after(served(), record(served()))
    assert codes(record(past, given_on=MONDAY + timedelta(days=1))) == {"PRO-036"}


def test_a_correction() -> None:
    """A correction states the whole session. It is no twin of itself."""
    past = after(served(), record(served()))
    decision = correct(past, minutes=20, on_revision=1)
    assert isinstance(decision, Accepted)
    assert decision.warnings == ()
    right = session(after(past, decision))
    assert (right.minutes, right.revision, right.given_on) == (20, 2, MONDAY)


def test_the_day_is_corrected() -> None:
    """A session moves to its right day. On the wrong day another one can be recorded without a warning."""
    tuesday = MONDAY + timedelta(days=1)
    past = after(served(), record(served()))
    past = after(past, correct(past, given_on=tuesday))
    assert session(past).given_on == tuesday
    there = record(past, session_id=id_named("second"))
    assert isinstance(there, Accepted)
    assert there.warnings == ()
    assert codes(record(past, session_id=id_named("third"), given_on=tuesday)) == {"PRO-041"}


def test_a_removal() -> None:
    """A removed session is neither corrected nor removed again, and no twin of another one."""
    past = after(served(), record(served()))
    past = after(past, remove(past, on_revision=1))
    assert session(past).removed
    assert codes(remove(past)) == codes(correct(past)) == {"PRO-037"}
    again = record(past, session_id=id_named("second"))
    assert isinstance(again, Accepted)
    assert again.warnings == ()


def test_another_session_than_meant() -> None:
    """A correction and a removal name the day for which the session is recorded, and its revision."""
    past = after(served(), record(served()))
    wrong = MONDAY + timedelta(days=2)
    assert codes(remove(past, recorded_on=wrong)) == codes(correct(past, recorded_on=wrong)) == {"PRO-038"}
    past = after(past, correct(past, minutes=20))
    assert codes(correct(past, minutes=25, on_revision=1)) == {"MSG-031"}
    assert codes(remove(past, on_revision=1)) == {"MSG-031"}
    unknown: dict[str, Any] = {"service_id": id_named("another"), "session_id": id_named("another")}
    assert codes(remove(past, **unknown)) == {"PRO-011", "PRO-037"}


def test_who_records_sessions() -> None:
    """Writers of the LEA that gives the service record its sessions."""
    past = after(served(), record(served()))
    for act in (record, correct, remove):
        assert "ACC-005" in codes(act(past, by=actor(JEFFERSON)))
        assert "ACC-004" in codes(act(past, by=actor(ORLEANS, Role.READER)))


def test_what_a_decision_opens() -> None:
    """A decision loads its own session, and the sessions of the days that it is about."""
    tuesday = MONDAY + timedelta(days=1)
    command = CorrectSession(**FACTS | {"recorded_on": MONDAY, "given_on": tuesday})
    opened = {(kind, str(name)) for kind, name in OPENS[CorrectSession](command)}
    days = {(SessionDay, f"{id_named('speech')}/{day}") for day in (MONDAY, tuesday)}
    assert opened == {(Session, str(id_named("session")))} | days
    assert list(LOOKS_AT[CorrectSession](command, actor(ORLEANS))) == [f"provider/{ORLEANS}/{NEW}"]


def test_a_service_keeps_its_terms() -> None:
    """A session changes no terms of its service."""
    past = after(served(), record(served()))
    given = [one for one in past if isinstance(one, Service)][-1]
    assert given.terms == service().terms
    assert isinstance(given.first_given_on, date)
