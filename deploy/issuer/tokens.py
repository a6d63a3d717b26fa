"""Access tokens and ID tokens.

The services verify the access token: its `iss` and `aud` are those that they expect. The ID token is for the
client alone: its `iss` is the issuer's address, and no service accepts it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt

from deploy.issuer.grant import Clock, Grant
from deploy.local.issuer import ALGORITHM, Issuer


class Tokens:
    """Makes tokens of a grant. `life`: how long each holds."""

    def __init__(self, signer: Issuer, url: str, life: timedelta, now: Clock) -> None:
        self._signer = signer
        self._url = url
        self._now = now
        self.life = life

    def access(self, grant: Grant) -> str:
        """The access token."""
        now, person = self._now(), grant.person
        return self._signer.token(
            person.lea,
            person.roles,
            person.sub,
            hours=self.life / timedelta(hours=1),
            since=now,
            also={"nbf": now, "name": person.name},
        )

    def identity(self, grant: Grant) -> str:
        """The ID token."""
        now, person = self._now(), grant.person
        claims = {
            "iss": self._url,
            "aud": grant.client_id,
            "sub": person.sub,
            "name": person.name,
            "lea": person.lea,
            "roles": [role.value for role in person.roles],
            "sid": grant.id,
            "auth_time": int(grant.signed_in_at.timestamp()),
            "iat": now,
            "exp": now + self.life,
        }
        return self._signer.sign(claims if grant.nonce is None else {**claims, "nonce": grant.nonce})

    def read_identity(self, token: str, client_id: str) -> Mapping[str, Any] | None:
        """The claims of an ID token of this client, expired or not. None: the issuer did not sign it."""
        (key,) = jwt.PyJWKSet.from_dict(self._signer.key_set()).keys
        # RP-initiated logout accepts an expired ID token as a hint.
        options: Any = {"verify_exp": False, "verify_iat": False}
        try:
            return jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=client_id, issuer=self._url, options=options
            )
        except jwt.InvalidTokenError:
            return None
