"""Tokens of those who act in the demonstration, signed by the development issuer, each once."""

from functools import cache, cached_property

from contracts.access import STATE, Role
from contracts.types import LeaCode
from deploy.local.issuer import Issuer

_HOURS = 24.0
_SUBJECT = "demo"


class Tokens:
    """By LEA: somebody who writes and submits IEPs; and somebody of the state, who sees everything."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self.lea = cache(self._lea)

    @cached_property
    def state(self) -> str:
        """Of somebody of the state."""
        return self._issuer.token(STATE, (Role.STATE,), _SUBJECT, _HOURS)

    def expired(self, lea: LeaCode) -> str:
        """Of somebody of an LEA, good until an hour ago."""
        return self._issuer.token(lea, (Role.WRITER,), _SUBJECT, hours=-1)

    def _lea(self, lea: LeaCode) -> str:
        return self._issuer.token(lea, (Role.WRITER, Role.IEP_SUBMITTER), _SUBJECT, _HOURS)
