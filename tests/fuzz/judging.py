"""Checks on everything that a service makes from any message."""

import json
import re
from collections.abc import Mapping
from typing import Any

from contracts import errors
from contracts.errors import Finding, Rule
from contracts.heartbeat import Heartbeat
from contracts.outcome import Outcome
from services.chassis.deciding.batch import Outgoing
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import Item, RawMessage, ReceivedCommand, ReceivedEvent, Unreadable
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing.effects import Outgoings
from tests.fuzz.bodies import CANARY

LARGEST_RECORD = 1_000_000
"""Kafka's producer accepts at most 1,048,576 bytes, with headers and framing."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LONGEST_REASON = 400


def judge_item(item: Item, raw: RawMessage, service: ServiceDefinition) -> None:
    """A decoded message is complete. The reason of an unreadable one repeats nothing from the message."""
    assert item.raw is raw
    match item:
        case Unreadable(reason=reason):
            assert 0 < len(reason) < _LONGEST_REASON
            assert CANARY not in reason
            judge_outgoing(Outgoings(service, "").dead_letter(raw, reason))
        case ReceivedEvent(message=message):
            assert isinstance(message, Outcome | Heartbeat) or raw.key == message.subject.encode()
        case ReceivedCommand():
            _judge_command(item, service)


def _judge_command(command: ReceivedCommand, service: ServiceDefinition) -> None:
    assert command.findings or (command.command is not None and command.actor is not None)
    assert command.command is None or command.subject == command.command.subject
    assert re.fullmatch(r"[ -~]{1,80}", command.name)
    for finding in command.findings:
        judge_finding(finding, service)


def judge_finding(finding: Finding, service: ServiceDefinition) -> None:
    """A finding has a code of this service or of the chassis, and sentences with all placeholders filled."""
    rule = {**errors.RULES, **service.rules}[finding.code]
    for template, sentence in ((rule.message, finding.message), (rule.solution, finding.solution)):
        assert sentence.strip()
        assert _filled(template).fullmatch(sentence), f"{rule.code}: {sentence!r}"


def _filled(template: str) -> re.Pattern[str]:
    """The pattern of a rule's sentence with its placeholders filled."""
    texts = _PLACEHOLDER.split(template)[::2]
    return re.compile(r"(?!\{\w+\}).*?".join(map(re.escape, texts)), re.DOTALL)


def judge_outgoing(message: Outgoing) -> None:
    """An outgoing message fits into a Kafka message and into a text column of PostgreSQL."""
    assert len(message.value.encode()) + len(message.headers) < LARGEST_RECORD, "too large for Kafka"
    assert "\x00" not in message.value + message.headers + message.key
    json.loads(message.value)


def read_by(decoder: Decoder, raw: RawMessage, service: ServiceDefinition) -> Item:
    """The decoded message, checked."""
    item = decoder(raw)
    judge_item(item, raw, service)
    return item


def rule_of(finding: Finding, service: ServiceDefinition) -> Rule:
    """The broken rule of a finding."""
    return {**errors.RULES, **service.rules}[finding.code]


def judge_refusal(headers: Mapping[str, Any], body: Any) -> None:
    """A refusal over HTTP is a problem (RFC 9457) or an outcome. It says why, and what to do."""
    content_type = str(headers["content-type"])
    assert "problem+json" in content_type or body["status"] == "refused"
    assert body["findings"]
    for finding in body["findings"]:
        assert finding["code"]
        assert finding["message"].strip()
        assert finding["solution"].strip()
