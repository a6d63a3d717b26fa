"""The judges themselves: each finds what breaks its promise, in a real case that was spoilt."""

import copy
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from contracts.ieps import IEP, IEPContents, IEPStage
from contracts.jurisdiction import StudentClaimed
from tests.faults.calm import calm
from tests.faults.heard import Heard, ReceivedEvent
from tests.faults.judge import Case, broken
from tests.faults.kept import Kept, Reported, State
from tests.faults.stage import Stage
from tests.faults.verdict import Court, found_in
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system

Spoil = Callable[[Case], None]


def a_submitted_iep(case: Case) -> ReceivedEvent:
    """An IEP as it was submitted."""
    return next(
        told
        for told in case.heard.told
        if isinstance(told.record, IEP) and told.record.stage is IEPStage.SUBMITTED
    )


def an_outcome_is_lost(case: Case) -> None:
    case.heard.answered = [outcome for outcome in case.heard.answered if outcome.status != "accepted"]


def a_command_is_lost(case: Case) -> None:
    lost = case.heard.asked[0].id
    case.heard.asked = [asked for asked in case.heard.asked if asked.id != lost]


def an_event_happened_twice(case: Case) -> None:
    told = next(iter(case.heard.events("ieps")))
    case.heard.told.append(replace(told, sequence=(told.sequence or 0) + 1))


def an_event_is_lost(case: Case) -> None:
    case.heard.told.remove(next(iter(case.heard.events("ieps"))))


def a_state_was_not_published(case: Case) -> None:
    key, state = next(iter(case.kept["provision"].own.items()))
    case.kept["provision"].own[key] = State(state.revision + 1, state.body)


def reporting_missed_an_event(case: Case) -> None:
    case.reported.streams[next(iter(case.reported.streams))] = (1, 2)
    case.reported.revisions.popitem()


def reporting_has_an_old_state(case: Case) -> None:
    rows = case.reported.rows["ieps"]
    key = next(iter(rows))
    rows[key] = (rows[key][0] - 1, *rows[key][1:])


def something_is_held(case: Case) -> None:
    case.kept["ieps"].held.append(("7000000000", False))


def a_record_was_not_counted(case: Case) -> None:
    next(iter(case.kept["students"].reads.values()))["applied"] -= 1


def a_dead_letter_is_missing(case: Case) -> None:
    case.heard.unread.add(("ieps.commands", 0, 0))


def effects_changed_places(case: Case) -> None:
    first = {asked.id: index for index, asked in reversed([*enumerate(case.heard.asked)])}
    claimed = next(
        t for t in case.heard.told if isinstance(t.record, StudentClaimed) and t.causation in first
    )
    last = [t for t in case.heard.events("jurisdiction") if t.subject == claimed.subject][-1]
    asked = case.heard.asked[first[claimed.causation or ""]]
    earlier = replace(asked, id="earlier", place=(*asked.place[:2], -1))
    case.heard.asked.append(earlier)
    case.heard.told.append(replace(last, id="later", sequence=10_000, causation="earlier"))


def a_submitted_iep_changed(case: Case) -> None:
    told = a_submitted_iep(case)
    changed = told.record.model_copy(update={"begin_on": told.record.begin_on.replace(year=2001)})  # type: ignore[attr-defined]
    case.heard.told.append(replace(told, record=changed))


def the_contents_of_an_iep_changed(case: Case) -> None:
    told = next(told for told in case.heard.told if isinstance(told.record, IEPContents))
    case.heard.told.append(replace(told, record=told.record.model_copy(update={"forms": ()})))


def the_contents_of_an_iep_are_missing(case: Case) -> None:
    case.heard.told = [told for told in case.heard.told if not isinstance(told.record, IEPContents)]


def a_name_was_logged(case: Case) -> None:
    name = case.load.students[0].canaries[0]
    case.said_aloud = found_in({"ieps.log": f"cannot decide about {name}"}, case.load.canaries)


def a_gap_in_jurisdiction(case: Case) -> None:
    case.spells = ["7000000000: [2017-01-01,2017-02-01), [2017-03-01,)"]


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
    the_contents_of_an_iep_changed: "P10:",
    the_contents_of_an_iep_are_missing: "P10:",
    a_name_was_logged: "P12:",
}


async def test_every_judge_can_convict(stage: Stage, court: Court) -> None:
    """A case in which all is well is acquitted; spoilt in any one way, it is not."""
    async with Workload(stage, 990, window=FEW).running(fewest=FEW) as load:
        pass
    await calm(stage)
    case = await court.case(load)
    assert broken(case) == []

    for spoil, promise in SPOILT.items():
        spoilt = replace(
            case, heard=copied(case.heard), kept=copied(case.kept), reported=copied(case.reported)
        )
        spoil(spoilt)
        assert [words for words in broken(spoilt) if words.startswith(promise)], spoil.__name__


def copied(value: Any) -> Any:
    """A copy that can be spoilt: new containers, with the same records in them."""
    if isinstance(value, dict):
        parts = copy.copy(value)
        parts.update((key, copied(part)) for key, part in value.items())
        return parts
    if isinstance(value, list | set):
        return copy.copy(value)
    if isinstance(value, Heard | Kept | Reported):
        again = copy.copy(value)
        for each in fields(value):
            setattr(again, each.name, copied(getattr(value, each.name)))
        return again
    return value
