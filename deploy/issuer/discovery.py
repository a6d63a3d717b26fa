"""What a client reads about the issuer, and what the supervisor asks: addresses, keys, health."""

import os
from typing import Any

from fastapi import APIRouter

from deploy.issuer.authorization import SCOPES
from deploy.local.issuer import ALGORITHM, Issuer

_METHODS = ["none", "client_secret_basic", "client_secret_post"]


def discovery(url: str, signer: Issuer) -> APIRouter:
    """`/.well-known/openid-configuration`, `/jwks`, `/health/live`, `/health/ready`."""
    router = APIRouter()

    @router.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "revocation_endpoint": f"{url}/revoke",
            "end_session_endpoint": f"{url}/end-session",
            "jwks_uri": f"{url}/jwks",
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": _METHODS,
            "revocation_endpoint_auth_methods_supported": _METHODS,
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "name", "lea", "roles", "sid", "auth_time"],
            "authorization_response_iss_parameter_supported": True,
        }

    @router.get("/jwks")
    async def keys() -> dict[str, Any]:
        return signer.key_set()

    @router.get("/health/live")
    async def live() -> dict[str, Any]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> dict[str, Any]:
        return {"status": "ready", "process": os.getpid()}

    return router
