"""The development issuer: it signs tokens with a key pair of this run directory."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

from contracts.access import AUDIENCE, ISSUER, Role
from deploy.local.home import Home, write_whole

ALGORITHM = "EdDSA"


class Issuer:
    """Signs tokens. Only the services of this run directory accept them."""

    def __init__(self, home: Home) -> None:
        self._private = home.root / "keys" / "issuer.pem"
        self.keys = home.root / "keys" / "issuer.jwks.json"

    def make_keys(self) -> Path:
        """Makes the key pair if there is none. Returns the path of the key set with its public key."""
        if not self._private.exists():
            key = Ed25519PrivateKey.generate()
            self._private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_whole(self._private, private.decode())
            self.keys.unlink(missing_ok=True)
        if not self.keys.exists():
            public = _public(self._private.read_bytes())
            write_whole(self.keys, json.dumps({"keys": [public]}, indent=2), mode=0o644)
        return self.keys

    def token(
        self,
        lea: str,
        roles: Sequence[Role],
        subject: str,
        hours: float = 8,
        since: datetime | None = None,
        also: Mapping[str, Any] | None = None,
    ) -> str:
        """A signed token (JWT, EdDSA) for a person in an LEA, valid for `hours` from now or from `since`.

        `also`: further claims.
        """
        now = since or datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "lea": lea,
            "roles": [role.value for role in roles],
            "iat": now,
            "exp": now + timedelta(hours=hours),
        }
        return self.sign(claims | dict(also or {}))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT with these claims, signed with the key of this run directory."""
        kid = self.key_set()["keys"][0]["kid"]
        return jwt.encode(dict(claims), self._private.read_bytes(), algorithm=ALGORITHM, headers={"kid": kid})

    def key_set(self) -> dict[str, Any]:
        """The key set (JWKS) with the public key. The first call makes the keys."""
        return dict(json.loads(self.make_keys().read_text()))


def _public(private: bytes) -> dict[str, str]:
    """The public key of a private one, as a key set holds it. Another key has another id."""
    key = load_pem_private_key(private, None)
    assert isinstance(key, Ed25519PrivateKey)
    described = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    kid = hashlib.sha256(str(described["x"]).encode()).hexdigest()[:16]
    return {**described, "kid": kid, "use": "sig", "alg": ALGORITHM}
