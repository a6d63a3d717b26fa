"""Reading what a service knows of one subject."""

from services.chassis.keeping.store import known

__all__ = ["known"]
