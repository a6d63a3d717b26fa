"""Kafka messages with envelopes and tokens, and the decoders that read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from contracts.access import STATE, Role
from contracts.catalog import Entry
from contracts.envelope import Envelope
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import RawMessage
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings
from tests.architecture.system import SERVICES

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
STUDENT = "1000000001"
_HOURS = 24 * 3650
_SENDERS: dict[str, tuple[str, Sequence[Role]]] = {
    "owner": ("017", (Role.WRITER, Role.IEP_SUBMITTER)),
    "other LEA": ("026", (Role.WRITER, Role.IEP_SUBMITTER)),
    "reader": ("017", (Role.READER,)),
    "state": (STATE, (Role.STATE, Role.WRITER, Role.IEP_SUBMITTER)),
}

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass
class Senders:
    """The senders with their tokens, and a decoder for each service."""

    home: Path
    tokens: dict[str, str] = field(default_factory=dict)
    decoders: dict[str, Decoder] = field(default_factory=dict)

    def __post_init__(self) -> None:
        issuer = Issuer(Home(self.home))
        settings = Settings(
            database=SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"),
            token_keys=str(issuer.make_keys()),
            token_hours=_HOURS,
        )
        self.tokens = {
            who: issuer.token(lea, roles, who, _HOURS, NOON - timedelta(days=1))
            for who, (lea, roles) in _SENDERS.items()
        }
        self.tokens |= {"nobody": "", "forger": "e30.e30.c2ln"}
        trusted = Tokens(settings)
        self.decoders = {name: Decoder(service, settings, trusted) for name, service in SERVICES.items()}

    def headers(self, entry: Entry, identity: str, who: str = "owner", sequence: int = 1) -> Headers:
        """The headers of a valid message."""
        envelope = Envelope(
            id=identity,
            type=entry.name,
            source="/test",
            subject=STUDENT,
            time=NOON,
            schema=entry.schema_id,
            token=self.tokens[who] or None,
            sequence=sequence,
        )
        return tuple(envelope.headers())


def readers(entry: Entry) -> list[ServiceDefinition]:
    """The services that read a message."""
    return [service for service in SERVICES.values() if entry in service.consumed]


def raw_message(
    entry: Entry,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    *,
    at: datetime = NOON,
    offset: int = 0,
) -> RawMessage:
    """A Kafka message on the topic of `entry`."""
    return RawMessage(entry.topic(), 0, offset, key, value, headers, at)
