"""The rows of signed-in people. A cookie holds 256 random bits; the row is found by their SHA-256."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from console.person import Person
from console.sealing import Sealer
from console.settings import Settings
from console.tables import opened, sent, sign_ins
from contracts.roles import Role

COOKIE = "__Host-ser"
_SEEN_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one person: for the services, for a new one, and for signing out at the issuer."""

    access: str
    expires_at: datetime
    refresh: str = ""
    identity: str = ""

    def as_json(self) -> Mapping[str, str]:
        """What is encrypted."""
        return {"access": self.access, "refresh": self.refresh, "identity": self.identity}


class SignIns:
    """Keeps who is signed in, in PostgreSQL, so that every console process knows it."""

    def __init__(self, engine: AsyncEngine, sealer: Sealer, settings: Settings) -> None:
        self._engine, self._sealer = engine, sealer
        self._idle = timedelta(minutes=settings.idle_minutes)
        self._longest = timedelta(hours=settings.longest_hours)

    async def begin(self, claims: Mapping[str, Any], roles: frozenset[Role], tokens: Tokens) -> str:
        """Keep a new sign-in. Returns the value of its cookie."""
        cookie = secrets.token_urlsafe(32)
        row = {
            "id": _hash(cookie),
            "sub": claims["sub"],
            "name": claims["name"],
            "lea": claims["lea"],
            "roles": " ".join(sorted(roles)),
            "tokens": self._sealer.seal(tokens.as_json()),
            "token_expires_at": tokens.expires_at,
        }
        async with self._engine.begin() as database:
            await database.execute(insert(sign_ins), row)
        return cookie

    async def find(self, cookie: str, *, by_person: bool = True) -> tuple[Person, Tokens] | None:
        """The signed-in person; None if the sign-in has ended.

        `by_person`: a person made the request, so the idle time begins again.
        """
        async with self._engine.begin() as database:
            row = (
                await database.execute(select(sign_ins).where(sign_ins.c.id == _hash(cookie)))
            ).one_or_none()
            if row is None or self._ended(row):
                return None
            if by_person and datetime.now(UTC) - row.seen_at > _SEEN_EVERY:
                await database.execute(
                    update(sign_ins).where(sign_ins.c.id == row.id).values(seen_at=datetime.now(UTC))
                )
        return self._read(row)

    async def lock(self, database: AsyncConnection, person: Person) -> Tokens | None:
        """The tokens as they are now. Nobody else renews them before the transaction ends."""
        mine = select(sign_ins).where(sign_ins.c.id == person.sign_in).with_for_update()
        row = (await database.execute(mine)).one_or_none()
        found = self._read(row) if row is not None else None
        return found[1] if found else None

    async def renew(self, database: AsyncConnection, person: Person, tokens: Tokens) -> None:
        """Keep new tokens."""
        values = {"tokens": self._sealer.seal(tokens.as_json()), "token_expires_at": tokens.expires_at}
        await database.execute(update(sign_ins).where(sign_ins.c.id == person.sign_in).values(values))

    async def end(self, cookie: str) -> None:
        """Forget a sign-in, and everything that belongs to it alone."""
        async with self._engine.begin() as database:
            await database.execute(delete(sign_ins).where(sign_ins.c.id == _hash(cookie)))

    async def forget_old(self) -> None:
        """Delete ended sign-ins. Delete commands and opened students of more than seven days ago."""
        now = datetime.now(UTC)
        ended = or_(sign_ins.c.seen_at < now - self._idle, sign_ins.c.began_at < now - self._longest)
        async with self._engine.begin() as database:
            await database.execute(delete(sign_ins).where(ended))
            await database.execute(delete(sent).where(sent.c.sent_at < now - _KEPT))
            await database.execute(delete(opened).where(opened.c.at < now - _KEPT))

    def _ended(self, row: Row[Any]) -> bool:
        now = datetime.now(UTC)
        return bool(now - row.seen_at > self._idle or now - row.began_at > self._longest)

    def _read(self, row: Row[Any]) -> tuple[Person, Tokens] | None:
        kept = self._sealer.open(row.tokens)
        if kept is None:
            return None
        roles = frozenset(Role(role) for role in row.roles.split())
        person = Person(row.id, row.sub, row.name, row.lea, roles, kept["access"])
        return person, Tokens(kept["access"], row.token_expires_at, kept["refresh"], kept["identity"])


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
