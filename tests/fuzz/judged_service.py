"""A service with a store in memory. The test checks it after every batch."""

import json
from collections import Counter
from collections.abc import Coroutine, Sequence
from copy import copy
from datetime import timedelta
from typing import Any, cast

from contracts import catalog, errors
from contracts.catalog import Entry
from contracts.envelope import headers_of
from contracts.message import Event, Message
from contracts.outcome import Outcome, Status
from services.chassis.answering.dry_run import DryRun, DryRuns, foreseen
from services.chassis.deciding.batch import Outgoing, Writes
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import (
    Due,
    RawMessage,
    ReceivedCommand,
    ReceivedEvent,
    Unreadable,
    Work,
)
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing.effects import Outgoings
from tests.fuzz.bodies import spelt
from tests.fuzz.histories import Repeat, Sent, Step, Wait, body_of, message_id
from tests.fuzz.judging import judge_finding, judge_item, judge_outgoing
from tests.fuzz.kafka_messages import NOON, STUDENT, Senders, raw_message
from tests.memory import MemoryStore

HOLD = timedelta(seconds=60)
_QUEUE_LIMIT = 8
_LARGEST_BODY, _LARGEST_BATCH = 900_000, 32_000_000


class JudgedService:
    """One service that processes the history of one student."""

    def __init__(self, service: ServiceDefinition, senders: Senders) -> None:
        self.service = service
        self.memory = MemoryStore(service)
        self.counts: Counter[str] = Counter()
        self._senders = senders
        self._decode = senders.decoders[service.name]
        self._reader = senders.decoders["reporting"]
        self._terms = Terms(
            service, Outgoings(service, ""), HOLD, _QUEUE_LIMIT, _LARGEST_BODY, _LARGEST_BATCH
        )
        self._now = NOON
        self._sent: list[RawMessage] = []
        self._batch: list[Work] = []
        self._commands: dict[str, ReceivedCommand] = {}
        self._sequences: Counter[str] = Counter()
        self._revisions: Counter[tuple[str, str, str]] = Counter()

    def run(self, steps: Sequence[Step]) -> Counter[str]:
        """Process a history. Returns the number of each result and event."""
        for step in steps:
            match step:
                case Sent():
                    self._send(step)
                case Repeat(which=which):
                    if self._sent:
                        self._put(self._sent[which % len(self._sent)])
                case Wait(seconds=seconds, retry_defects=retry_defects):
                    self._close()
                    self._now += timedelta(seconds=seconds)
                    self._process([Due(STUDENT, retry_defects)])
        self._close()
        self._every_command_is_answered()
        return self.counts

    def _send(self, sent: Sent) -> None:
        number = len(self._sent)
        body = body_of(sent, number)
        headers = self._senders.headers(sent.entry, message_id(number), sent.who, sequence=number + 1)
        raw = raw_message(
            sent.entry, _key(sent.entry, body), spelt(body), headers, at=self._now, offset=number
        )
        self._sent.append(raw)
        self._put(raw)
        if sent.closes:
            self._close()

    def _put(self, raw: RawMessage) -> None:
        item = self._decode(raw)
        judge_item(item, raw, self.service)
        if isinstance(item, ReceivedCommand):
            self._commands[item.id] = item
        self._batch.append(item)

    def _close(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._process(batch)

    def _process(self, batch: Sequence[Work]) -> None:
        expected = self._tried(batch)
        writes = process(batch, self.memory.load(batch), self._terms, self._now)
        assert writes == process(batch, self.memory.load(batch), self._terms, self._now), (
            "not a pure function"
        )
        self.memory.save(writes)
        read = [work for work in batch if isinstance(work, ReceivedCommand | ReceivedEvent | Unreadable)]
        assert sum(writes.tally.values()) == len(read), "the tally counts every message"
        assert expected == [_got(one, writes) for one in batch[: len(expected)]], "the dry run said otherwise"
        self._judge(writes)

    def _tried(self, batch: Sequence[Work]) -> Sequence[DryRun]:
        """The answers of a dry run of the new commands at the beginning of a batch without events."""
        new: list[ReceivedCommand] = []
        for work in batch:
            if not isinstance(work, ReceivedCommand):
                return []
            if work.findings or work.id in self.memory.ledger or work.id in {one.id for one in new}:
                break
            new.append(work)
        before = {name: copy(value) for name, value in vars(self.memory).items()}
        answers = _ended(DryRuns(self.memory, self._terms).decide(new))
        assert vars(self.memory) == before, "a dry run changes nothing"
        self.counts["dry run"] += len(new)
        return answers

    def _judge(self, writes: Writes) -> None:
        for held in writes.held.values():
            assert not held.defect, held.reason
            assert held.reason
        for _, _, result in writes.tally.elements():
            self.counts[result] += 1
        for message in writes.outbox:
            judge_outgoing(message)
            if not message.topic.endswith(".dead-letters"):
                self._judge_published(message)

    def _judge_published(self, message: Outgoing) -> None:
        """Reporting can read each published message, and events have sequences without a gap."""
        headers = headers_of(json.loads(message.headers))
        entry = _entry_of(message, dict(headers)["ce_type"].decode())
        raw = raw_message(entry, message.key.encode(), message.value.encode(), tuple(headers))
        item = self._reader(raw)
        assert isinstance(item, ReceivedEvent), item
        if isinstance(item.message, Outcome):
            self._judge_outcome(item.message)
            return
        assert isinstance(item.message, Event), "no message causes a heartbeat"
        self._sequences[item.subject] += 1
        assert item.sequence == self._sequences[item.subject], "sequences have no gap"
        record = (item.subject, item.message.kind, item.message.record_id)
        before, self._revisions[record] = self._revisions[record], item.message.revision
        comes = item.message.revision > before and item.name.endswith("Moved")  # it goes on elsewhere
        first = item.message.apart and before == 0
        assert item.message.revision == before + 1 or first or comes, "no gap"
        self.counts[item.name] += 1

    def _judge_outcome(self, outcome: Outcome) -> None:
        assert outcome.status is Status.ACCEPTED or outcome.findings, "a refusal has a reason"
        for finding in outcome.findings:
            assert finding.code != errors.DEFECT.code
            judge_finding(finding, self.service)
        self.counts[outcome.status] += 1

    def _every_command_is_answered(self) -> None:
        store = self.memory
        waiting = {held.item.id for held in store.held.values()}
        begun = {record_id for (_, kind, record_id) in store.records if kind == "transfer"}
        for command_id, command in self._commands.items():
            answer = store.ledger[command_id].status
            assert answer.final or command_id in waiting or command_id in begun, command.name


def _key(entry: Entry, body: Any) -> bytes:
    """The subject that the body names; the student if it names none."""
    named = (
        entry.model.subject_in(body) if issubclass(entry.model, Message) and isinstance(body, dict) else None
    )
    return (named or STUDENT).encode()


def _entry_of(message: Outgoing, name: str) -> Entry:
    if message.topic.endswith(".outcomes"):
        return next(entry for entry in catalog.outcomes() if entry.topic() == message.topic)
    return catalog.events()[name]


def _got(work: Work, writes: Writes) -> DryRun:
    """The outcome and the events of a command that was decided in earnest."""
    assert isinstance(work, ReceivedCommand)
    headers = [dict(headers_of(json.loads(message.headers))) for message in writes.outbox]
    caused = [one["ce_type"].decode() for one in headers if one.get("causation") == work.id.encode()]
    outcome = Outcome.model_validate_json(writes.ledger[work.id].body)
    return foreseen(outcome, [name for name in caused if name != Outcome.__name__])


def _ended(answering: Coroutine[Any, Any, Sequence[DryRun]]) -> Sequence[DryRun]:
    """The result of a coroutine that waits for nothing."""
    try:
        answering.send(None)
    except StopIteration as end:
        return cast("Sequence[DryRun]", end.value)
    raise AssertionError("the store in memory waits for nothing")
