"""The OpenID Connect client: where to sign in, and what the issuer says of the person who did."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import jwt
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from console.settings import Settings
from console.sign_ins import Tokens
from contracts.codes import LEAS
from contracts.roles import STATE, Role

log = structlog.get_logger()

_ALGORITHMS = ("EdDSA", "ES256", "RS256")
_METADATA_SECONDS = 3600
_LEEWAY_SECONDS = 60


class IssuerAway(Exception):
    """The issuer does not answer, or not as an OpenID Connect issuer does."""


class Untrusted(Exception):
    """The issuer's answer does not belong to this sign-in, or is not signed by the issuer."""


class NoRole(Exception):
    """The person is known to the issuer, but has no LEA or no role that SER knows."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What must be known again when the person comes back from the issuer."""

    state: str
    nonce: str
    verifier: str
    to: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the issuer says of a person who has signed in."""

    claims: Mapping[str, Any]
    roles: frozenset[Role]
    tokens: Tokens


class OpenId:
    """Talks to the issuer: authorization code with PKCE (S256), state and nonce."""

    def __init__(self, settings: Settings, client: httpx2.AsyncClient) -> None:
        self._settings, self._http = settings, client
        self._metadata: Mapping[str, Any] = {}
        self._metadata_at = 0.0
        self._keys: jwt.PyJWKSet | None = None

    @property
    def returns_to(self) -> str:
        """The console's address to which the issuer sends people back."""
        return f"{self._settings.url}/signed-in"

    async def begin(self, to: str) -> tuple[str, Beginning]:
        """The issuer's address to go to, and what to remember until the person is back."""
        beginning = Beginning(_random(), _random(), _random(), to)
        endpoint = (await self.metadata())["authorization_endpoint"]
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                endpoint, state=beginning.state, nonce=beginning.nonce, code_verifier=beginning.verifier
            )
        return url, beginning

    async def finish(self, beginning: Beginning, code: str) -> SignedIn:
        """Exchange the code for tokens, and verify the ID token."""
        endpoint = (await self.metadata())["token_endpoint"]
        try:
            async with self._client() as client:
                given = await client.fetch_token(
                    endpoint, code=code, code_verifier=beginning.verifier, grant_type="authorization_code"
                )
        except OAuthError as refusal:
            raise Untrusted(str(refusal.error)) from refusal
        except (httpx2.HTTPError, ValueError) as failure:
            raise IssuerAway from failure
        claims = await self._verified(str(given.get("id_token", "")))
        if claims.get("nonce") != beginning.nonce:
            raise Untrusted("nonce")
        named = self._named(claims)
        return SignedIn(named, _roles(named), _tokens(given))

    async def renewed(self, tokens: Tokens) -> Tokens | None:
        """New tokens for a person whose access token ends; None if the issuer gives none."""
        if not tokens.refresh:
            return None
        endpoint = (await self.metadata())["token_endpoint"]
        try:
            async with self._client() as client:
                given = await client.refresh_token(endpoint, refresh_token=tokens.refresh)
        except OAuthError:
            return None
        except (httpx2.HTTPError, ValueError) as failure:
            raise IssuerAway from failure
        return _tokens({"id_token": tokens.identity, "refresh_token": tokens.refresh, **given})

    async def end(self, tokens: Tokens) -> str:
        """Revoke the refresh token. Returns the issuer's address that ends the sign-in there, or ours."""
        after = f"{self._settings.url}/signed-out"
        try:
            metadata = await self.metadata()
            if tokens.refresh and (endpoint := metadata.get("revocation_endpoint")):
                async with self._client() as client:
                    await client.revoke_token(endpoint, token=tokens.refresh, token_type_hint="refresh_token")
        except (IssuerAway, OAuthError, httpx2.HTTPError):
            log.warning("refresh token not revoked")
            return after
        if not (ending := metadata.get("end_session_endpoint")):
            return after
        return f"{ending}?" + urlencode(
            {
                "id_token_hint": tokens.identity,
                "client_id": self._settings.client_id,
                "post_logout_redirect_uri": after,
            }
        )

    async def metadata(self) -> Mapping[str, Any]:
        """What the issuer says of itself, read at most once an hour."""
        if not self._metadata or time.monotonic() - self._metadata_at > _METADATA_SECONDS:
            issuer = self._settings.issuer.rstrip("/")
            found = await self._fetch(f"{issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != issuer:
                raise IssuerAway("the address names another issuer")
            self._metadata, self._metadata_at = found, time.monotonic()
        return self._metadata

    async def _fetch(self, url: str) -> Mapping[str, Any]:
        try:
            response = await self._http.get(url, timeout=self._settings.part_seconds)
            response.raise_for_status()
            found = response.json()
        except (httpx2.HTTPError, ValueError) as failure:
            raise IssuerAway(type(failure).__name__) from failure
        if not isinstance(found, dict):
            raise IssuerAway("no JSON object")
        return found

    def _client(self) -> AsyncOAuth2Client:
        settings = self._settings
        secret = settings.client_secret.get_secret_value()
        return AsyncOAuth2Client(
            settings.client_id,
            secret or None,
            scope=settings.scope,
            redirect_uri=self.returns_to,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            timeout=self._settings.part_seconds,
            trust_env=False,
        )

    async def _verified(self, token: str) -> Mapping[str, Any]:
        metadata = await self.metadata()
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._settings.client_id,
                issuer=metadata["issuer"],
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "nonce"]},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError) as failure:
            raise Untrusted(type(failure).__name__) from failure
        return claims

    async def _key(self, kid: str | None) -> jwt.PyJWK:
        """The issuer's key with this id; the key set is read again if it has none."""
        for known in (self._keys, None):
            if known is None:
                address = (await self.metadata())["jwks_uri"]
                known = self._keys = jwt.PyJWKSet.from_dict(dict(await self._fetch(address)))
            for key in known.keys:
                if key.key_id == kid:
                    return key
        raise Untrusted("key")

    def _named(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """The claims under our names."""
        names = self._settings.claims
        found = {name: _claim(claims, names.get(name, name)) for name in ("sub", "name", "lea", "roles")}
        return found | {"name": str(found["name"] or found["sub"])}


def _random() -> str:
    return secrets.token_urlsafe(32)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name; `a.b` is the claim `b` within the claim `a`."""
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _roles(claims: Mapping[str, Any]) -> frozenset[Role]:
    """The roles that SER knows; the issuer may name others, for other systems."""
    named = claims["roles"]
    names = named.split() if isinstance(named, str) else named if isinstance(named, list) else ()
    known = {role.value: role for role in Role}
    found = frozenset(known[name] for name in names if isinstance(name, str) and name in known)
    lea = claims["lea"]
    if not found or lea not in (*LEAS, STATE):
        raise NoRole
    return found


def _tokens(given: Mapping[str, Any]) -> Tokens:
    seconds = float(given.get("expires_in", 300))
    return Tokens(
        str(given["access_token"]),
        datetime.now(UTC) + timedelta(seconds=seconds),
        str(given.get("refresh_token") or ""),
        str(given.get("id_token") or ""),
    )
