"""The way from early intervention (IDEA Part C) to special education, before the third birthday."""

from collections.abc import Iterator
from datetime import date

from contracts.deadlines import anniversary
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.evaluations import PartCTransition, PartCTransitionRecorded, RecordPartCTransition
from contracts.revisions import differing, moved_on
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.standing import Standing, standing

_DATES = (
    "referred_on",
    "eligible_for_part_c_on",
    "transition_conference_on",
    "conference_refused_on",
    "parent_refusal_on",
)
_ONLY_SERVED = ("eligible_for_part_c_on", "continues_in_part_c")
_ENDS_AT_AGE = 3


def record(known: Known, ask: Ask[RecordPartCTransition]) -> Decision:
    """Record the facts, in place of those recorded before."""
    command = ask.command
    stands = standing(known, ask, done=_DATES, also=_not_served(command))
    if not isinstance(stands, Standing):
        return stands
    earlier = known.one(PartCTransition)
    moved = moved_on(known, command, PartCTransition, fields=differing(earlier, command))
    broken = (*stands.found, *moved, *_too_old(command, stands.birth_on))
    return verdict(broken, [_recorded(earlier, ask)])


def _not_served(command: RecordPartCTransition) -> Iterator[Finding]:
    for field in _ONLY_SERVED if not command.served else ():
        if getattr(command, field):
            yield rules.NOT_SERVED.broken(at=field)


def _too_old(command: RecordPartCTransition, birth_on: date) -> Iterator[Finding]:
    birthday, day = anniversary(birth_on, _ENDS_AT_AGE), command.eligible_for_part_c_on
    if day and day >= birthday:
        yield rules.TOO_OLD_FOR_PART_C.broken(at="eligible_for_part_c_on", day=day, birthday=birthday)


def _recorded(earlier: PartCTransition | None, ask: Ask[RecordPartCTransition]) -> PartCTransitionRecorded:
    command = ask.command
    return PartCTransitionRecorded(
        student_id=command.student_id,
        revision=earlier.revision + 1 if earlier else 1,
        lea=ask.actor.lea,
        served=command.served,
        continues_in_part_c=command.continues_in_part_c,
        **{name: getattr(command, name) for name in _DATES},
    )
