"""A parent's decision against services: the first ones refused, or the consent revoked (34 CFR 300.300)."""

from collections.abc import Iterator

from contracts.activities import (
    Consent,
    ConsentRevoked,
    InitialServicesRefused,
    RefuseInitialServices,
    RevokeConsent,
    SpedActivityEnded,
)
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.types import ConsentId
from services.ieps.domain import activity_rules as rules
from services.ieps.domain.activities import open_activities, open_activity
from services.ieps.domain.exits import REVOKED, before_entry
from services.ieps.domain.stages import newest_determination
from services.ieps.domain.standing import Standing, standing


def refuse(known: Known, ask: Ask[RefuseInitialServices]) -> Decision:
    """Record that the parent refused the first services of a student who was found eligible."""
    command = ask.command
    stands = standing(known, ask, done=("refused_on",))
    if not isinstance(stands, Standing):
        return stands
    broken = (
        *stands.found,
        *_known(known, command.consent_id),
        *_twin(known, command),
        *_no_first_services(known, command),
    )
    refused = InitialServicesRefused(
        student_id=command.student_id,
        revision=1,
        consent_id=command.consent_id,
        lea=ask.actor.lea,
        refused_on=command.refused_on,
    )
    return verdict(broken, [refused])


def revoke(known: Known, ask: Ask[RevokeConsent]) -> Decision:
    """Record that the parent revoked the consent. The student exits on that day, and services end."""
    command = ask.command
    stands = standing(known, ask, done=("revoked_on", "notice_on"), also=_notice(command))
    if not isinstance(stands, Standing):
        return stands
    found = (*stands.found, *_known(known, command.consent_id))
    opened = open_activities(known)
    if not opened:
        return Refused((*found, rules.NOT_SERVED.broken(at="student_id")))
    revoked = ConsentRevoked(
        student_id=command.student_id,
        revision=1,
        consent_id=command.consent_id,
        lea=ask.actor.lea,
        revoked_on=command.revoked_on,
        notice_on=command.notice_on,
    )
    ended = [
        SpedActivityEnded.of(activity, lea=ask.actor.lea, exited_on=command.revoked_on, exit_reason=REVOKED)
        for activity in opened
    ]
    early = before_entry(opened, command.revoked_on, at="revoked_on")
    return verdict((*found, *early), [revoked, *ended])


def _known(known: Known, consent_id: ConsentId) -> Iterator[Finding]:
    if known.get(Consent, consent_id):
        yield rules.CONSENT_KNOWN.broken(at="consent_id", consent=consent_id)


def _twin(known: Known, command: RefuseInitialServices) -> Iterator[Finding]:
    """The warning that the parent's refusal of this day is recorded under another id."""
    refused = (one for one in known.all(Consent) if one.refused_on == command.refused_on)
    twin = next((one for one in refused if one.consent_id != command.consent_id), None)
    if twin:
        yield rules.REFUSED_TWICE.broken(at="consent_id", day=twin.refused_on, consent=twin.consent_id)


def _no_first_services(known: Known, command: RefuseInitialServices) -> Iterator[Finding]:
    if served := open_activity(known):
        yield rules.ALREADY_SERVED.broken(at="refused_on", entered_on=served.entered_on)
    newest = newest_determination(known)
    if newest is None or newest.primary is None:
        yield rules.NO_SERVICES_OFFERED.broken(at="refused_on")
    elif newest.determined_on and command.refused_on < newest.determined_on:
        yield rules.REFUSED_EARLY.broken(
            at="refused_on", day=command.refused_on, determined_on=newest.determined_on
        )


def _notice(command: RevokeConsent) -> Iterator[Finding]:
    if command.notice_on is None:
        yield rules.NO_NOTICE.broken(at="notice_on")
    elif command.notice_on < command.revoked_on:
        yield rules.NOTICE_EARLY.broken(at="notice_on", day=command.notice_on, revoked_on=command.revoked_on)
