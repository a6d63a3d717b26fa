"""Each check of a promise finds its fault in real evidence that the test has spoilt."""

import copy
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from contracts.ieps import IEP, IEPContents, IEPDeleted, IEPFormsSaved, IEPStage
from contracts.jurisdiction import StudentClaimed
from tests.faults.database_contents import DatabaseContents, ReportingContents, State
from tests.faults.draining import wait_until_drained
from tests.faults.judging import Judge, found_in
from tests.faults.promises import Evidence, broken_promises
from tests.faults.proxied_system import ProxiedSystem
from tests.faults.topic_contents import ReceivedEvent, TopicContents
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system

Spoil = Callable[[Evidence], None]


def a_submitted_iep(evidence: Evidence) -> ReceivedEvent:
    """The event of a submitted IEP."""
    return next(
        event
        for event in evidence.topics.events
        if isinstance(event.record, IEP) and event.record.stage is IEPStage.SUBMITTED
    )


def an_outcome_is_lost(evidence: Evidence) -> None:
    evidence.topics.outcomes = [
        outcome for outcome in evidence.topics.outcomes if outcome.status != "accepted"
    ]


def a_command_is_lost(evidence: Evidence) -> None:
    lost = evidence.topics.commands[0].id
    evidence.topics.commands = [command for command in evidence.topics.commands if command.id != lost]


def an_event_happened_twice(evidence: Evidence) -> None:
    event = next(iter(evidence.topics.events_of("ieps")))
    evidence.topics.events.append(replace(event, sequence=(event.sequence or 0) + 1))


def an_event_is_lost(evidence: Evidence) -> None:
    evidence.topics.events.remove(next(iter(evidence.topics.events_of("ieps"))))


def a_state_was_not_published(evidence: Evidence) -> None:
    key, state = next(iter(evidence.databases["provision"].records.items()))
    evidence.databases["provision"].records[key] = State(state.revision + 1, state.body)


def reporting_missed_an_event(evidence: Evidence) -> None:
    evidence.reporting.streams[next(iter(evidence.reporting.streams))] = (1, 2)
    evidence.reporting.revisions.popitem()


def reporting_has_an_old_state(evidence: Evidence) -> None:
    rows = evidence.reporting.rows["ieps"]
    key = next(iter(rows))
    rows[key] = (rows[key][0] - 1, *rows[key][1:])


def something_is_held(evidence: Evidence) -> None:
    evidence.databases["ieps"].held.append(("7000000000", False))


def a_record_was_not_counted(evidence: Evidence) -> None:
    next(iter(evidence.databases["students"].reads.values()))["applied"] -= 1


def a_dead_letter_is_missing(evidence: Evidence) -> None:
    evidence.topics.unreadable.add(("ieps.commands", 0, 0))


def effects_changed_places(evidence: Evidence) -> None:
    first = {command.id: index for index, command in reversed([*enumerate(evidence.topics.commands)])}
    claimed = next(
        t for t in evidence.topics.events if isinstance(t.record, StudentClaimed) and t.causation in first
    )
    last = [t for t in evidence.topics.events_of("jurisdiction") if t.subject == claimed.subject][-1]
    command = evidence.topics.commands[first[claimed.causation or ""]]
    earlier = replace(command, id="earlier", place=(*command.place[:2], -1))
    evidence.topics.commands.append(earlier)
    evidence.topics.events.append(replace(last, id="later", sequence=10_000, causation="earlier"))


def a_submitted_iep_changed(evidence: Evidence) -> None:
    event = a_submitted_iep(evidence)
    changed = event.record.model_copy(update={"begin_on": event.record.begin_on.replace(year=2001)})  # type: ignore[attr-defined]
    evidence.topics.events.append(replace(event, record=changed))


def a_deleted_iep_changed(evidence: Evidence) -> None:
    event = a_submitted_iep(evidence)
    assert isinstance(event.record, IEP)
    deleted = IEPDeleted.of(event.record, stage=IEPStage.DELETED, signed_on=None)
    evidence.topics.events.append(replace(event, record=deleted))


def a_submitted_iep_became_a_draft(evidence: Evidence) -> None:
    event = a_submitted_iep(evidence)
    draft = IEPFormsSaved.of(event.record, stage=IEPStage.DRAFT)
    evidence.topics.events.append(replace(event, record=draft))


def the_contents_of_an_iep_changed(evidence: Evidence) -> None:
    event = next(event for event in evidence.topics.events if isinstance(event.record, IEPContents))
    evidence.topics.events.append(replace(event, record=event.record.model_copy(update={"forms": ()})))


def the_contents_of_an_iep_are_missing(evidence: Evidence) -> None:
    evidence.topics.events = [
        event for event in evidence.topics.events if not isinstance(event.record, IEPContents)
    ]


def a_name_was_logged(evidence: Evidence) -> None:
    name = evidence.load.students[0].canaries[0]
    evidence.leaks = found_in({"ieps.log": f"cannot decide about {name}"}, evidence.load.canaries)


def a_gap_in_jurisdiction(evidence: Evidence) -> None:
    evidence.spells = ["7000000000: [2017-01-01,2017-02-01), [2017-03-01,)"]


SPOILT: dict[Spoil, str] = {
    an_outcome_is_lost: "P1:",
    a_command_is_lost: "P1:",
    an_event_happened_twice: "P2:",
    an_event_is_lost: "P3:",
    a_state_was_not_published: "P3:",
    reporting_missed_an_event: "P4:",
    a_gap_in_jurisdiction: "P5:",
    reporting_has_an_old_state: "P6:",
    something_is_held: "P7:",
    a_record_was_not_counted: "P8:",
    a_dead_letter_is_missing: "P8, dead letters:",
    effects_changed_places: "P9:",
    a_submitted_iep_changed: "P10:",
    a_deleted_iep_changed: "P10:",
    a_submitted_iep_became_a_draft: "P10:",
    the_contents_of_an_iep_changed: "P10:",
    the_contents_of_an_iep_are_missing: "P10:",
    a_name_was_logged: "P12:",
}


async def test_every_check_finds_a_broken_promise(own_system: ProxiedSystem, own_judge: Judge) -> None:
    """The checks find nothing in good evidence, and find each fault that the test adds.

    It has a system of its own, because the evidence of a whole campaign takes minutes to judge so often.
    """
    async with Workload(own_system, 990, window=FEW).running(fewest=FEW) as load:
        pass
    await wait_until_drained(own_system)
    evidence = await own_judge.gather(load)
    assert broken_promises(evidence) == []

    for spoil, promise in SPOILT.items():
        spoilt = replace(
            evidence,
            topics=copied(evidence.topics),
            databases=copied(evidence.databases),
            reporting=copied(evidence.reporting),
        )
        spoil(spoilt)
        assert [words for words in broken_promises(spoilt) if words.startswith(promise)], spoil.__name__


def copied(value: Any) -> Any:
    """A copy that can be spoilt: new containers with the same records."""
    if isinstance(value, dict):
        copies = copy.copy(value)
        copies.update((key, copied(inner)) for key, inner in value.items())
        return copies
    if isinstance(value, list | set):
        return copy.copy(value)
    if isinstance(value, TopicContents | DatabaseContents | ReportingContents):
        again = copy.copy(value)
        for each in fields(value):
            setattr(again, each.name, copied(getattr(value, each.name)))
        return again
    return value
