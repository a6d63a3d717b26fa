"""`/token` gives tokens for a code or a refresh token; `/revoke` ends a grant."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from deploy.issuer.client import Client
from deploy.issuer.codes import CodeReused, Codes
from deploy.issuer.grant import Grant
from deploy.issuer.parameters import Parameters, body_of, read_parameters
from deploy.issuer.refreshing import RefreshTokens
from deploy.issuer.refusal import Refusal
from deploy.issuer.tokens import Tokens

_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def exchanging(client: Client, codes: Codes, refreshing: RefreshTokens, tokens: Tokens) -> APIRouter:
    """The addresses that the client itself calls."""
    router = APIRouter()

    @router.post("/token")
    async def token(request: Request) -> Response:
        parameters = await _authenticated(request, client)
        match parameters.get("grant_type"):
            case "authorization_code":
                grant = _redeem(parameters)
                refresh = refreshing.begin(grant)
            case "refresh_token":
                grant, refresh = refreshing.rotate(_required(parameters, "refresh_token"), client.id)
            case None:
                raise Refusal("invalid_request", "grant_type is missing.")
            case _:
                raise Refusal("unsupported_grant_type", "Use authorization_code or refresh_token.")
        return JSONResponse(_answer(grant, refresh), headers=_NEVER_KEPT)

    @router.post("/revoke")
    async def revoke(request: Request) -> Response:
        parameters = await _authenticated(request, client)
        refreshing.revoke(_required(parameters, "token"), client.id)
        return Response(headers=_NEVER_KEPT)

    def _redeem(parameters: Parameters) -> Grant:
        code, redirect_uri, verifier = (
            _required(parameters, name) for name in ("code", "redirect_uri", "code_verifier")
        )
        try:
            return codes.redeem(code, client.id, redirect_uri, verifier)
        except CodeReused as reused:
            refreshing.end(reused.grant_id)
            raise

    def _answer(grant: Grant, refresh: str) -> dict[str, Any]:
        return {
            "access_token": tokens.access(grant),
            "token_type": "Bearer",
            "expires_in": int(tokens.life.total_seconds()),
            "refresh_token": refresh,
            "id_token": tokens.identity(grant),
            "scope": grant.scope,
        }

    return router


def refused(request: Request, refusal: Exception) -> Response:
    """The answer to a client whose request is refused (RFC 6749, 5.2)."""
    assert isinstance(refusal, Refusal)
    asks = {"WWW-Authenticate": "Basic"} if "authorization" in request.headers else {}
    return JSONResponse(refusal.parameters, refusal.status, headers=_NEVER_KEPT | asks)


async def _authenticated(request: Request, client: Client) -> Parameters:
    parameters = read_parameters(await body_of(request))
    client.authenticate(request.headers.get("authorization"), parameters)
    return parameters


def _required(parameters: Parameters, name: str) -> str:
    if name not in parameters:
        raise Refusal("invalid_request", f"{name} is missing.")
    return parameters[name]
