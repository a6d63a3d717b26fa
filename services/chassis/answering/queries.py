"""Reads a service's records about one subject."""

from services.chassis.keeping.loading import known

__all__ = ["known"]
