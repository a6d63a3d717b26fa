"""From a record's bytes to a message, or to the reason why it is none.

Pure: the same bytes give the same answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from contracts import catalog, errors
from contracts.access import Actor
from contracts.catalog import Entry, Kind
from contracts.dates import day_at
from contracts.envelope import Envelope, EnvelopeUnreadable, envelope_of, text_headers
from contracts.errors import Finding
from contracts.message import Command, Event, Value
from contracts.partitions import partition_of
from contracts.social_security import numbers_in
from contracts.tidy import read_tidy
from services.chassis.decoding.bodies import has_nul, not_json, read_command
from services.chassis.decoding.messages import (
    Item,
    RawMessage,
    ReceivedCommand,
    ReceivedEvent,
    Unreadable,
    envelope_size,
)
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings

_LARGEST_ENVELOPE = 16_384
_LAST_REVISION = 2**31 - 1  # the databases' integer; nobody counts so far
_UNPRINTABLE = re.compile(r"[^ -~]")
_UUID = re.compile(r"(?i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)
_SUBJECT = re.compile(r"(?=.{1,80}\Z)[0-9A-Za-z-]+(/[0-9A-Za-z-]+){0,2}")


PartitionsOf = Callable[[str], int | None]
"""How many partitions a topic has; None while that is not known."""


class Decoder:
    """Reads the Kafka messages that one service consumes."""

    def __init__(
        self,
        service: ServiceDefinition,
        settings: Settings,
        tokens: Tokens,
        partitions_of: PartitionsOf = lambda topic: None,
    ) -> None:
        self._settings = settings
        self._partitions_of = partitions_of
        self._tokens = tokens
        self._readers: dict[str, Callable[[RawMessage, Envelope, Actor | None], Item]] = {}
        self._events: dict[tuple[str, str], Entry] = {}
        self._commands = service.commands
        self._bridge = {
            entry.topic(settings.topic_prefix) for entry in service.consumed if entry.owner == catalog.BRIDGE
        }
        for entry in service.consumed:
            topic = entry.topic(settings.topic_prefix)
            self._readers[topic] = self._command if entry.kind is Kind.COMMAND else self._event
            self._events[topic, entry.name] = entry

    def __call__(self, raw: RawMessage) -> Item:
        """Decode a message that was just read from Kafka, and check the partition that its sender chose."""
        item = self.again(raw, None)
        match item:
            case ReceivedCommand(command=Command()):
                wrong = self._misplaced(raw, item.subject)
                return item._replace(findings=(*item.findings, wrong)) if wrong else item
            case ReceivedEvent(owner=catalog.BRIDGE):
                wrong = self._misplaced(raw, item.subject)
                return _unreadable(raw, wrong) if wrong else item
            case Unreadable() if raw.topic in self._bridge:
                return replace(item, subject=_key_of(raw), revision=_revision_in(raw))
            case _:
                return item

    def _misplaced(self, raw: RawMessage, key: str) -> Finding | None:
        """What is wrong with the partition of a record. In another one than its key's, it may overtake or be
        overtaken by other records of that key."""
        partitions = self._partitions_of(raw.topic)
        if partitions is None or raw.partition >= partitions or raw.key != key.encode():
            return None  # not known, or known from before partitions were added; or the key is wrong
        expected = partition_of(key, partitions)
        if raw.partition == expected or raw.partition in self._earlier(key):
            return None
        return errors.WRONG_PARTITION.broken(
            partition=raw.partition, expected=expected, partitions=partitions
        )

    def _earlier(self, key: str) -> set[int]:
        """The partitions in which the key lay before partitions were added."""
        return {partition_of(key, count) for count in self._settings.partitions_before}

    def again(self, raw: RawMessage, actor: Actor | None) -> Item:
        """Decode a held message again.

        `actor`: the sender of the command, from the first reading. The token is not verified again, because
        the issuer's key may have changed since.
        """
        if raw.value is None:
            return Unreadable(raw, "no value")
        if envelope_size(raw) > _LARGEST_ENVELOPE:
            return Unreadable(raw, f"key and headers larger than {_LARGEST_ENVELOPE} bytes")
        if len(raw.value) > self._settings.max_body_bytes:
            return Unreadable(raw, f"larger than {self._settings.max_body_bytes} bytes")
        try:
            envelope = envelope_of(text_headers(raw.headers), raw.at)
            return self._readers[raw.topic](raw, envelope, actor)
        except EnvelopeUnreadable as unreadable:
            return Unreadable(raw, unreadable.reason)

    def _event(self, raw: RawMessage, envelope: Envelope, _: Actor | None) -> Item:
        entry = self._events.get((raw.topic, envelope.type))
        if entry is None:
            return Unreadable(raw, "unknown type for this topic")
        if _names_another_schema(envelope, entry):
            return _unreadable(raw, errors.SCHEMA_OTHER.broken(known=entry.schema_id))
        if entry.counted and (envelope.sequence is None or not _is_uuid(envelope.id)):
            return Unreadable(raw, "an event needs 'ce_sequence', and a UUID as 'ce_id'")
        body = raw.value or b""
        if entry.owner == catalog.BRIDGE and (finding := not_json(body)) is not None:
            return Unreadable(raw, finding.message)
        message: Any = read_tidy(entry.model, body, strict=True) or _read(entry, body)
        if isinstance(message, str):
            return Unreadable(raw, message)
        if isinstance(message, Event) and message.revision > _LAST_REVISION:
            return Unreadable(raw, f"a revision larger than {_LAST_REVISION}")
        if isinstance(message, Event) and raw.key != message.subject.encode():
            return Unreadable(raw, "the key is not the subject")
        return ReceivedEvent(raw, envelope, message, entry.owner)

    def _command(self, raw: RawMessage, envelope: Envelope, kept: Actor | None) -> Item:
        if not _is_uuid(envelope.id):
            return Unreadable(raw, "header 'ce_id' is not a UUID: a command needs one")
        command_id = UUID(envelope.id)
        if envelope.id != envelope.id.lower():
            envelope = envelope._replace(id=envelope.id.lower())
        actor = kept or self._tokens.read(envelope.token, raw.at)
        read = read_command(self._commands, envelope.type, raw.value or b"")
        findings = [actor] if isinstance(actor, Finding) else []
        entry = self._commands.get(envelope.type)
        if entry is not None and _names_another_schema(envelope, entry):
            findings.append(errors.SCHEMA_OTHER.broken(known=entry.schema_id))
        subject = read.subject if isinstance(read, Command) else _subject_in(raw, entry)
        if isinstance(read, tuple):
            findings.extend(read)
        elif raw.key != read.subject.encode():
            findings.append(errors.KEY_WRONG.broken(subject=read.subject))
        return ReceivedCommand(
            raw=raw,
            envelope=envelope,
            command_id=command_id,
            name=envelope.type if envelope.type in self._commands else _printable(envelope.type),
            subject=subject,
            fingerprint=fingerprint(envelope.type, read if isinstance(read, Command) else raw.value or b""),
            day=day_at(raw.at),
            command=read if isinstance(read, Command) else None,
            actor=None if isinstance(actor, Finding) else actor,
            findings=tuple(findings),
        )


def _read(entry: Entry, body: bytes) -> Value | str:
    """The message, or the reason why the body is none."""
    if has_nul(body):
        return "a NUL character in the body"
    try:
        message = entry.model.model_validate_json(body, strict=True)
    except ValidationError as invalid:
        return _first_problem(invalid)
    if entry.owner == catalog.BRIDGE and (number := next(numbers_in(message), None)):
        return f"{number.code} at {number.field}: {number.message}"
    return message


def _unreadable(raw: RawMessage, finding: Finding) -> Unreadable:
    return Unreadable(raw, f"{finding.code}: {finding.message}")


def _names_another_schema(envelope: Envelope, entry: Entry) -> bool:
    return envelope.schema not in ("", entry.schema_id)


def fingerprint(name: str, content: Command | bytes) -> str:
    """A hash of a command: the same for the same command in any JSON spelling."""
    body = content.model_dump_json().encode() if isinstance(content, Command) else content
    return hashlib.blake2b(name.encode() + b"\0" + body, digest_size=16).hexdigest()


def _first_problem(invalid: ValidationError) -> str:
    problem = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(step) for step in problem["loc"])[:200]
    return f"the body does not fit the schema: {problem['type']} at {where or 'the root'}"


def _subject_in(raw: RawMessage, entry: Entry | None) -> str:
    """The subject of a command that cannot be read; blank if the message names none."""
    body, named = _fields_in(raw), None
    if entry is not None and issubclass(entry.model, Command):
        named = entry.model.subject_in(body)
    return _as_subject(named) if named else _key_of(raw) or ""


def _key_of(raw: RawMessage) -> str | None:
    """The key, if it can be a subject."""
    return _as_subject((raw.key or b"").decode("ascii", "replace")) or None


def _as_subject(candidate: str) -> str:
    return candidate if _SUBJECT.fullmatch(candidate) else ""


def _revision_in(raw: RawMessage) -> int | None:
    """The revision of an event that cannot be read; None if the body has none."""
    revision = _fields_in(raw).get("revision")
    return revision if type(revision) is int and 0 < revision <= _LAST_REVISION else None


def _fields_in(raw: RawMessage) -> dict[str, Any]:
    """The fields of a body that cannot be read; none if it is no JSON object."""
    try:
        body = json.loads(raw.value or b"")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _printable(name: str) -> str:
    return _UNPRINTABLE.sub("?", name[:80])


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None
