"""Reading what a service knows of one subject."""

from services.chassis.keeping.loading import known

__all__ = ["known"]
