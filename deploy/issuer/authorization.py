"""An authorization request (OpenID Connect, authorization code with PKCE), read and checked."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from deploy.issuer.client import Client
from deploy.issuer.parameters import Parameters
from deploy.issuer.refusal import Refusal

SCOPES = ("openid", "profile", "offline_access")

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class AddressUntrusted(Exception):
    """The client or its redirect address is not registered, so the issuer redirects nobody there."""


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where the answer goes, with the client's own `state`."""

    redirect_uri: str
    state: str | None

    def url(self, issuer: str, answer: Parameters) -> str:
        """The address with the answer in its query. `iss` names the issuer (RFC 9207)."""
        state = {} if self.state is None else {"state": self.state}
        return f"{self.redirect_uri}?{urlencode({**answer, **state, 'iss': issuer})}"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be granted. `challenge`: the SHA-256 of the verifier (RFC 7636)."""

    answer_to: ReturnAddress
    client_id: str
    challenge: str
    scope: str
    nonce: str | None


def return_address(parameters: Parameters, client: Client) -> ReturnAddress:
    """Where the answer goes. AddressUntrusted: the client, or this redirect address, is not registered."""
    redirect_uri = parameters.get("redirect_uri", "")
    if parameters.get("client_id") != client.id or redirect_uri != client.redirect_uri:
        raise AddressUntrusted
    return ReturnAddress(redirect_uri, parameters.get("state"))


def read_request(parameters: Parameters, client: Client) -> AuthorizationRequest:
    """The request. AddressUntrusted, or Refusal: it cannot be granted, which the client is told."""
    answer_to = return_address(parameters, client)
    for problem in (_response(parameters), _scope(parameters), _challenge(parameters), _prompt(parameters)):
        if problem is not None:
            raise problem
    return AuthorizationRequest(
        answer_to, client.id, parameters["code_challenge"], _granted(parameters), parameters.get("nonce")
    )


def _response(parameters: Parameters) -> Refusal | None:
    match parameters.get("response_type"):
        case "code":
            return None
        case None:
            return Refusal("invalid_request", "response_type is missing.")
        case _:
            return Refusal("unsupported_response_type", "Only response_type=code is supported.")


def _scope(parameters: Parameters) -> Refusal | None:
    asked = parameters.get("scope", "").split()
    return None if "openid" in asked else Refusal("invalid_scope", "The scope must contain openid.")


def _challenge(parameters: Parameters) -> Refusal | None:
    if parameters.get("code_challenge_method") != "S256":
        return Refusal("invalid_request", "PKCE is required: code_challenge_method=S256.")
    if not _CHALLENGE.fullmatch(parameters.get("code_challenge", "")):
        return Refusal("invalid_request", "code_challenge must be the base64url of a SHA-256, 43 characters.")
    return None


def _prompt(parameters: Parameters) -> Refusal | None:
    """The issuer asks each time. A client that forbids to ask cannot be answered."""
    if "none" in parameters.get("prompt", "").split():
        return Refusal("login_required", "The issuer asks at each signing-in who the person is.")
    return None


def _granted(parameters: Parameters) -> str:
    asked = parameters["scope"].split()
    return " ".join(scope for scope in SCOPES if scope in asked)
