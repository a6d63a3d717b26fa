"""The tables of intake."""

from alembic import op

from intake.tables import METADATA

revision = "intake1"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    METADATA.create_all(op.get_bind(), checkfirst=False)
