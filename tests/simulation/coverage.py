"""The situations that a campaign must reach. A campaign that misses one proves nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping

from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Movable
from contracts.outcome import Outcome, Status
from tests.simulation.faults import KINDS
from tests.simulation.node import POINTS
from tests.simulation.promises import Evidence

OCCURRENCES = (
    *(f"fault: {kind}" for kind in KINDS),
    *(f"struck {point}" for point in POINTS),
    "acknowledged too late",
    "not acknowledged",
    "refused after commit",
    "SessionLost",
    "a transaction came too late",
    "a duplicate was dropped",
    "a dead letter was written",
    "an id was used before",
    "a command was accepted",
    "a command was refused",
    "a command was held and accepted",
    "a command was held and refused",
    "a claim was blocked",
    "a blocked claim was released",
    "an LEA wrote about a blocked claim",
    "an LEA asked the state to help with a claim",
    "a claim on an owned student was won",
    "a claim was won that had been blocked",
    "an amendment was submitted",
    "a student was corrected",
    "a student was evaluated again",
    "a triennial waiver was recorded",
    "an evaluation was closed",
    "a date of an evaluation was corrected",
    "a calendar was amended",
    "a service was given for the first time",
    "a jurisdiction was closed",
    "a student was claimed after a closed jurisdiction",
    "a claim was withdrawn",
    "a claim was corrected",
    "a jurisdiction went on after a withdrawn claim",
    "a draft was discarded",
    "an IEP was deleted",
    "the deletion of an IEP was declined",
    "a file was added",
    "a file was replaced",
    "a file was deleted",
    "a student exited",
    "a student entered again",
    "an exit was corrected",
    "an entry was voided",
    "a change of a State ID was approved",
    "a change of a State ID was declined",
    "a State ID was split",
    "a split was closed",
    "a record was assigned",
    "a State ID was merged",
    "a State ID was separated",
    "a State ID was retired",
    "a spell moved",
    "a service moved",
    "an IEP moved",
    "a file moved",
    "a merge ended a claim",
    "a command was refused under a merged State ID",
    "a guest's record was written",
)


def occurrences(seen: Evidence) -> Counter[str]:
    """The number of times that each situation occurred in a run."""
    found = Counter(seen.world.seen)
    for database in seen.world.databases.values():
        found["a transaction came too late"] += database.store.undone
        for (_, _, result), messages in database.store.tally.items():
            found[_RESULTS.get(result, "")] += messages
    names = Counter(received.name for owner in seen.events.values() for received in owner)
    for name, what in _EVENTS.items():
        found[what] += names[name]
    found["an id was used before"] += sum(act.what == "id used before" for act in seen.world.scenario.acts)
    found["an amendment was submitted"] += _amended(seen)
    found["a student entered again"] += _entered_again(seen)
    found["a claim was won that had been blocked"] += _won_after_all(seen)
    found["a jurisdiction was closed"] += len(_closed(seen))
    found["a student was claimed after a closed jurisdiction"] += _claimed_again(seen)
    found["a merge ended a claim"] += sum("JUR-040" in _codes(one) for one in _final(seen))
    found["a command was refused under a merged State ID"] += sum(
        "MSG-050" in _codes(one) for one in _final(seen)
    )
    found["a guest's record was written"] += _written_as_guest(seen)
    found["a record was assigned"] += _assigned(seen)
    found.update(_answers(seen))
    return found


_RESULTS: Mapping[str, str] = {
    "duplicate": "a duplicate was dropped",
    "dead letter": "a dead letter was written",
}
_EVENTS: Mapping[str, str] = {
    "TransferBlocked": "a claim was blocked",
    "TransferReleased": "a blocked claim was released",
    "TransferMessageWritten": "an LEA wrote about a blocked claim",
    "TransferEscalated": "an LEA asked the state to help with a claim",
    "TransferCompleted": "a claim on an owned student was won",
    "ClaimWithdrawn": "a claim was withdrawn",
    "ClaimCorrected": "a claim was corrected",
    "JurisdictionResumed": "a jurisdiction went on after a withdrawn claim",
    "StudentCorrected": "a student was corrected",
    "ReevaluationBegun": "a student was evaluated again",
    "TriennialWaiverRecorded": "a triennial waiver was recorded",
    "EvaluationClosed": "an evaluation was closed",
    "EvaluationCorrected": "a date of an evaluation was corrected",
    "CalendarAmended": "a calendar was amended",
    "FirstSessionGiven": "a service was given for the first time",
    "ServiceTermsReplaced": "a service got other terms",
    "ServiceReassigned": "another provider gave a service",
    "SessionRecorded": "a session was recorded",
    "SessionCorrected": "a session was corrected",
    "SessionRemoved": "a session was removed",
    "IEPDiscarded": "a draft was discarded",
    "IEPDeleted": "an IEP was deleted",
    "IEPDeletionDeclined": "the deletion of an IEP was declined",
    "AttachmentAdded": "a file was added",
    "AttachmentReplaced": "a file was replaced",
    "AttachmentDeleted": "a file was deleted",
    "SpedActivityEnded": "a student exited",
    "SpedActivityCorrected": "an exit was corrected",
    "SpedActivityVoided": "an entry was voided",
    "StateIdChangeApproved": "a change of a State ID was approved",
    "StateIdChangeDeclined": "a change of a State ID was declined",
    "StateIdShared": "a State ID was split",
    "SplitClosed": "a split was closed",
    "StateIdMerged": "a State ID was merged",
    "StateIdSeparated": "a State ID was separated",
    "StateIdRetired": "a State ID was retired",
    "SpellMoved": "a spell moved",
    "ServiceMoved": "a service moved",
    "IEPMoved": "an IEP moved",
    "AttachmentMoved": "a file moved",
}


def _final(seen: Evidence) -> Iterator[Outcome]:
    return (outcome for outcomes in seen.outcomes.values() for outcome in outcomes)


def _codes(outcome: Outcome) -> set[str]:
    return {finding.code for finding in outcome.findings}


def _written_as_guest(seen: Evidence) -> int:
    """The events about a record that belongs to another State ID, apart from its moves."""
    return sum(
        isinstance(one.message, Movable)
        and one.message.belongs_to is not None
        and not one.name.endswith("Moved")
        for events in seen.events.values()
        for one in events
    )


def _assigned(seen: Evidence) -> int:
    """The commands that gave a record to another State ID."""
    sent = {act.command_id for act in seen.world.scenario.acts if act.what.startswith("Assign")}
    return sum(str(one.command_id) in sent and one.status is Status.ACCEPTED for one in _final(seen))


def _answers(seen: Evidence) -> Counter[str]:
    held = {
        received.message.command_id
        for received in seen.received
        if isinstance(received.message, Outcome) and received.message.status is Status.HELD
    }
    found: Counter[str] = Counter()
    for outcomes in seen.outcomes.values():
        for outcome in outcomes:
            found[f"a command was {outcome.status}"] += 1
            if outcome.command_id in held:
                found[f"a command was held and {outcome.status}"] += 1
    return found


def _amended(seen: Evidence) -> int:
    return sum(
        received.name == "IEPSubmitted" and bool(getattr(received.message, "amends", None))
        for received in seen.events.get("ieps", ())
    )


def _entered_again(seen: Evidence) -> int:
    entered = Counter(one.subject for one in seen.events.get("ieps", ()) if one.name == "SpedActivityBegun")
    return sum(entries > 1 for entries in entered.values())


def _won_after_all(seen: Evidence) -> int:
    events = seen.events.get("jurisdiction", ())
    refused = {(one.subject, one.message.to_lea) for one in events if one.name == "TransferRefused"}  # type: ignore[union-attr]
    return sum(one.name == "StudentClaimed" and (one.subject, one.message.lea) in refused for one in events)  # type: ignore[union-attr]


def _closed(seen: Evidence) -> dict[tuple[str, str], int | None]:
    """The closed spells, by student and spell, with the number of the event that closed each."""
    events = seen.events.get("jurisdiction", ())
    return {
        (one.subject, one.message.record_id): one.sequence
        for one in events
        if isinstance(one.message, JurisdictionEnded) and one.message.end_reason
    }


def _claimed_again(seen: Evidence) -> int:
    ends = [(student, number or 0) for (student, _), number in _closed(seen).items()]
    return sum(
        one.name == "StudentClaimed"
        and any(student == one.subject and number < (one.sequence or 0) for student, number in ends)
        for one in seen.events.get("jurisdiction", ())
    )
