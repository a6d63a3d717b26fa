"""Correcting and voiding a sped activity. The explanation is on the event, for everybody who reads it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from contracts.activities import (
    CorrectSpedActivity,
    SpedActivity,
    SpedActivityCorrected,
    SpedActivityVoided,
    VoidSpedActivity,
)
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.revisions import moved_on
from services.ieps.domain import activity_rules as rules
from services.ieps.domain.activities import standing_activities
from services.ieps.domain.exits import REVOKED, before_entry, kept_elsewhere
from services.ieps.domain.standing import Standing, standing

_CORRECTED = ("entered_on", "exited_on", "exit_reason")
_OF_THE_EXIT = ("exited_on", "exit_reason")


def correct(known: Known, ask: Ask[CorrectSpedActivity]) -> Decision:
    """Correct the given fields of a sped activity, or take back an exit that was recorded in error."""
    command = ask.command
    stands = standing(known, ask, done=("entered_on", "exited_on"), also=_unfit(command))
    if not isinstance(stands, Standing):
        return stands
    activity = known.get(SpedActivity, command.activity_id)
    if activity is None or activity.voided:
        return Refused((*stands.found, _not_there(activity)))
    changes = _changes(activity, command)
    corrected = SpedActivityCorrected.of(
        activity, lea=ask.actor.lea, explanation=command.explanation, **changes
    )
    moved = moved_on(known, command, SpedActivity, command.activity_id, fields=changes)
    broken = (*stands.found, *moved, *_wrongly(known, activity, corrected, command))
    return verdict(broken, [corrected])


def void(known: Known, ask: Ask[VoidSpedActivity]) -> Decision:
    """Void a sped activity that was recorded in error, open or ended."""
    stands = standing(known, ask)
    if not isinstance(stands, Standing):
        return stands
    activity = known.get(SpedActivity, ask.command.activity_id)
    if activity is None or activity.voided:
        return Refused((*stands.found, _not_there(activity)))
    voided = SpedActivityVoided.of(
        activity, lea=ask.actor.lea, voided=True, explanation=ask.command.explanation
    )
    return verdict(stands.found, [voided])


def _not_there(activity: SpedActivity | None) -> Finding:
    if activity is None:
        return rules.ACTIVITY_UNKNOWN.broken(at="activity_id")
    return rules.ACTIVITY_VOIDED.broken(at="activity_id")


def _changes(activity: SpedActivity, command: CorrectSpedActivity) -> dict[str, Any]:
    given = {name: getattr(command, name) for name in _CORRECTED}
    wanted = {name: value for name, value in given.items() if value is not None}
    if command.never_left:
        wanted |= dict.fromkeys(_OF_THE_EXIT)
    return {name: value for name, value in wanted.items() if value != getattr(activity, name)}


def _unfit(command: CorrectSpedActivity) -> Iterator[Finding]:
    if command.never_left and (command.exited_on or command.exit_reason):
        yield rules.EXIT_OR_NONE.broken(at="never_left")
    if command.exit_reason:
        yield from kept_elsewhere(command.exit_reason, at="exit_reason")


def _wrongly(
    known: Known, activity: SpedActivity, corrected: SpedActivity, command: CorrectSpedActivity
) -> Iterator[Finding]:
    if all(getattr(activity, name) == getattr(corrected, name) for name in _CORRECTED):
        yield rules.NOTHING_CORRECTED.broken(at="activity_id")
    if activity.exited_on is None and (command.exited_on or command.exit_reason):
        yield rules.NO_EXIT_YET.broken(at="exited_on")
    yield from _revoked(activity, corrected)
    if corrected.exited_on:
        yield from before_entry([corrected], corrected.exited_on, at="exited_on")
    yield from _overlaps(known, corrected)


def _revoked(activity: SpedActivity, corrected: SpedActivity) -> Iterator[Finding]:
    """The warning that the exit was a revocation of consent, which no correction changes."""
    exits = [(one.exited_on, one.exit_reason) for one in (activity, corrected)]
    if activity.exit_reason == REVOKED and exits[0] != exits[1]:
        yield rules.REVOCATION_STAYS.broken(at="activity_id", exited_on=activity.exited_on)


def _overlaps(known: Known, corrected: SpedActivity) -> Iterator[Finding]:
    for other in standing_activities(known):
        other_one = other.activity_id != corrected.activity_id and other.owned_by == corrected.owned_by
        if other_one and _overlap(other, corrected):
            yield rules.ACTIVITIES_OVERLAP.broken(
                at="entered_on", entered_on=other.entered_on, exited_on=other.exited_on or "today"
            )


def _overlap(one: SpedActivity, other: SpedActivity) -> bool:
    """A student may exit and enter again on one day, so two activities may share that day."""
    return one.entered_on < _end(other) and other.entered_on < _end(one)


def _end(activity: SpedActivity) -> date:
    return activity.exited_on or date.max
