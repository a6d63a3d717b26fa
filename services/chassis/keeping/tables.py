"""The tables every service has in its own database."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

METADATA = MetaData()

_AT = DateTime(timezone=True)
_KEY = Text(collation="C")
"""What rows are found by, byte by byte. A language's order costs more, and changes with its library."""


def _state() -> Iterator[Column[Any]]:
    """The columns of a record's state. A column belongs to one table, so each table gets its own."""
    yield from (Column(name, _KEY, primary_key=True) for name in ("subject", "kind", "record_id"))
    yield Column("revision", Integer, nullable=False)
    yield Column("body", JSONB, nullable=False)


def _changed() -> Iterator[Column[Any]]:
    """The columns of who changed a record, and when."""
    yield Column("changed_by", Text)
    yield Column("changed_at", _AT)


records = Table(
    "records",
    METADATA,
    *_state(),
    *_changed(),
    comment="The newest state of each record, a row each; body is its message. changed_by: the sender of the"
    " command that caused this state, if one did. changed_at: when Kafka received the message that did.",
)

contents = Table(
    "contents",
    METADATA,
    *_state(),
    Index("contents_ids", "record_id", "kind"),
    comment="Records stored apart: loaded only for the decisions that name them. They stay under the subject"
    " under which they were written. The record of the same id says where they stand.",
)

departed = Table(
    "departed",
    METADATA,
    *_state(),
    *_changed(),
    comment="The last states of records that have moved to another subject; body says to which.",
)

aggregates = Table(
    "aggregates",
    METADATA,
    Column("subject", _KEY, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="One row a subject: a late writer is found by it; revision counts writes, sequence events.",
)

ledger = Table(
    "ledger",
    METADATA,
    Column("command_id", UUID(as_uuid=True), primary_key=True),
    Column("subject", _KEY, nullable=False),
    Column("scope", Text, nullable=False),
    Column("sender", _KEY, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("outcome", JSONB, nullable=False),
    Column("received_at", _AT, nullable=False),
    Column("at", _AT, nullable=False, server_default=func.now()),
    Index("ledger_sender", "sender", "received_at"),
    comment="The outcome of every command, for ever: proof that it was taken once, and the sender's receipt."
    " received_at: when Kafka received the command. at: when the service gave the outcome.",
)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("keys", ARRAY(Text), nullable=False),
    Column("headers", ARRAY(Text), nullable=False),
    Column("bodies", ARRAY(Text), nullable=False),
    Column("at", _AT, nullable=False, server_default=func.now()),
    comment="Messages to publish: one row for each topic of a transaction. The relay deletes a row after"
    " Kafka has confirmed all its messages.",
)

unannounced = Table(
    "unannounced",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("sequences", ARRAY(BigInteger), nullable=False),
    comment="The subjects about which a transaction published events, with the sequence that each reached."
    " A heartbeat names the subjects and deletes the row.",
)

heartbeat = Table(
    "heartbeat",
    METADATA,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("number", BigInteger, nullable=False),
    comment="The number of the last heartbeat that named subjects. Who writes a heartbeat locks this row.",
)

set_aside = Table(
    "set_aside",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("written_at", _AT, nullable=False),
    Column("at", _AT, nullable=False, server_default=func.now()),
    comment="Messages that Kafka refused for good, with its reason. An operator puts them back.",
)

held = Table(
    "held",
    METADATA,
    Column("subject", _KEY, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", Text, nullable=False),
    Column("received_at", _AT, nullable=False),
    Column("until", _AT),
    Column("reason", Text, nullable=False),
    Column("finding", JSONB, nullable=False),
    Column("command", Boolean, nullable=False),
    Column("actor", Text),
    Column("message_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("looks_at", ARRAY(Text), nullable=False),
    Column("seen", BigInteger, nullable=False),
    Index("held_until", "until"),
    Index("held_looking", "subject", postgresql_where=text("looks_at <> '{}'")),
    Index("held_defects", "subject", postgresql_where=text("until IS NULL")),
    comment="Messages that wait, in order, by subject; without `until` a defect holds them.",
)

held_actions = Table(
    "held_actions",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _AT, nullable=False, server_default=func.now()),
    Column("operator", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", _KEY, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("held_actions_subject", "subject", "id"),
    comment="What operators did about held messages: who, when, what and why.",
)

reads = Table(
    "reads",
    METADATA,
    Column("topic", _KEY, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("result", _KEY, primary_key=True),
    Column("messages", BigInteger, nullable=False),
    comment="What became of every record read: applied, duplicate, held or dead letter.",
)

access_log = Table(
    "access_log",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _AT, nullable=False, server_default=func.now()),
    Column("viewer", Text, nullable=False),
    Column("scope", _KEY, nullable=False),
    Column("roles", Text, nullable=False),
    Column("subject", _KEY, nullable=False),
    Column("what", Text, nullable=False),
    Column("seen", Boolean, nullable=False, server_default=text("true")),
    Index("access_log_subject", "subject", "at"),
    Index("access_log_scope", "scope", "at"),
    comment="Who looked at whose record, and who tried to.",
)
