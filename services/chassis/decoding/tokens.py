"""Reading signed tokens.

A token is judged at the time Kafka received the message, so that a backlog does not expire it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from pydantic import ValidationError

from contracts import errors
from contracts.access import Actor, Role
from contracts.errors import Finding
from services.chassis.decoding.keys import ALGORITHMS, Keys
from services.chassis.hosting.settings import Settings

_REMEMBERED = 10_000
_LONGEST = 4096
_LEEWAY = timedelta(seconds=60)
"""So far the issuer's clock may be ahead of Kafka's."""


class _Untrusted(Exception):
    """Raised, not returned: only tokens that can be trusted are remembered."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class _Verified:
    actor: Actor
    begins_at: datetime
    expires_at: datetime


class Tokens:
    """Verifies tokens with the issuer's keys; a token verified once is not verified again."""

    def __init__(self, settings: Settings, keys: Keys | None = None) -> None:
        self.keys = keys or Keys(settings.token_keys)
        self._settings = settings
        self._verified = lru_cache(_REMEMBERED)(self._verify)

    def read(self, token: str | None, at: datetime) -> Actor | Finding:
        """Who bears the token at the instant `at`, or why it cannot be trusted.

        For an unknown key the key set is read again, which may block.
        """
        read = self._read(token, at)
        return self._read(token, at) if _of_unknown_key(read) and self.keys.reread() else read

    async def read_for_http(self, token: str | None) -> Actor | Finding:
        """The same, now; other requests go on while the key set is read again."""
        at = datetime.now(UTC)
        read = self._read(token, at)
        if _of_unknown_key(read) and await asyncio.to_thread(self.keys.reread):
            return self._read(token, at)
        return read

    def _read(self, token: str | None, at: datetime) -> Actor | Finding:
        token = (token or "").strip()
        if not token:
            return errors.TOKEN_MISSING.broken()
        if len(token) > _LONGEST:
            return errors.TOKEN_TOO_LARGE.broken(limit=_LONGEST)
        try:
            verified = self._verified(token, self.keys.version)
        except _Untrusted as untrusted:
            return untrusted.finding
        if at < verified.begins_at - _LEEWAY:
            return errors.TOKEN_NOT_YET.broken()
        return verified.actor if at < verified.expires_at else errors.TOKEN_EXPIRED.broken()

    def _verify(self, token: str, _: int) -> _Verified:
        if token.lower().startswith("bearer"):
            raise _Untrusted(errors.TOKEN_PREFIXED.broken())
        claims, longest = self._signed(token), self._settings.token_hours
        expires_at = _instant(claims, "exp")
        begins_at = _instant(claims, "iat" if "iat" in claims or "nbf" not in claims else "nbf")
        if expires_at - begins_at > timedelta(hours=longest):
            raise _Untrusted(errors.TOKEN_TOO_LONG.broken(hours=f"{longest:g}"))
        if "nbf" in claims:
            begins_at = max(begins_at, _instant(claims, "nbf"))
        return _Verified(self._actor(claims), begins_at, expires_at)

    def _signed(self, token: str) -> dict[str, Any]:
        """The claims of a token that the trusted issuer signed for this system."""
        trusted = self._settings
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_sub": False}
        try:
            key = self.keys.find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise _Untrusted(errors.TOKEN_KEY_UNKNOWN.broken())
            return jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=trusted.token_audience,
                issuer=trusted.token_issuer,
                options=options,
            )
        except jwt.InvalidAudienceError as failure:
            raise _Untrusted(errors.TOKEN_AUDIENCE.broken(audience=trusted.token_audience)) from failure
        except jwt.InvalidIssuerError as failure:
            raise _Untrusted(errors.TOKEN_ISSUER.broken(issuer=trusted.token_issuer)) from failure
        except jwt.MissingRequiredClaimError as failure:
            raise _Untrusted(errors.TOKEN_CLAIM.broken(claim=failure.claim)) from failure
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as failure:
            raise _Untrusted(errors.TOKEN_INVALID.broken()) from failure

    def _actor(self, claims: Mapping[str, Any]) -> Actor:
        names = {field: self._settings.token_claims.get(field, field) for field in Actor.model_fields}
        values = {field: _claim(claims, name) for field, name in names.items()}
        values["roles"] = self._roles(values["roles"])
        if not values["roles"]:
            raise _Untrusted(errors.TOKEN_NO_ROLE.broken(known=", ".join(self._known_roles)))
        try:
            return Actor.model_validate(values)
        except ValidationError as invalid:
            wrong = str(invalid.errors()[0]["loc"][0])
            raise _Untrusted(errors.TOKEN_CLAIM.broken(claim=names[wrong])) from invalid

    @property
    def _known_roles(self) -> Mapping[str, Role]:
        return self._settings.token_roles or {role.value: role for role in Role}

    def _roles(self, named: Any) -> frozenset[Role]:
        """The known roles among those that a token names; it may name others, for other systems."""
        known = self._known_roles
        names = named.split() if isinstance(named, str) else named if isinstance(named, list) else ()
        return frozenset(known[name] for name in names if isinstance(name, str) and name in known)


def _of_unknown_key(read: Actor | Finding) -> bool:
    return isinstance(read, Finding) and read.code == errors.TOKEN_KEY_UNKNOWN.code


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(claims[name], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as failure:
        raise _Untrusted(errors.TOKEN_CLAIM.broken(claim=name)) from failure


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """What a claim says. `realm_access.roles` is a claim within a claim, unless one has that very name."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
