"""Checks the promises in the sent messages, the topics and the databases, after the system has drained.

Each check yields one sentence per fault. A check that yields nothing has found its promise kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from contracts.catalog import BRIDGE, Kind, entry_of
from contracts.errors import ID_REUSED
from contracts.ieps import IEP, IEPContents, IEPStage
from services.reporting.store.read_models import READ_MODELS
from tests.faults.database_contents import DECIDING, DatabaseContents, ReportingContents, split_row
from tests.faults.draining import definition_of
from tests.faults.topic_contents import ReceivedEvent, TopicContents
from tests.faults.workload import Workload

_SHOWN = 5

Name = TypeVar("Name")
Value = TypeVar("Value")


@dataclass
class Evidence:
    """Everything that the checks look at."""

    load: Workload
    topics: TopicContents
    databases: dict[str, DatabaseContents]
    reporting: ReportingContents
    spells: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def distinct(self, owner: str) -> dict[str, ReceivedEvent]:
        """One owner's events by id, without duplicates."""
        return {event.id: event for event in self.topics.events_of(owner)}


def one_outcome(evidence: Evidence) -> Iterator[str]:
    """P1: an accepted command gets exactly one final outcome, on the topic and in the ledger."""
    commands = {command.id: command for command in evidence.topics.commands}
    for key, sent in evidence.load.sent.items():
        if entry_of(type(sent.planned.message)).kind is Kind.COMMAND and key not in commands:
            yield f"command {key} was confirmed to its sender and is not on {sent.topic}"
    final: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for outcome in evidence.topics.outcomes:
        if outcome.status != "held":
            final[outcome.command_id].add((outcome.id, outcome.status))
    for key, command in commands.items():
        status = evidence.databases[command.owner].ledger.get(key)
        if len(final[key]) != 1 or {given for _, given in final[key]} != {status}:
            yield f"command {key} to {command.owner}: outcomes {sorted(final[key])}, ledger {status}"
    for key in final.keys() - commands.keys():
        yield f"an outcome of command {key}, which nobody sent"


def one_effect(evidence: Evidence) -> Iterator[str]:
    """P2: each event has one number, and each number has one event, in all copies on the topics."""
    for owner in DECIDING:
        numbers, ids = defaultdict(set), defaultdict(set)
        for event in evidence.topics.events_of(owner):
            numbers[event.id].add((event.subject, event.sequence, event.record.model_dump_json()))
            ids[event.subject, event.sequence].add(event.id)
        yield from (
            f"{owner}: event {key} has {len(seen)} numbers or bodies" for key, seen in _several(numbers)
        )
        yield from (f"{owner}: number {key} has events {seen}" for key, seen in _several(ids))


def _several(seen: Mapping[Name, set[Value]]) -> Iterator[tuple[Name, set[Value]]]:
    return ((key, values) for key, values in seen.items() if len(values) > 1)


def published_is_committed(evidence: Evidence) -> Iterator[str]:
    """P3: the newest event of each record is the owner's record, and the outbox is empty."""
    for owner in DECIDING:
        newest: dict[tuple[str, str, str], ReceivedEvent] = {}
        revisions: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        for event in evidence.topics.events_of(owner):
            key = (event.subject, event.record.kind, event.record.record_id)
            revisions[key].add(event.record.revision)
            if key not in newest or newest[key].record.revision < event.record.revision:
                newest[key] = event
        database = evidence.databases[owner]
        yield from (
            f"{owner}: {key} is on the topics only" for key in newest.keys() - database.records.keys()
        )
        yield from (f"{owner}: {key} was never published" for key in database.records.keys() - newest.keys())
        for key in newest.keys() & database.records.keys():
            state, event = database.records[key], newest[key]
            if state.revision != event.record.revision or not _same(state.body, event):
                yield f"{owner}: {key} is {state.revision} stored, {event.record.revision} published"
            published = 1 if event.record.apart else max(revisions[key])
            if len(revisions[key]) != published:
                yield f"{owner}: {key} has a hole in its revisions"
        if database.outbox:
            yield f"{owner}: {database.outbox} messages are left in the outbox"


def _same(body: dict[str, object], event: ReceivedEvent) -> bool:
    return type(event.record).model_validate(body) == event.record


def no_gap(evidence: Evidence) -> Iterator[str]:
    """P4: the topics, the owner and reporting have all of a student's events, without a gap."""
    for owner in DECIDING:
        numbers = defaultdict(set)
        for event in evidence.topics.events_of(owner):
            numbers[event.subject].add(event.sequence or 0)
        for subject, seen in numbers.items():
            counted, highest = len(seen), max(seen)
            stored = evidence.databases[owner].sequences.get(subject)
            found = evidence.reporting.streams.get((owner, subject))
            if not counted == highest == stored or found != (counted, highest):
                yield f"{owner}/{subject}: {counted} of {highest} events, {stored} stored, {found} reported"
        silent = {
            who for who, sequence in evidence.databases[owner].sequences.items() if sequence
        } - numbers.keys()
        yield from (
            f"{owner}/{subject}: the service has a number, and the topics have no event" for subject in silent
        )
    if evidence.reporting.disputes:
        yield f"reporting: {evidence.reporting.disputes} disputes"


def time_is_tiled(evidence: Evidence) -> Iterator[str]:
    """P5: a student's spells have no overlap, and a gap only after a closed one. The database checks it."""
    yield from evidence.spells


def read_models_are_folds(evidence: Evidence) -> Iterator[str]:
    """P6: reporting has every event once. Each of its tables has the newest records from the topics."""
    expected = {
        (owner, event.subject, event.record.revision if owner == BRIDGE else event.sequence or 0): event.id
        for owner in (*DECIDING, BRIDGE)
        for event in evidence.distinct(owner).values()
    }
    if expected != evidence.reporting.revisions:
        yield f"reporting: revisions differ by {len(expected.items() ^ evidence.reporting.revisions.items())}"
    for model in READ_MODELS:
        newest: dict[object, ReceivedEvent] = {}
        for owner in DECIDING:
            for event in evidence.topics.events_of(owner):
                key = (event.subject, event.record.record_id)
                if isinstance(event.record, model.of) and (
                    key not in newest or newest[key].record.revision < event.record.revision
                ):
                    newest[key] = event
        folded = dict(split_row(model, row) for event in newest.values() for row in model.rows(event.record))
        rows = {key: row for key, row in evidence.reporting.rows[model.table].items() if row[0]}
        for key in folded.keys() | rows.keys():
            if folded.get(key) != rows.get(key):
                yield f"reporting.{model.table} {key}: {rows.get(key)} is not {folded.get(key)}"


def nothing_is_held(evidence: Evidence) -> Iterator[str]:
    """P7: no service holds a message."""
    for name, database in evidence.databases.items():
        yield from (f"{name}: the service holds a message for {subject}" for subject, _ in database.held)


def every_message_counted(evidence: Evidence) -> Iterator[str]:
    """P8: every message is counted, and every command is applied or held once."""
    for name, database in evidence.databases.items():
        for place, results in database.reads.items():
            there = evidence.topics.ends.get(place, 0)
            if sum(results.values()) < there:
                yield f"{name}: {sum(results.values())} of {there} messages of {place} are counted"
    commands = Counter(
        command.place[:2]
        for command in {command.id: command for command in evidence.topics.commands}.values()
    )
    for (topic, partition), distinct in commands.items():
        results = evidence.databases[topic.split(".")[0]].reads.get((topic, partition), {})
        effects = results.get("applied", 0) + results.get("held", 0)
        if effects != distinct:
            yield f"{topic}/{partition}: {effects} commands applied or held, {distinct} sent"


def unreadable_are_dead_letters(evidence: Evidence) -> Iterator[str]:
    """P8: each reader of a topic writes a dead letter for each unreadable message, and for no other."""
    letters: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
    for owner, letter in evidence.topics.dead_letters:
        if not letter["reason"].startswith(ID_REUSED.code):
            letters[owner].add((letter["topic"], letter["partition"], letter["offset"]))
    for name in evidence.databases:
        topics = set(definition_of(name).topics(""))
        there = {place for place in evidence.topics.unreadable if place[0] in topics}
        yield from (f"{name}: {place} is no message and no dead letter" for place in there - letters[name])
        yield from (f"{name}: {place} is a dead letter and a message" for place in letters[name] - there)


def rereads(evidence: Evidence) -> int:
    """The number of messages that services read again, after a crash or a reset of offsets."""
    counted = sum(
        sum(results.values())
        for database in evidence.databases.values()
        for results in database.reads.values()
    )
    return counted - sum(
        evidence.topics.ends.get(place, 0)
        for database in evidence.databases.values()
        for place in database.reads
    )


def in_order(evidence: Evidence) -> Iterator[str]:
    """P9: a student's commands have their effects in the order of the topic."""
    first: dict[str, int] = {}
    for command in evidence.topics.commands:
        first[command.id] = min(first.get(command.id, command.place[2]), command.place[2])
    for owner in DECIDING:
        effects: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for event in evidence.distinct(owner).values():
            if event.causation in first:
                effects[event.subject].append((event.sequence or 0, first[event.causation]))
        for subject, numbered in effects.items():
            offsets = [offset for _, offset in sorted(numbered)]
            if offsets != sorted(offsets):
                yield f"{owner}/{subject}: effects in the order {offsets}"


def submitted_stays(evidence: Evidence) -> Iterator[str]:
    """P10: the header of a submitted IEP changes its stage to deleted, and nothing else. The contents that it
    names stay. Each IEP has at most one standing amendment, with the same meeting day."""
    events = [event.record for event in evidence.topics.events_of("ieps")]
    headers = [record for record in events if isinstance(record, IEP)]
    submitted = [header for header in headers if header.stage is IEPStage.SUBMITTED]
    yield from _headers_stay(headers, submitted)
    yield from _contents_stay([record for record in events if isinstance(record, IEPContents)], submitted)
    yield from _one_line(headers)


def _headers_stay(headers: Sequence[IEP], submitted: Sequence[IEP]) -> Iterator[str]:
    as_submitted: dict[str, set[str]] = defaultdict(set)
    revisions: dict[str, int] = {}
    for header in submitted:
        as_submitted[header.record_id].add(_without_stage(header))
        revisions[header.record_id] = header.revision
    for header in headers:
        if header.revision > revisions.get(header.record_id, header.revision):
            as_submitted[header.record_id].add(_without_stage(header))
            if header.stage is not IEPStage.DELETED:
                yield f"IEP {header.record_id} was {header.stage} after its submission"
    yield from (f"IEP {key} was submitted with {len(seen)} headers" for key, seen in _several(as_submitted))


def _without_stage(header: IEP) -> str:
    return header.model_dump_json(exclude={"stage", "revision"})


def _contents_stay(published: Sequence[IEPContents], submitted: Sequence[IEP]) -> Iterator[str]:
    contents: dict[str, set[str]] = defaultdict(set)
    revisions: dict[str, int] = {}
    for one in published:
        contents[one.record_id].add(one.model_dump_json())
        revisions[one.record_id] = one.revision
    yield from (f"IEP {key} has {len(seen)} contents" for key, seen in _several(contents))
    for header in submitted:
        if revisions.get(header.record_id) != header.contents_revision:
            yield f"IEP {header.record_id} names contents that were not published"


def _one_line(headers: Sequence[IEP]) -> Iterator[str]:
    over = {header.record_id for header in headers if header.over}
    meetings = {header.record_id: header.meeting_on for header in headers}
    amendments: dict[str, set[str]] = defaultdict(set)
    for header in headers:
        if header.amends and header.record_id not in over:
            amendments[str(header.amends)].add(header.record_id)
    yield from (f"IEP {key} has amendments {seen}" for key, seen in _several(amendments))
    for key, seen in amendments.items():
        if {meetings[amendment] for amendment in seen} != {meetings[key]}:
            yield f"IEP {key} and its amendment have different meeting days"


def nobody_is_named(evidence: Evidence) -> Iterator[str]:
    """P12: no name and no birth date in a log, a metric or the reason of a dead letter."""
    yield from evidence.leaks


PROMISES = {
    "P1": one_outcome,
    "P2": one_effect,
    "P3": published_is_committed,
    "P4": no_gap,
    "P5": time_is_tiled,
    "P6": read_models_are_folds,
    "P7": nothing_is_held,
    "P8": every_message_counted,
    "P8, dead letters": unreadable_are_dead_letters,
    "P9": in_order,
    "P10": submitted_stays,
    "P12": nobody_is_named,
}


def broken_promises(evidence: Evidence) -> list[str]:
    """A sentence for each fault, at most five for each promise."""
    found: list[str] = []
    for promise, check in PROMISES.items():
        wrong = list(check(evidence))
        found.extend(f"{promise}: {words}" for words in wrong[:_SHOWN])
        if len(wrong) > _SHOWN:
            found.append(f"{promise}: and {len(wrong) - _SHOWN} more")
    return found
