"""What a person has granted to the client by signing in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.issuer.people import Person

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Grant:
    """One signing-in. `id` is the `sid` of its ID tokens. `nonce` is the client's own."""

    id: str
    person: Person
    client_id: str
    scope: str
    nonce: str | None
    signed_in_at: datetime


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)
