"""The messages that a service publishes. Their ids derive from their causes: the same cause, the same ids."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from pydantic_core import to_json
from uuid_utils import UUID, uuid5  # ten times as fast as the standard library's

from contracts import catalog
from contracts.envelope import Envelope
from contracts.heartbeat import Heartbeat
from contracts.message import Event
from contracts.outcome import DeadLetter, Outcome
from services.chassis.deciding.batch import Outgoing
from services.chassis.decoding.messages import RawMessage, envelope_size
from services.chassis.hosting.definition import ServiceDefinition

_EFFECTS = UUID("5e5b9f0e-5f0d-4c52-9a3e-0d3f5a2c7b11")
# JSON makes a value a third larger (base64), and a header's name up to six times as large (\u0000). With
# these limits a dead letter stays under Kafka's limit.
_LARGEST_DEAD_LETTER_VALUE = 500_000
_LARGEST_DEAD_LETTER_ENVELOPE = 50_000
_SECRET = {"token", "authorization"}
_LONGEST_NAME = 200
_PRINTABLE = re.compile(r"[ -~]+")


class Outgoings:
    """Makes a service's events, outcomes, heartbeats and dead letters."""

    def __init__(self, service: ServiceDefinition, prefix: str) -> None:
        self._source = f"/ser/{service.name}"
        self._outcomes = f"{prefix}{service.name}.outcomes"
        self._dead_letters = f"{prefix}{service.name}.dead-letters"
        self._heartbeats = f"{prefix}{service.name}.heartbeats"
        self._name = service.name
        self._published = {
            entry.model: (entry.topic(prefix), entry.schema_id)
            for entry in catalog.events(service.name).values()
        }

    def event(
        self,
        event: Event,
        body: str,
        cause: Envelope,
        at: datetime,
        number: int,
        sequence: int,
        sender: str | None,
    ) -> Outgoing:
        """An event. `number`: its place among the events of its cause. `sequence`: its number of
        the subject."""
        (topic, schema), subject = self._published[type(event)], event.subject
        # Positional arguments, here and for an outcome: keywords take twice as long.
        envelope = Envelope(
            str(uuid5(_EFFECTS, f"{self._name}/{cause.id}/{number}")),
            type(event).__name__,
            self._source,
            subject,
            at,
            schema,
            cause.correlation or cause.id,
            cause.id,
            effect_trace(cause, self._name),
            None,
            sequence,
            sender,
        )
        return Outgoing(topic, subject, _text(envelope), body)

    def outcome(
        self,
        outcome: Outcome,
        command_id: str,
        body: str,
        cause: Envelope,
        at: datetime,
        sender: str | None,
    ) -> Outgoing:
        """The outcome of a command."""
        envelope = Envelope(
            str(uuid5(_EFFECTS, f"{command_id}/{outcome.status}/{_codes(outcome)}")),
            Outcome.__name__,
            self._source,
            outcome.subject,
            at,
            "Outcome.v1",
            cause.correlation or cause.id,
            command_id,
            effect_trace(cause, self._name),
            None,
            None,
            sender,
        )
        return Outgoing(self._outcomes, outcome.subject, _text(envelope), body)

    def heartbeat(
        self, number: int, as_of: datetime | None, at: datetime, sequences: Sequence[tuple[str, int]]
    ) -> Outgoing:
        """A heartbeat. `sequences`: subjects, each with the number of its last event."""
        beat = Heartbeat(service=self._name, number=number, as_of=as_of, sequences=tuple(sequences))
        same = number if sequences else at.isoformat()
        envelope = Envelope(
            id=str(uuid5(_EFFECTS, f"{self._name}/heartbeat/{same}")),
            type=Heartbeat.__name__,
            source=self._source,
            subject=beat.subject,
            time=at,
            schema="Heartbeat.v1",
        )
        return Outgoing(self._heartbeats, beat.subject, _text(envelope), beat.model_dump_json())

    def given_up(self, raw: RawMessage, reason: str) -> Outgoing:
        """The dead letter of a held event that an operator refused."""
        return self.dead_letter(raw, f"given up by an operator: {reason}")

    def dead_letter(self, raw: RawMessage, reason: str) -> Outgoing:
        """The dead letter of an unreadable message, with its place and the reason, without its token."""
        small = envelope_size(raw) <= _LARGEST_DEAD_LETTER_ENVELOPE
        fits = raw.value is not None and len(raw.value) <= _LARGEST_DEAD_LETTER_VALUE
        letter = DeadLetter(
            topic=raw.topic,
            partition=raw.partition,
            offset=raw.offset,
            reason=reason,
            key=_base64(raw.key) if small else None,
            value=_base64(raw.value) if fits else None,
            headers=tuple(_header(*header) for header in raw.headers) if small else (),
        )
        correlation, cause = _readable(raw, "correlation"), _readable(raw, "ce_id")
        envelope = Envelope(
            id=str(uuid5(_EFFECTS, f"{self._name}/{raw.topic}/{raw.partition}/{raw.offset}")),
            type=DeadLetter.__name__,
            source=self._source,
            subject="",
            time=raw.at,
            schema="DeadLetter.v1",
            correlation=correlation or cause,
            causation=cause,
        )
        return Outgoing(
            self._dead_letters, f"{raw.topic}/{raw.partition}", _text(envelope), letter.model_dump_json()
        )


def span_id(envelope: Envelope, service: str) -> str:
    """The id of the span in which `service` handles a message. It derives from the message, so that effects
    can name the span before it exists."""
    return hashlib.blake2b(f"{service}/{envelope.id}".encode(), digest_size=8).hexdigest()


def effect_trace(cause: Envelope, service: str) -> str | None:
    """The `traceparent` of a message's effects: the same trace, under the span that handles the message."""
    if cause.traceparent is None:
        return None
    parts = cause.traceparent.split("-")
    return f"{parts[0]}-{parts[1]}-{span_id(cause, service)}-{parts[3]}"


def _codes(outcome: Outcome) -> str:
    return ",".join(finding.code for finding in outcome.findings)


def _text(envelope: Envelope) -> str:
    return to_json(envelope.values()).decode()


def _header(name: str, value: bytes | None) -> tuple[str, str | None]:
    """A header as a dead letter shows it. A token is blank, because its reader could use it."""
    return name, "" if name.lower() in _SECRET else _base64(value)


def _readable(raw: RawMessage, name: str) -> str | None:
    """The value of a header, if another header can repeat it: at most 200 printable characters."""
    value = next((value for header, value in raw.headers if header == name), None) or b""
    text = value.decode("ascii", "replace")[:_LONGEST_NAME]
    return text if _PRINTABLE.fullmatch(text) else None


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()
