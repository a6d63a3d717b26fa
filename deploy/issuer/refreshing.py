"""Refresh tokens. Each is used once and replaced; a second use of one revokes its successors."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.issuer.grant import Clock, Grant
from deploy.issuer.refusal import Refusal


@dataclass(slots=True)
class _Session:
    grant: Grant
    newest: str
    expires_at: datetime


class RefreshTokens:
    """The newest refresh token of each grant, in memory. `life`: from signing in to its last end."""

    def __init__(self, now: Clock, life: timedelta) -> None:
        self._now = now
        self._life = life
        self._sessions: dict[str, _Session] = {}

    def begin(self, grant: Grant) -> str:
        """The first refresh token of a grant."""
        now = self._now()
        self._sessions = {key: one for key, one in self._sessions.items() if now < one.expires_at}
        token = _token(grant)
        self._sessions[grant.id] = _Session(grant, token, grant.signed_in_at + self._life)
        return token

    def rotate(self, token: str, client_id: str) -> tuple[Grant, str]:
        """The grant, and the token that replaces this one.

        Refusal: the token is unknown, expired, revoked or another client's, or was used before. In the last
        case somebody else may have it, so the grant ends (RFC 9700, 4.14.2).
        """
        session = self._find(token, client_id)
        if session is None:
            raise Refusal("invalid_grant", "The refresh token is unknown, expired or revoked.")
        if not hmac.compare_digest(session.newest.encode(), token.encode()):
            self.end(session.grant.id)
            raise Refusal("invalid_grant", "The refresh token was used before. Its successors are revoked.")
        session.newest = _token(session.grant)
        return session.grant, session.newest

    def revoke(self, token: str, client_id: str) -> None:
        """Ends the grant of a refresh token. An unknown token changes nothing."""
        if (session := self._find(token, client_id)) is not None:
            self.end(session.grant.id)

    def end(self, grant_id: str) -> None:
        """Ends a grant: no refresh token of it holds any more."""
        self._sessions.pop(grant_id, None)

    def _find(self, token: str, client_id: str) -> _Session | None:
        session = self._sessions.get(token.partition(".")[0])
        if session is None or self._now() >= session.expires_at or session.grant.client_id != client_id:
            return None
        return session


def _token(grant: Grant) -> str:
    """A token names its grant, so that one that was used before is recognized."""
    return f"{grant.id}.{secrets.token_urlsafe(32)}"
