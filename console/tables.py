"""The console's tables. None holds a student's record; texts that may name a person are encrypted."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import UUID

METADATA = MetaData()

_AT = DateTime(timezone=True)

sign_ins = Table(
    "sign_ins",
    METADATA,
    Column("id", LargeBinary, primary_key=True),
    Column("sub", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("lea", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("tokens", LargeBinary, nullable=False),
    Column("token_expires_at", _AT, nullable=False),
    Column("began_at", _AT, nullable=False, server_default=func.now()),
    Column("seen_at", _AT, nullable=False, server_default=func.now()),
    comment="People who are signed in. id is the SHA-256 of the cookie; the tokens are encrypted.",
)

searches = Table(
    "searches",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("sign_in", LargeBinary, ForeignKey("sign_ins.id", ondelete="CASCADE"), nullable=False),
    Column("wanted", LargeBinary, nullable=False),
    Index("searches_sign_in", "sign_in"),
    comment="What a signed-in person searched for, encrypted, so that no name stands in an address.",
)

opened = Table(
    "opened",
    METADATA,
    Column("person", Text, primary_key=True),
    Column("student_id", Text, primary_key=True),
    Column("at", _AT, nullable=False, server_default=func.now()),
    Index("opened_latest", "person", "at"),
    comment="The students whom a person opened last: State IDs only.",
)

sent = Table(
    "sent",
    METADATA,
    Column("command_id", UUID(as_uuid=True), primary_key=True),
    Column("person", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("typed", LargeBinary, nullable=False),
    Column("sent_at", _AT, nullable=False, server_default=func.now()),
    Column("status", Text),
    Column("answered_at", _AT),
    Index("sent_latest", "person", "sent_at"),
    comment="Commands that people sent from a form: where to ask for the outcome, and what they typed"
    " (encrypted), so that a refused form can be opened again.",
)
