"""The promises, judged from the sender's list, the topics and the databases when all is calm.

Each judgement is a generator of what is wrong, in words; silence is a promise kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from contracts.catalog import BRIDGE, Kind, entry_of
from contracts.errors import ID_REUSED
from contracts.ieps import IEP, IEPContents, IEPStage
from services.reporting.store.read_models import READ_MODELS
from tests.faults.calm import program
from tests.faults.heard import Heard, ReceivedEvent
from tests.faults.kept import DECIDING, Kept, Reported, told_apart
from tests.faults.workload import Workload

_SHOWN = 5

Name = TypeVar("Name")
Value = TypeVar("Value")


@dataclass
class Case:
    """All that a judgement may look at."""

    load: Workload
    heard: Heard
    kept: dict[str, Kept]
    reported: Reported
    spells: list[str] = field(default_factory=list)
    said_aloud: list[str] = field(default_factory=list)

    def distinct(self, owner: str) -> dict[str, ReceivedEvent]:
        """One owner's events, each once, by id."""
        return {told.id: told for told in self.heard.events(owner)}


def one_outcome(case: Case) -> Iterator[str]:
    """P1: an accepted command gets exactly one final outcome, on the topic and in the ledger."""
    asked = {command.id: command for command in case.heard.asked}
    for key, sent in case.load.sent.items():
        if entry_of(type(sent.say.message)).kind is Kind.COMMAND and key not in asked:
            yield f"command {key} was confirmed to its sender and is not on {sent.topic}"
    final: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for outcome in case.heard.answered:
        if outcome.status != "held":
            final[outcome.command_id].add((outcome.id, outcome.status))
    for key, command in asked.items():
        status = case.kept[command.owner].ledger.get(key)
        if len(final[key]) != 1 or {given for _, given in final[key]} != {status}:
            yield f"command {key} to {command.owner}: outcomes {sorted(final[key])}, ledger {status}"
    for key in final.keys() - asked.keys():
        yield f"an outcome of command {key}, which nobody sent"


def one_effect(case: Case) -> Iterator[str]:
    """P2: an event has one number, a number one event, wherever and however often they stand."""
    for owner in DECIDING:
        numbers, ids = defaultdict(set), defaultdict(set)
        for told in case.heard.events(owner):
            numbers[told.id].add((told.subject, told.sequence, told.record.model_dump_json()))
            ids[told.subject, told.sequence].add(told.id)
        yield from (
            f"{owner}: event {key} has {len(seen)} numbers or bodies" for key, seen in _several(numbers)
        )
        yield from (f"{owner}: number {key} has events {seen}" for key, seen in _several(ids))


def _several(seen: Mapping[Name, set[Value]]) -> Iterator[tuple[Name, set[Value]]]:
    return ((key, values) for key, values in seen.items() if len(values) > 1)


def published_is_committed(case: Case) -> Iterator[str]:
    """P3: what the topics say last is what the owner keeps, state by state, and the outbox is empty."""
    for owner in DECIDING:
        newest: dict[tuple[str, str, str], ReceivedEvent] = {}
        revisions: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        for told in case.heard.events(owner):
            key = (told.subject, told.record.kind, told.record.record_id)
            revisions[key].add(told.record.revision)
            if key not in newest or newest[key].record.revision < told.record.revision:
                newest[key] = told
        kept = case.kept[owner]
        yield from (f"{owner}: {key} is on the topics only" for key in newest.keys() - kept.own.keys())
        yield from (f"{owner}: {key} was never published" for key in kept.own.keys() - newest.keys())
        for key in newest.keys() & kept.own.keys():
            state, told = kept.own[key], newest[key]
            if state.revision != told.record.revision or not _same(state.body, told):
                yield f"{owner}: {key} is {state.revision} kept and {told.record.revision} published"
            published = 1 if told.record.apart else max(revisions[key])
            if len(revisions[key]) != published:
                yield f"{owner}: {key} has a hole in its revisions"
        if kept.outbox:
            yield f"{owner}: {kept.outbox} messages are left in the outbox"


def _same(body: dict[str, object], told: ReceivedEvent) -> bool:
    return type(told.record).model_validate(body) == told.record


def no_gap(case: Case) -> Iterator[str]:
    """P4: per service and student as many events as the highest number: on the topics, kept, in reporting."""
    for owner in DECIDING:
        numbers = defaultdict(set)
        for told in case.heard.events(owner):
            numbers[told.subject].add(told.sequence or 0)
        for subject, seen in numbers.items():
            counted, highest = len(seen), max(seen)
            kept = case.kept[owner].sequences.get(subject)
            found = case.reported.streams.get((owner, subject))
            if not counted == highest == kept or found != (counted, highest):
                yield f"{owner}/{subject}: {counted} of {highest} on topics, {kept} kept, {found} reported"
        silent = {who for who, sequence in case.kept[owner].sequences.items() if sequence} - numbers.keys()
        yield from (f"{owner}/{subject}: counted, and nothing on the topics" for subject in silent)
    if case.reported.disputes:
        yield f"reporting: {case.reported.disputes} disputes"


def time_is_tiled(case: Case) -> Iterator[str]:
    """P5: no gap, no overlap, one open spell (told by the database)."""
    yield from case.spells


def read_models_are_folds(case: Case) -> Iterator[str]:
    """P6: reporting has every event once, and in each table the newest states on the topics."""
    said = {
        (owner, told.subject, told.record.revision if owner == BRIDGE else told.sequence or 0): told.id
        for owner in (*DECIDING, BRIDGE)
        for told in case.distinct(owner).values()
    }
    if said != case.reported.revisions:
        yield f"reporting: revisions differ by {len(said.items() ^ case.reported.revisions.items())}"
    for model in READ_MODELS:
        newest: dict[object, ReceivedEvent] = {}
        for owner in DECIDING:
            for told in case.heard.events(owner):
                key = (told.subject, told.record.record_id)
                if isinstance(told.record, model.of) and (
                    key not in newest or newest[key].record.revision < told.record.revision
                ):
                    newest[key] = told
        folded = dict(told_apart(model, row) for told in newest.values() for row in model.rows(told.record))
        rows = {key: row for key, row in case.reported.rows[model.table].items() if row[0]}
        for key in folded.keys() | rows.keys():
            if folded.get(key) != rows.get(key):
                yield f"reporting.{model.table} {key}: {rows.get(key)} is not {folded.get(key)}"


def nothing_is_held(case: Case) -> Iterator[str]:
    """P7: nobody waits (the rest of calm was waited for)."""
    for name, kept in case.kept.items():
        yield from (f"{name}: something is held for {subject}" for subject, _ in kept.held)


def every_record_counted(case: Case) -> Iterator[str]:
    """P8: each record read became one record; a command had its effect once, whatever else was read."""
    for name, kept in case.kept.items():
        for place, results in kept.reads.items():
            there = case.heard.ends.get(place, 0)
            if sum(results.values()) < there:
                yield f"{name}: {sum(results.values())} of {there} records of {place} are counted"
    commands = Counter(asked.place[:2] for asked in {asked.id: asked for asked in case.heard.asked}.values())
    for (topic, partition), distinct in commands.items():
        results = case.kept[topic.split(".")[0]].reads.get((topic, partition), {})
        effects = results.get("applied", 0) + results.get("held", 0)
        if effects != distinct:
            yield f"{topic}/{partition}: {effects} commands applied or held, {distinct} sent"


def every_unread_one_written_off(case: Case) -> Iterator[str]:
    """P8: what is no message is a dead letter of everyone who reads its topic, and nothing else is."""
    letters: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
    for owner, letter in case.heard.letters:
        if not letter["reason"].startswith(ID_REUSED.code):
            letters[owner].add((letter["topic"], letter["partition"], letter["offset"]))
    for name in case.kept:
        topics = set(program(name).topics(""))
        there = {place for place in case.heard.unread if place[0] in topics}
        yield from (f"{name}: {place} is no message and no dead letter" for place in there - letters[name])
        yield from (f"{name}: {place} is a dead letter and a message" for place in letters[name] - there)


def rereads(case: Case) -> int:
    """How many records were read more than once: what a crash or a reset leaves behind."""
    counted = sum(sum(results.values()) for kept in case.kept.values() for results in kept.reads.values())
    return counted - sum(case.heard.ends.get(place, 0) for kept in case.kept.values() for place in kept.reads)


def in_order(case: Case) -> Iterator[str]:
    """P9: a student's commands have their effects in the order in which they stand on the topic."""
    first: dict[str, int] = {}
    for command in case.heard.asked:
        first[command.id] = min(first.get(command.id, command.place[2]), command.place[2])
    for owner in DECIDING:
        effects: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for told in case.distinct(owner).values():
            if told.causation in first:
                effects[told.subject].append((told.sequence or 0, first[told.causation]))
        for subject, numbered in effects.items():
            offsets = [offset for _, offset in sorted(numbered)]
            if offsets != sorted(offsets):
                yield f"{owner}/{subject}: effects in the order {offsets}"


def submitted_stays(case: Case) -> Iterator[str]:
    """P10: of a submitted IEP there is one header and the contents that it names; amendments form a line that
    keeps the meeting's day."""
    submitted: dict[str, set[str]] = defaultdict(set)
    named: dict[str, int] = {}
    contents: dict[str, set[str]] = defaultdict(set)
    revisions: dict[str, int] = {}
    heirs: dict[str, set[str]] = defaultdict(set)
    meetings: dict[str, date] = {}
    for told in case.heard.events("ieps"):
        iep = told.record
        if isinstance(iep, IEPContents):
            contents[iep.record_id].add(iep.model_dump_json())
            revisions[iep.record_id] = iep.revision
        if not isinstance(iep, IEP):
            continue
        meetings[iep.record_id] = iep.meeting_on
        if iep.stage is IEPStage.SUBMITTED:
            submitted[iep.record_id].add(iep.model_dump_json())
            named[iep.record_id] = iep.contents_revision
        if iep.amends:
            heirs[str(iep.amends)].add(iep.record_id)
    yield from (f"IEP {key} was submitted with {len(seen)} headers" for key, seen in _several(submitted))
    yield from (f"IEP {key} has {len(seen)} contents" for key, seen in _several(contents))
    for key, revision in named.items():
        if revisions.get(key) != revision:
            yield f"IEP {key} names contents {revision}, and {revisions.get(key)} were published"
    yield from (f"IEP {key} has amendments {seen}" for key, seen in _several(heirs))
    for key, seen in heirs.items():
        if {meetings[heir] for heir in seen} != {meetings[key]}:
            yield f"IEP {key} and its amendment have different meeting days"


def nobody_is_named(case: Case) -> Iterator[str]:
    """P12: no name and no birth date in a log, a metric or the reason of a dead letter."""
    yield from case.said_aloud


PROMISES = {
    "P1": one_outcome,
    "P2": one_effect,
    "P3": published_is_committed,
    "P4": no_gap,
    "P5": time_is_tiled,
    "P6": read_models_are_folds,
    "P7": nothing_is_held,
    "P8": every_record_counted,
    "P8, dead letters": every_unread_one_written_off,
    "P9": in_order,
    "P10": submitted_stays,
    "P12": nobody_is_named,
}


def broken(case: Case) -> list[str]:
    """Every broken promise, with the first of what was found."""
    found: list[str] = []
    for promise, judged in PROMISES.items():
        wrong = list(judged(case))
        found.extend(f"{promise}: {words}" for words in wrong[:_SHOWN])
        if len(wrong) > _SHOWN:
            found.append(f"{promise}: and {len(wrong) - _SHOWN} more")
    return found
