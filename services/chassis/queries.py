"""Reading what a service knows of one subject."""

from services.chassis.store import known

__all__ = ["known"]
