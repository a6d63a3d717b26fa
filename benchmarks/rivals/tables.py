"""What the rivals of students keep: whom eScholar knows and who is a student, a row each."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The rivals' tables."""


class IdentityRow(Base):
    """Whom eScholar knows."""

    __tablename__ = "identities"

    student_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class StudentRow(Base):
    """A student as added."""

    __tablename__ = "students"

    student_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
