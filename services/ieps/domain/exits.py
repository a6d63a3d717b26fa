"""Exit from special education: the student's open sped activities end."""

from collections.abc import Iterable, Iterator
from datetime import date

from contracts.activities import ExitSpecialEducation, SpedActivity, SpedActivityEnded
from contracts.codes import EXIT_REASONS, ExitReasonCode
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from services.ieps.domain import activity_rules as rules
from services.ieps.domain.activities import open_activities
from services.ieps.domain.standing import Standing, standing

REVOKED = "REV"
_COMMANDS = {REVOKED: "RevokeConsent", "ERR": "VoidSpedActivity"}


def exit_special_education(known: Known, ask: Ask[ExitSpecialEducation]) -> Decision:
    """End the open sped activity on the day of the exit, which is that of the entry or later."""
    command = ask.command
    stands = standing(known, ask, done=("exited_on",), also=kept_elsewhere(command.reason, at="reason"))
    if not isinstance(stands, Standing):
        return stands
    opened = open_activities(known)
    if not opened:
        return Refused((*stands.found, rules.NOT_SERVED.broken(at="student_id")))
    ended = [
        SpedActivityEnded.of(
            activity,
            lea=ask.actor.lea,
            exited_on=command.exited_on,
            exit_reason=command.reason,
            ends_services=command.ends_services,
        )
        for activity in opened
    ]
    return verdict((*stands.found, *before_entry(opened, command.exited_on, at="exited_on")), ended)


def before_entry(activities: Iterable[SpedActivity], day: date, *, at: str) -> Iterator[Finding]:
    """The findings that the student exits before an entry."""
    for activity in activities:
        if day < activity.entered_on:
            yield rules.EXIT_BEFORE_ENTRY.broken(at=at, day=day, entered_on=activity.entered_on)


def kept_elsewhere(reason: ExitReasonCode, *, at: str) -> Iterator[Finding]:
    """The finding that another command keeps more about an exit for this reason."""
    if command := _COMMANDS.get(reason):
        yield rules.KEPT_ELSEWHERE.broken(at=at, reason=EXIT_REASONS.label(reason), command=command)
