"""Reading signed tokens.

A token is judged at the time Kafka received the message, so that a backlog does not expire it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import ValidationError

from contracts.access import AUDIENCE, Actor
from contracts.errors import TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_MISSING, Finding

_ALGORITHM = "EdDSA"
_REMEMBERED = 10_000
_LONGEST = 4096


class _Untrusted(Exception):
    """Raised, not returned: only tokens that can be trusted are remembered."""


@dataclass(frozen=True, slots=True)
class _Verified:
    actor: Actor
    expires_at: datetime


class Tokens:
    """Verifies tokens with the issuer's public key; a token verified once is not verified again."""

    def __init__(self, public_key: Path) -> None:
        self._key = load_pem_public_key(public_key.read_bytes())
        self._verified = lru_cache(_REMEMBERED)(self._verify)

    def read(self, token: str | None, at: datetime) -> Actor | Finding:
        """Who bears the token at the instant `at`, or why it cannot be trusted."""
        if not token:
            return TOKEN_MISSING.broken()
        if len(token) > _LONGEST:
            return TOKEN_INVALID.broken()
        try:
            verified = self._verified(token)
        except _Untrusted:
            return TOKEN_INVALID.broken()
        return verified.actor if at < verified.expires_at else TOKEN_EXPIRED.broken()

    def _verify(self, token: str) -> _Verified:
        options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "sub"]}
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
            return _Verified(Actor.model_validate(claims), datetime.fromtimestamp(claims["exp"], UTC))
        except (jwt.InvalidTokenError, ValidationError, ValueError, TypeError, OverflowError) as failure:
            raise _Untrusted from failure
