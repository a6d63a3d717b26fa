"""The viewer of an HTTP request: the bearer of its token."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from contracts.access import Actor
from contracts.errors import Finding
from services.chassis.answering.problems import Unauthorized

_bearer = HTTPBearer(auto_error=False, description="A token, such as `ser token` prints.")


async def _viewer(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor:
    token = bearer_token(request) if credentials else None
    actor = await request.app.state.tokens.read_for_http(token)
    if isinstance(actor, Finding):
        raise Unauthorized(actor)
    assert isinstance(actor, Actor)
    return actor


Viewer = Annotated[Actor, Depends(_viewer)]


def bearer_token(request: Request) -> str:
    """The token of a request without blanks around it; a blank text without a token."""
    return request.headers.get("authorization", "").strip().partition(" ")[2].strip()
