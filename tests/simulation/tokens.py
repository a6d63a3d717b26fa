"""Signed tokens of a simulated run: real ones, that hold for as long as it may last."""

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.access import AUDIENCE, Role
from services.chassis.tokens import Tokens
from tests.simulation.scheduler import BEGINNING


@dataclass(frozen=True)
class Sender:
    """Who sends: somebody of an LEA, a writer who may submit IEPs unless other roles are given."""

    lea: str
    roles: tuple[Role, ...] = (Role.WRITER, Role.IEP_SUBMITTER)


@cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@cache
def token_of(sender: Sender) -> str:
    """The sender's token."""
    claims = {
        "sub": "a.coordinator",
        "lea": sender.lea,
        "roles": [role.value for role in sender.roles],
        "aud": AUDIENCE,
        "iat": BEGINNING,
        "exp": BEGINNING + timedelta(days=2),
    }
    return jwt.encode(claims, _key(), algorithm="EdDSA")


@cache
def tokens() -> Tokens:
    """What verifies them: the services' own verification, with the public key."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        file.flush()
        return Tokens(Path(file.name))
