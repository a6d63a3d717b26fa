"""Services that end because the student exits special education, or because the LEA closes jurisdiction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from contracts.activities import SpedActivityEnded
from contracts.codes import TerminationReasonCode
from contracts.decision import Known, Reaction
from contracts.facts import KnownSpell, note_spell
from contracts.jurisdiction import EndReason, JurisdictionEnded, Spell
from contracts.message import Record
from contracts.moving import KnownOf, known_beside, standing_at
from contracts.provision import Service, ServiceTerminated
from contracts.types import StudentId
from services.provision.domain.facts import KnownActivity, KnownIEP, open_services
from services.provision.domain.terminations import released

_REASONS = {EndReason.DIED: "DECEASED", EndReason.GRADUATED: "GRADUATED"}
_REASONS_OF_AN_EXIT = {"DIE": "DECEASED", "GRD": "GRADUATED", "REV": "REVOKED", "ERR": "ERROR"}
_EXITED: TerminationReasonCode = "EXIT"

_End = TypeVar("_End", Spell, SpedActivityEnded)
_But = Callable[[Sequence[Known], _End, Service], bool]
"""Whether a service stays open, as far as is known of the places."""


def stands_at(event: Spell | SpedActivityEnded, known_of: KnownOf) -> Iterable[StudentId]:
    """The State IDs under which the services may stand that an event ends."""
    return standing_at(event.student_id, _owners(event), known_of)


def note_end(known: Known, event: Spell) -> Reaction:
    """Keep the end of a spell. If the LEA closed the spell, its open services end with it.

    A transfer needs none of this: it is cleared only when no service is open.
    """
    if event.end_on is None or event.end_reason is None:
        return note_spell(known, event)
    reason = _REASONS.get(event.end_reason, _EXITED)
    left = _given(known, event, but_not=_of_a_later_spell)
    return [*note_spell(known, event), *ended(left, event.end_on, reason)]


def note_withdrawal(known: Known, event: Spell) -> Reaction:
    """Keep that a claim was withdrawn. The services that its LEA added end as entered in error.

    The services of another spell of the LEA stay open: topics keep no order.
    """
    left = _given(known, event, but_not=_of_another_spell)
    return [*note_spell(known, event), *ended(left, event.begin_on, "ERROR")]


def note_move(known: Known, event: Spell) -> Reaction:
    """Keep where a spell stands. If this event arrives before the end or the withdrawal of the spell, the
    services end with this one."""
    return note_withdrawal(known, event) if event.withdrawn else note_end(known, event)


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
    left = _given(known, event, but_not=_of_a_return)
    return [exited, *ended(left, event.exited_on, reason)]


def ended(
    left: Iterable[tuple[Known, Sequence[Service]]], last_day: date, reason: TerminationReasonCode
) -> Iterator[Record]:
    """These open services of each place, ended on a day or on the first later day on which each can end.

    Also the claims that the services blocked.
    """
    for here, services in left:
        for service in services:
            end_on = max(last_day, service.earliest_end)
            yield ServiceTerminated.of(service, end_on=end_on, termination_reason=reason)
        if services:
            yield from released(here, services)


def _given(known: Known, event: _End, but_not: _But[_End]) -> Iterator[tuple[Known, Sequence[Service]]]:
    """What is known of each place, and the open services of the event's LEA there that end with it."""
    known_of = known_beside(known, event.student_id)
    places = [known_of(place) for place in stands_at(event, known_of)]
    for here in places:
        given = [one for one in open_services(here, event.lea) if one.owned_by in _owners(event)]
        yield here, [service for service in given if not but_not(places, event, service)]


def _owners(event: Spell | SpedActivityEnded) -> Sequence[StudentId]:
    """The State IDs whose services the event ends: its own, and those that were one child with it."""
    others = event.ends_services_of if isinstance(event, JurisdictionEnded) else ()
    return (event.owned_by, *others)


def _of_a_return(places: Sequence[Known], event: SpedActivityEnded, service: Service) -> bool:
    """Whether the LEA added the service under an IEP that begins after the exit."""
    ieps = (iep for here in places for iep in here.anywhere(KnownIEP))
    return any(
        iep.iep_id == service.iep_id and event.exited_on is not None and event.exited_on < iep.begin_on
        for iep in ieps
    )


def _of_another_spell(places: Sequence[Known], spell: Spell, service: Service) -> bool:
    """Whether the service began in another spell of the LEA that stands."""
    return any(
        other.begin_on <= service.terms.begin_on
        and (other.end_on is None or service.terms.begin_on <= other.end_on)
        for other in _other_spells(places, spell)
    )


def _of_a_later_spell(places: Sequence[Known], spell: Spell, service: Service) -> bool:
    """Whether the LEA added the service after it had claimed the student again. Topics keep no order."""
    return any(
        spell.begin_on < later.begin_on <= service.terms.begin_on for later in _other_spells(places, spell)
    )


def _other_spells(places: Sequence[Known], spell: Spell) -> Sequence[KnownSpell]:
    """The other spells of the LEA in their newest states, wherever they stand."""
    in_order = sorted(
        (one for here in places for one in here.anywhere(KnownSpell)), key=lambda one: one.revision
    )
    newest = {one.spell_id: one for one in in_order}
    return [
        one
        for one in newest.values()
        if one.lea == spell.lea and one.spell_id != spell.spell_id and not one.withdrawn
    ]
