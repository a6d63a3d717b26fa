"""What is demanded of everything a service makes of what arrives, whatever it was."""

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
"""Kafka's producer takes no more than 1,048,576 bytes, headers and framing included."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LONGEST_REASON = 400


def judge_item(item: Item, raw: RawMessage, service: ServiceDefinition) -> None:
    """What a record turned out to be is complete, and says no word of the record."""
    assert item.raw is raw
    match item:
        case Unreadable(reason=reason):
            assert 0 < len(reason) < _LONGEST_REASON
            assert CANARY not in reason
            judge_outgoing(Outgoings(service, "").dead_letter(raw, reason))
        case ReceivedEvent(message=message):
            assert isinstance(message, Outcome | Heartbeat) or raw.key == message.subject.encode()
        case ReceivedCommand():
            _judge_asked(item, service)


def _judge_asked(asked: ReceivedCommand, service: ServiceDefinition) -> None:
    assert asked.findings or (asked.command is not None and asked.actor is not None)
    assert asked.command is None or asked.subject == asked.command.subject
    assert re.fullmatch(r"[ -~]{1,80}", asked.name)
    for finding in asked.findings:
        judge_finding(finding, service)


def judge_finding(finding: Finding, service: ServiceDefinition) -> None:
    """A finding bears a code of this service or of the post, and sentences in which nothing is left open."""
    rule = {**errors.RULES, **service.rules}[finding.code]
    for template, sentence in ((rule.message, finding.message), (rule.solution, finding.solution)):
        assert sentence.strip()
        assert _filled(template).fullmatch(sentence), f"{rule.code}: {sentence!r}"


def _filled(template: str) -> re.Pattern[str]:
    """What a rule's sentence looks like when its facts are filled in."""
    texts = _PLACEHOLDER.split(template)[::2]
    return re.compile(r"(?!\{\w+\}).*?".join(map(re.escape, texts)), re.DOTALL)


def judge_outgoing(message: Outgoing) -> None:
    """What is to be published fits into a record of Kafka's, and into a text column of PostgreSQL."""
    assert len(message.value.encode()) + len(message.headers) < LARGEST_RECORD, "too large for Kafka"
    assert "\x00" not in message.value + message.headers + message.key
    json.loads(message.value)


def read_by(decoder: Decoder, raw: RawMessage, service: ServiceDefinition) -> Item:
    """What a service makes of a record, judged."""
    item = decoder(raw)
    judge_item(item, raw, service)
    return item


def rule_of(finding: Finding, service: ServiceDefinition) -> Rule:
    """The rule a finding says is broken."""
    return {**errors.RULES, **service.rules}[finding.code]


def judge_refusal(headers: Mapping[str, Any], body: Any) -> None:
    """A refusal over HTTP is a problem (RFC 9457) or a refused command's outcome: why, and what to do."""
    content_type = str(headers["content-type"])
    assert "problem+json" in content_type or body["status"] == "refused"
    assert body["findings"]
    for finding in body["findings"]:
        assert finding["code"]
        assert finding["message"].strip()
        assert finding["solution"].strip()
