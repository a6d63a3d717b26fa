"""`/end-session`: the client signs a person out (OpenID Connect RP-Initiated Logout 1.0)."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from deploy.issuer.client import Client
from deploy.issuer.pages import Pages
from deploy.issuer.parameters import Parameters, body_of, read_parameters
from deploy.issuer.refreshing import RefreshTokens
from deploy.issuer.tokens import Tokens


def ending(client: Client, refreshing: RefreshTokens, tokens: Tokens, pages: Pages) -> APIRouter:
    """The address to which the client sends a person who signs out."""
    router = APIRouter()

    @router.get("/end-session")
    async def end(request: Request) -> Response:
        return _end(read_parameters(request.url.query))

    @router.post("/end-session")
    async def end_by_form(request: Request) -> Response:
        return _end(read_parameters(await body_of(request)))

    def _end(parameters: Parameters) -> Response:
        """Ends the grant of the ID token. The person returns to the client if the client is known."""
        hint = tokens.read_identity(parameters.get("id_token_hint", ""), client.id)
        if hint is not None:
            refreshing.end(str(hint.get("sid")))
        back = parameters.get("post_logout_redirect_uri", "")
        known = hint is not None or parameters.get("client_id") == client.id
        if known and back == client.signed_out_uri:
            state = {"state": parameters["state"]} if "state" in parameters else {}
            return RedirectResponse(f"{back}?{urlencode(state)}" if state else back, HTTPStatus.SEE_OTHER)
        return pages.signed_out()

    return router
