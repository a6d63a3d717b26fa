"""Who asks over HTTP: the bearer of a token."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from contracts.access import Actor
from contracts.errors import Finding
from services.chassis.answering.problems import Unauthorized

_bearer = HTTPBearer(auto_error=False, description="A token as `ser token` gives one.")


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
    """The token of a request, without the blanks around it; blank if there is none."""
    return request.headers.get("authorization", "").strip().partition(" ")[2].strip()
