"""Assigning a service to the person to whom it belongs, after a split or a wrong merge."""

from collections.abc import Iterator, Sequence

from contracts.assigning import assigned, not_assignable
from contracts.codes import LEAS
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import Finding
from contracts.message import Record
from contracts.moving import after, known_beside
from contracts.provision import AssignService, Service, ServiceMoved, Session, SessionMoved
from services.provision.domain import rules
from services.provision.domain.facts import handover, iep_of_service
from services.provision.domain.session_log import SessionDay
from services.provision.domain.terminations import released


def assign_service(known: Known, ask: Ask[AssignService]) -> Decision:
    """A secure ID manager says that a service, with its sessions, is the other person's.

    While the other student changes LEAs, the command waits: a new LEA wins no student with open services of
    another one.
    """
    command = ask.command
    service, there = (
        known.get(Service, command.service_id),
        known_beside(known, command.student_id)(command.to),
    )
    broken = tuple(not_assignable(known, ask))
    if service is None:
        unknown = rules.UNKNOWN_SERVICE.broken(at="service_id", service=command.service_id)
        return Refused((*broken, unknown))
    if broken:
        return Refused(broken)
    if transfer := handover(there):
        owners = {"owner": LEAS.label(transfer.from_lea), "next_owner": LEAS.label(transfer.to_lea)}
        return Waiting(rules.NEXT_OWNER_PENDING.broken(**owners))
    return Accepted(_moved(known, service, command), tuple(_iep_elsewhere(there, service, command)))


def _moved(known: Known, service: Service, command: AssignService) -> Sequence[Record]:
    records = [*_with_sessions(known, service, command)]
    known_of = known_beside(known, command.student_id)
    for _, now in after(known_of, (command.student_id,), records):
        records += released(now)
    return records


def _with_sessions(known: Known, service: Service, command: AssignService) -> Iterator[Record]:
    yield from assigned(service, command.to, ServiceMoved)
    for session in known.all(Session):
        if session.service_id == service.service_id:
            yield from assigned(session, command.to, SessionMoved)
    for day in known.all(SessionDay):
        if day.service_id == service.service_id:
            yield from assigned(day, command.to, SessionDay)


def _iep_elsewhere(there: Known, service: Service, command: AssignService) -> Iterator[Finding]:
    """The warning that the service's IEP is not the other person's, or not yet."""
    if iep_of_service(there, service.iep_id) is None:
        yield rules.IEP_NOT_ASSIGNED.broken(at="service_id", to=command.to)
