"""Services that end because the student exits special education, or because the LEA closes jurisdiction."""

from collections.abc import Iterator, Sequence
from datetime import date

from contracts.activities import SpedActivityEnded
from contracts.codes import TerminationReasonCode
from contracts.decision import Known, Reaction
from contracts.facts import note_spell, spells
from contracts.jurisdiction import EndReason, Spell
from contracts.message import Record
from contracts.provision import Service, ServiceTerminated
from services.provision.domain.facts import KnownActivity, iep_of_service, open_services
from services.provision.domain.terminations import released

_REASONS = {EndReason.DIED: "DECEASED", EndReason.GRADUATED: "GRADUATED"}
_REASONS_OF_AN_EXIT = {"DIE": "DECEASED", "GRD": "GRADUATED", "REV": "REVOKED", "ERR": "ERROR"}
_EXITED: TerminationReasonCode = "EXIT"


def note_end(known: Known, event: Spell) -> Reaction:
    """Keep the end of a spell. If the LEA closed the spell, its open services end with it.

    A transfer needs none of this: it is cleared only when no service is open.
    """
    if event.end_on is None or event.end_reason is None:
        return note_spell(known, event)
    given = open_services(known, event.lea)
    left = [service for service in given if not _of_a_later_spell(known, event, service)]
    reason = _REASONS.get(event.end_reason, _EXITED)
    return [*note_spell(known, event), *ended(known, left, event.end_on, reason)]


def note_withdrawal(known: Known, event: Spell) -> Reaction:
    """Keep that a claim was withdrawn. The services that its LEA added end as entered in error.

    The services of another spell of the LEA stay open: topics keep no order.
    """
    given = open_services(known, event.lea)
    left = [service for service in given if not _of_another_spell(known, event, service)]
    return [*note_spell(known, event), *ended(known, left, event.begin_on, "ERROR")]


def note_exit(known: Known, event: SpedActivityEnded) -> Reaction:
    """Keep that the student exited special education. The LEA's open services end with it, if it says so.

    The services of a return stay open: topics keep no order.
    """
    exited = KnownActivity(
        student_id=event.student_id, revision=event.revision, activity_id=event.activity_id
    )
    if event.exited_on is None or not event.ends_services:
        return [exited]
    reason = _REASONS_OF_AN_EXIT.get(event.exit_reason or "", _EXITED)
    given = open_services(known, event.lea)
    left = [service for service in given if not _of_a_return(known, event.exited_on, service)]
    return [exited, *ended(known, left, event.exited_on, reason)]


def _of_a_return(known: Known, exited_on: date, service: Service) -> bool:
    """Whether the LEA added the service under an IEP that begins after the exit."""
    iep = iep_of_service(known, service.iep_id)
    return iep is not None and exited_on < iep.begin_on


def ended(
    known: Known, services: Sequence[Service], last_day: date, reason: TerminationReasonCode
) -> Iterator[Record]:
    """These open services of one LEA, ended on a day or on the first later day on which each can end.

    Also the claims that the services blocked.
    """
    for service in services:
        end_on = max(last_day, service.earliest_end)
        yield ServiceTerminated.of(service, end_on=end_on, termination_reason=reason)
    if services:
        yield from released(known, services)


def _of_another_spell(known: Known, spell: Spell, service: Service) -> bool:
    """Whether the service began in another spell of the LEA that stands."""
    return any(
        other.begin_on <= service.terms.begin_on
        and (other.end_on is None or service.terms.begin_on <= other.end_on)
        for other in spells(known)
        if other.lea == spell.lea and other.spell_id != spell.spell_id
    )


def _of_a_later_spell(known: Known, spell: Spell, service: Service) -> bool:
    """Whether the LEA added the service after it had claimed the student again. Topics keep no order."""
    return any(
        spell.begin_on < later.begin_on <= service.terms.begin_on
        for later in spells(known)
        if later.lea == spell.lea and later.spell_id != spell.spell_id
    )
