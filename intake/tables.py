"""The tables of intake. Cells and values name students: they are deleted after 14 days."""

import uuid

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
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
from sqlalchemy.dialects.postgresql import JSONB, UUID

METADATA = MetaData()

_AT = DateTime(timezone=True)
_NOTHING = text("'[]'")


def _batch() -> Column[uuid.UUID]:
    return Column(
        "batch_id", UUID(as_uuid=True), ForeignKey("batches.batch_id", ondelete="CASCADE"), primary_key=True
    )


batches = Table(
    "batches",
    METADATA,
    Column("batch_id", UUID(as_uuid=True), primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("lea", Text, nullable=False),
    Column("sub", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("token_expires_at", _AT, nullable=False),
    Column("state", Text, nullable=False),
    Column("checks", Boolean, nullable=False),
    Column("findings", JSONB, nullable=False, server_default=_NOTHING),
    Column("students", Integer),
    Column("received_at", _AT, nullable=False, server_default=func.now()),
    Column("read_at", _AT),
    Column("done_at", _AT),
    Column("emptied", Boolean, nullable=False, server_default=text("false")),
    Index("batches_digest", "lea", "digest", unique=True),
    Index("batches_latest", "lea", "number"),
    Index("batches_open", "number", postgresql_where=text("state IN ('received', 'reading', 'sending')")),
    comment="What LEAs sent. digest: of bytes and options; token: encrypted; checks: read, send nothing.",
)

contents = Table(
    "contents",
    METADATA,
    _batch(),
    Column("piece", Integer, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    comment="The bytes of a batch in pieces, until its rows are read.",
)

files = Table(
    "files",
    METADATA,
    _batch(),
    Column("place", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("record_type", Text, nullable=False),
    Column("header", ARRAY(Text), nullable=False),
    Column("read", Integer, nullable=False),
    Column("blank", Integer, nullable=False),
    Column("unlisted", Integer, nullable=False),
    Column("findings", JSONB, nullable=False),
    comment="The files of a batch in their order. unlisted: how many of its rows have no row in `rows`.",
)

rows = Table(
    "rows",
    METADATA,
    _batch(),
    Column("number", Integer, primary_key=True),
    Column("file", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("row_id", Text, nullable=False),
    Column("student_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("cells", ARRAY(Text)),
    Column("values", JSONB),
    Column("verdict", Text),
    Column("findings", JSONB, nullable=False, server_default=_NOTHING),
    Column("because", Integer),
    Index("rows_open", "batch_id", "subject", postgresql_where=text("verdict IS NULL")),
    comment="Every row of a batch. subject: rows of one subject are sent one after the other."
    " verdict: none yet. because: the row on which a skipped one hangs.",
)

commands = Table(
    "commands",
    METADATA,
    Column("command_id", UUID(as_uuid=True), primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("batch_id", UUID(as_uuid=True), nullable=False),
    Column("row", Integer, nullable=False),
    Column("command", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", Text),
    Column("findings", JSONB, nullable=False, server_default=_NOTHING),
    Column("planned_at", _AT, nullable=False, server_default=func.now()),
    ForeignKeyConstraint(["batch_id"], ["batches.batch_id"], ondelete="CASCADE"),
    Index("commands_record", "record", "number"),
    Index("commands_batch", "batch_id", "record"),
    comment="Every command, written down before it is sent. record: digest of LEA, record type, key and"
    " command; content: digest of that and the body. status: none before the first outcome.",
)
