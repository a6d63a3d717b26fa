"""The sessions of services: recording, correcting and removing one.

A student has thousands of sessions, so each is loaded by name. A `SessionDay` has the sessions of a service
on one day: by it a decision finds a twin, and loads no other session.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar

from contracts.access import Actor, Role
from contracts.codes import LEAS
from contracts.dates import in_the_future
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.message import EVERY, Movable, OfStudent, Record, Value
from contracts.provision import (
    AssignService,
    CorrectSession,
    FirstSessionGiven,
    RecordSession,
    RemoveSession,
    Service,
    Session,
    SessionCorrected,
    SessionFacts,
    SessionRecorded,
    SessionRemoved,
)
from contracts.revisions import differing, moved_on
from contracts.state_ids import StateId
from contracts.types import ClockTime, Day, ServiceId, SessionId
from services.provision.domain import rules
from services.provision.domain.facts import responsible
from services.provision.domain.providers import not_there, subject_of, uncertified


class TimedSession(Value):
    """A session of the day. `start_time` blank: not recorded."""

    session_id: SessionId
    start_time: ClockTime | None


class SessionDay(OfStudent, Movable):
    """The sessions of a service on one day."""

    kind: ClassVar[str] = "session_day"
    by_name: ClassVar[bool] = True

    service_id: ServiceId
    given_on: Day
    sessions: tuple[TimedSession, ...]

    @property
    def record_id(self) -> str:
        return _day_id(self.service_id, self.given_on)


def _day_id(service: ServiceId, day: date) -> str:
    return f"{service}/{day}"


Opened = Iterator[tuple[type[Record], object]]


def looks_at(command: RecordSession | CorrectSession, actor: Actor) -> Iterable[str]:
    """The provider of the session, under the sender's LEA."""
    return (subject_of(actor.lea, command.provider_id),)


def recorded(command: RecordSession) -> Opened:
    """A session of that id, and the service's sessions of that day."""
    yield Session, command.session_id
    yield SessionDay, _day_id(command.service_id, command.given_on)


def corrected(command: CorrectSession) -> Opened:
    """The session, and the service's sessions of its day until now and of its right day."""
    yield Session, command.session_id
    for day in {command.recorded_on, command.given_on}:
        yield SessionDay, _day_id(command.service_id, day)


def removed(command: RemoveSession) -> Opened:
    """The session, and the service's sessions of its day."""
    yield Session, command.session_id
    yield SessionDay, _day_id(command.service_id, command.recorded_on)


def every(message: StateId | AssignService) -> Opened:
    """All sessions: they go along with a merged State ID, or with their service."""
    yield Session, EVERY
    yield SessionDay, EVERY


def record_session(known: Known, ask: Ask[RecordSession]) -> Decision:
    """The LEA that gives the service, or gave it to a student whom it still has, records a session.

    The first session that was given becomes the service's first session, unless that day is recorded.
    """
    command = ask.command
    service = known.get(Service, command.service_id)
    if service is None:
        return Refused((*_unfit(ask), _no_service(command.service_id)))
    session = SessionRecorded(**dict(command), revision=1, lea=service.lea, belongs_to=service.belongs_to)
    first = _first(service, session)
    broken = (*_not_new(known, command), *_broken(known, service, ask))
    return verdict(broken, [session, _with(known, session), *first])


def correct_session(known: Known, ask: Ask[CorrectSession]) -> Decision:
    """The LEA that recorded a session states it anew."""
    command = ask.command
    service, session = known.get(Service, command.service_id), _recorded(known, command)
    if service is None or session is None:
        return Refused((*_unfit(ask), *_lacking(service, session, command)))
    broken = (*_other(known, session, command), *_broken(known, service, ask))
    if not _meant(session, command):
        return Refused(broken)
    facts = {name: getattr(command, name) for name in SessionFacts.model_fields}
    right = SessionCorrected.of(session, **facts)
    days = [_with(known, right)]
    if right.given_on != session.given_on:
        days.append(_without(known, session))
    return verdict(broken, [right, *days])


def remove_session(known: Known, ask: Ask[RemoveSession]) -> Decision:
    """The LEA that recorded a session removes it. The record keeps that there was one."""
    command = ask.command
    service, session = known.get(Service, command.service_id), _recorded(known, command)
    if service is None or session is None:
        return Refused((*_no_writer(ask.actor), *_lacking(service, session, command)))
    broken = (*_no_writer(ask.actor), *_not_theirs(known, service, ask.actor, ask.on))
    broken = broken or tuple(_other(known, session, command))
    if not _meant(session, command):
        return Refused(broken)
    return verdict(broken, [SessionRemoved.of(session, removed=True), _without(known, session)])


def _meant(session: Session, command: CorrectSession | RemoveSession) -> bool:
    """Whether the command names service and day of the session. Only then that day is loaded."""
    return (command.service_id, command.recorded_on) == (session.service_id, session.given_on)


def _first(service: Service, session: Session) -> Iterator[FirstSessionGiven]:
    if service.first_given_on is None and session.delivered:
        yield FirstSessionGiven.of(service, first_given_on=session.given_on)


def _recorded(known: Known, command: CorrectSession | RemoveSession) -> Session | None:
    session = known.get(Session, command.session_id)
    return session if session and not session.removed else None


def _with(known: Known, session: Session) -> SessionDay:
    """The sessions of the session's day, with this one as it is now."""
    day = known.get(SessionDay, _day_id(session.service_id, session.given_on))
    others = _others(day, session.session_id)
    timed = TimedSession(session_id=session.session_id, start_time=session.start_time)
    return _day_of(session, day, (*others, timed))


def _without(known: Known, session: Session) -> SessionDay:
    day = known.get(SessionDay, _day_id(session.service_id, session.given_on))
    return _day_of(session, day, _others(day, session.session_id))


def _others(day: SessionDay | None, session_id: SessionId) -> tuple[TimedSession, ...]:
    return tuple(one for one in day.sessions if one.session_id != session_id) if day else ()


def _day_of(session: Session, earlier: SessionDay | None, sessions: tuple[TimedSession, ...]) -> SessionDay:
    return SessionDay(
        student_id=session.student_id,
        belongs_to=session.belongs_to,
        revision=earlier.revision + 1 if earlier else 1,
        service_id=session.service_id,
        given_on=session.given_on,
        sessions=sessions,
    )


def _no_writer(actor: Actor) -> Iterator[Finding]:
    if not actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)


def _no_service(service_id: ServiceId) -> Finding:
    return rules.UNKNOWN_SERVICE.broken(at="service_id", service=service_id)


def _lacking(
    service: Service | None, session: Session | None, command: CorrectSession | RemoveSession
) -> Iterator[Finding]:
    if service is None:
        yield _no_service(command.service_id)
    if session is None:
        yield rules.UNKNOWN_SESSION.broken(at="session_id", session=command.session_id)


def _unfit(ask: Ask[RecordSession] | Ask[CorrectSession]) -> Iterator[Finding]:
    """What is wrong with a session whatever the service is."""
    command = ask.command
    yield from _no_writer(ask.actor)
    yield from in_the_future(command.given_on, ask.on, at="given_on")
    missed = command.session_kind.value == "missed"
    if missed and command.missed_because is None:
        yield rules.MISSED_WITHOUT_REASON.broken(at="missed_because")
    if command.missed_because and not missed:
        yield rules.NOT_MISSED.broken(at="missed_because", kind=command.session_kind)


def _not_theirs(known: Known, service: Service, actor: Actor, day: date) -> Iterator[Finding]:
    answers = responsible(known, service, day)
    if actor.lea != service.lea or answers != service.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(answers))


def _broken(
    known: Known, service: Service, ask: Ask[RecordSession] | Ask[CorrectSession]
) -> Iterator[Finding]:
    command, lea = ask.command, ask.actor.lea
    yield from _unfit(ask)
    if foreign := tuple(_not_theirs(known, service, ask.actor, ask.on)):
        yield from foreign
        return  # other LEAs do not learn the dates of the service
    day = command.given_on
    if day < service.begin_on:
        yield rules.GIVEN_BEFORE_BEGIN.broken(at="given_on", day=day, since=service.begin_on)
    if service.end_on and day > service.end_on:
        yield rules.GIVEN_AFTER_END.broken(at="given_on", day=day, until=service.end_on)
    yield from not_there(known, lea, command.provider_id, day, at="provider_id")
    given = service.terms_on(day).model_copy(update={"provider_id": command.provider_id})
    yield from uncertified(known, lea, given, at="provider_id")
    yield from _twins(known, command)


def _not_new(known: Known, command: RecordSession) -> Iterator[Finding]:
    if known.get(Session, command.session_id):
        yield rules.SESSION_ID_USED.broken(at="session_id", session=command.session_id)


def _other(known: Known, session: Session, command: CorrectSession | RemoveSession) -> Iterator[Finding]:
    """The findings that the command means another session, or another state of it."""
    if not _meant(session, command):
        yield rules.OTHER_SESSION.broken(at="recorded_on", day=session.given_on)
    changed = differing(session, command) if isinstance(command, CorrectSession) else ()
    fields = (name for name in changed if name != "recorded_on")
    yield from moved_on(known, command, Session, session.session_id, fields=fields)


def _twins(known: Known, command: RecordSession | CorrectSession) -> Iterator[Finding]:
    """The warning that the service has a session at that time, or one whose time nobody recorded."""
    day = known.get(SessionDay, _day_id(command.service_id, command.given_on))
    for other in _others(day, command.session_id):
        times = {command.start_time, other.start_time}
        if len(times) == 1 or None in times:
            yield rules.SESSION_TWIN.broken(at="given_on", day=command.given_on, session=other.session_id)
