"""The tables of the console."""

from alembic import op

from console.tables import METADATA

revision = "console1"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    METADATA.create_all(op.get_bind(), checkfirst=False)
