"""The development issuer of tokens: a key pair of this run directory, made on first use."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from contracts.access import AUDIENCE, Role
from deploy.local.home import Home, write_whole


class Issuer:
    """Signs tokens that the services of this run directory believe, and no others do."""

    def __init__(self, home: Home) -> None:
        self._private = home.root / "keys" / "issuer.pem"
        self.public_key = home.root / "keys" / "issuer.public.pem"

    def make_keys(self) -> Path:
        """Makes the key pair if there is none; the path of the public key."""
        if not self._private.exists() or not self.public_key.exists():
            key = Ed25519PrivateKey.generate()
            self._private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            write_whole(self._private, private.decode())
            write_whole(self.public_key, public.decode(), mode=0o644)
        return self.public_key

    def token(self, lea: str, roles: Sequence[Role], subject: str, hours: float = 8) -> str:
        """A signed token (JWT, EdDSA) of somebody in an LEA, from now and for so many hours."""
        self.make_keys()
        now = datetime.now(UTC)
        claims = {
            "sub": subject,
            "lea": lea,
            "roles": [role.value for role in roles],
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + timedelta(hours=hours),
        }
        return jwt.encode(claims, self._private.read_bytes(), algorithm="EdDSA")
