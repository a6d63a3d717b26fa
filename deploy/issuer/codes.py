"""Authorization codes. Each is used once, within 60 seconds, by the client that asked for it."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.issuer.authorization import AuthorizationRequest
from deploy.issuer.grant import Clock, Grant
from deploy.issuer.people import Person
from deploy.issuer.refusal import Refusal

LIFE = timedelta(seconds=60)

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class CodeReused(Refusal):
    """A code came a second time: one of the two senders has stolen it. `grant_id`: what the first one got."""

    def __init__(self, grant_id: str) -> None:
        super().__init__("invalid_grant", "The code was used before. Its refresh token is revoked.")
        self.grant_id = grant_id


@dataclass(slots=True)
class _Issued:
    grant: Grant
    redirect_uri: str
    challenge: str
    expires_at: datetime
    used: bool = False


class Codes:
    """The codes of the last 60 seconds, in memory."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._issued: dict[str, _Issued] = {}

    def issue(self, request: AuthorizationRequest, person: Person) -> str:
        """A new code for a person who has signed in."""
        now = self._now()
        self._issued = {code: one for code, one in self._issued.items() if now < one.expires_at}
        grant = Grant(secrets.token_urlsafe(16), person, request.client_id, request.scope, request.nonce, now)
        code = secrets.token_urlsafe(32)
        self._issued[code] = _Issued(grant, request.answer_to.redirect_uri, request.challenge, now + LIFE)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str) -> Grant:
        """What was granted. The code is used up, even if the request is refused.

        CodeReused: it was used before. Refusal: it is unknown or expired, or was issued for another client,
        redirect address or verifier.
        """
        issued = self._issued.get(code)
        if issued is None or self._now() >= issued.expires_at:
            raise Refusal("invalid_grant", "The code is unknown, or older than 60 seconds.")
        if issued.used:
            raise CodeReused(issued.grant.id)
        issued.used = True
        if (client_id, redirect_uri) != (issued.grant.client_id, issued.redirect_uri):
            raise Refusal("invalid_grant", "The code was issued for another client_id or redirect_uri.")
        if not _proves(verifier, issued.challenge):
            raise Refusal("invalid_grant", "code_verifier does not match the code_challenge.")
        return issued.grant


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _proves(verifier: str, challenge: str) -> bool:
    return bool(_VERIFIER.fullmatch(verifier)) and hmac.compare_digest(challenge_of(verifier), challenge)
