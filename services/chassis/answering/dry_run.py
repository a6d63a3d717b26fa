"""The dry run: what commands would get now. It uses the records and rules of a command in earnest, and saves
nothing."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog
from pydantic import Field

from contracts import errors
from contracts.access import Actor
from contracts.catalog import Entry
from contracts.dates import day_at
from contracts.envelope import NAMES, Envelope
from contracts.errors import Finding
from contracts.message import Command, Value
from contracts.outcome import Outcome, Status
from services.chassis.answering.problems import Problem
from services.chassis.deciding.batch import Outgoing, Writes
from services.chassis.deciding.process import TooMuchAtOnce, process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.decoder import fingerprint
from services.chassis.decoding.messages import RawMessage, ReceivedCommand
from services.chassis.keeping.transaction import Store
from services.chassis.reading.noting import defects

log = structlog.get_logger()


class DryRun(Value):
    """What a command would get now."""

    command: str = Field(description="Name of the command.")
    subject: str = Field(description="The command's subject; blank if the command cannot be read.")
    status: Status = Field(
        description="`held`: a fact of another service is missing, or another service must answer first; the"
        " findings say which."
    )
    findings: tuple[Finding, ...] = ()
    events: tuple[str, ...] = Field(default=(), description="Names of the events that it would cause.")


@dataclass(frozen=True, slots=True)
class DryRuns:
    """Decides commands as the worker does, and saves nothing."""

    store: Store
    terms: Terms

    async def decide(self, commands: Sequence[ReceivedCommand]) -> Sequence[DryRun]:
        """What each command would get, after those before it. Their ids are new.

        Problem 413: the events of all of them are larger than one transaction may hold.
        """
        async with self.store.transaction() as transaction:
            loaded = await transaction.load(commands)
        try:
            writes = process(commands, loaded, self.terms, datetime.now(UTC))
        except TooMuchAtOnce:
            limit = self.terms.largest_batch
            raise Problem(413, [errors.TOO_LARGE.broken(limit=limit)]) from None
        if met := defects(writes):
            log.error("a dry run met a defect", **met)
        return _answers(commands, writes)


def _answers(commands: Sequence[ReceivedCommand], writes: Writes) -> Sequence[DryRun]:
    caused: dict[str, list[str]] = defaultdict(list)
    for message in writes.outbox:
        cause, name = _cause_and_name(message)
        caused[cause].append(name)
    outcomes = (Outcome.model_validate_json(writes.ledger[command.id].body) for command in commands)
    return [
        foreseen(outcome, [name for name in caused[str(outcome.command_id)] if name != Outcome.__name__])
        for outcome in outcomes
    ]


def _cause_and_name(message: Outgoing) -> tuple[str, str]:
    headers = dict(zip(NAMES, json.loads(message.headers), strict=False))
    return headers["causation"], headers["ce_type"]


def foreseen(outcome: Outcome, events: Sequence[str] = ()) -> DryRun:
    """The answer to a dry run: an outcome without its id, with the names of events."""
    return DryRun(
        command=outcome.command,
        subject=outcome.subject,
        status=outcome.status,
        findings=outcome.findings,
        events=tuple(events),
    )


def received(entry: Entry, command: Command, envelope: Envelope, sender: Actor) -> ReceivedCommand:
    """The command as the decoder would make it, had Kafka received it now."""
    at = datetime.now(UTC)
    return ReceivedCommand(
        raw=RawMessage(entry.base_topic, 0, 0, None, None, (), at),
        envelope=envelope,
        command_id=UUID(envelope.id),
        name=entry.name,
        subject=command.subject,
        fingerprint=fingerprint(entry.name, command),
        day=day_at(at),
        command=command,
        actor=sender,
    )
