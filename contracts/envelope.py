"""The metadata of a message, in its Kafka headers: CloudEvents 1.0 in the binary form, and our additions."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

SPEC_VERSION = "1.0"
SCHEMA_URN = "urn:ser:schema:"
CONTENT_TYPE = "application/json"

_LONGEST_CORRELATION = 200
NAMES = (
    *("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_dataschema"),
    *("content-type", "correlation", "causation", "traceparent", "token", "ce_sequence"),
    "sender",
)
"""The headers in writing order. Add a new one at the end."""

SENDER_EXAMPLE = "017/m.landry"
SENDER_MEANS = (
    f"Sender of the command that caused this message: LEA and user, `{SENDER_EXAMPLE}`."
    " Absent if no command caused it."
)

_OURS = frozenset(NAMES)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

Headers = tuple[tuple[str, bytes], ...]


class EnvelopeUnreadable(ValueError):
    """The headers are not those of a message. `reason` names the wrong header, never its value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Envelope(NamedTuple):
    """The metadata of one message.

    - `correlation` names the conversation; every effect repeats it.
    - `causation` is the id of the message that caused this one.
    - `sequence` counts a service's events about one subject, from 1.
    - `token` is the sender's signed token (commands only).
    - `sender` is the LEA and user of the command that caused this message: `017/m.landry`.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    schema: str
    correlation: str | None = None
    causation: str | None = None
    traceparent: str | None = None
    token: str | None = None
    sequence: int | None = None
    sender: str | None = None

    def values(self) -> list[str | None]:
        """The header values in the order of `NAMES`; None: the message has no such header."""
        return [
            SPEC_VERSION,
            self.id,
            self.type,
            self.source,
            self.subject,
            _instant(self.time),
            SCHEMA_URN + self.schema,
            CONTENT_TYPE,
            self.correlation,
            self.causation,
            self.traceparent,
            self.token,
            None if self.sequence is None else str(self.sequence),
            self.sender,
        ]

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers as Kafka carries them."""
        return headers_of(self.values())


def headers_of(values: Iterable[str | None]) -> list[tuple[str, bytes]]:
    """The values of `Envelope.values` as Kafka headers."""
    return [(name, value.encode()) for name, value in zip(NAMES, values, strict=False) if value is not None]


@lru_cache(10_000)
def _instant(time: datetime) -> str:
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def text_headers(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """The values of our headers, by name; the first value of a repeated header counts.

    It ignores all other headers. EnvelopeUnreadable: one of our headers has no value, or its value is not
    UTF-8.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        if name not in _OURS:
            continue
        if value is None:
            raise EnvelopeUnreadable(f"header {name!r} has no value")
        try:
            found.setdefault(name, value.decode())
        except UnicodeDecodeError:
            raise EnvelopeUnreadable(f"header {name!r} is not UTF-8") from None
    return found


def envelope_of(found: dict[str, str], received_at: datetime) -> Envelope:
    """Read the headers of a message. Only `ce_id` and `ce_type` are required."""
    get = found.get
    for name in ("ce_id", "ce_type"):
        if not get(name):
            raise EnvelopeUnreadable(f"header {name!r} is missing")
    # Positional arguments: keywords take twice as long, and every message needs an Envelope.
    return Envelope(
        found["ce_id"],
        found["ce_type"],
        get("ce_source", ""),
        get("ce_subject", ""),
        received_at,
        get("ce_dataschema", "").removeprefix(SCHEMA_URN),
        get("correlation", "")[:_LONGEST_CORRELATION] or None,
        get("causation"),
        readable_trace(get("traceparent")),
        get("token"),
        _whole(get("ce_sequence")),
        get("sender"),
    )


def readable_trace(text: str | None) -> str | None:
    """The text, if it is a W3C `traceparent`; else None."""
    return text if text and _TRACEPARENT.fullmatch(text) else None


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise EnvelopeUnreadable("header 'ce_sequence' is not a whole number")
    return int(text)
