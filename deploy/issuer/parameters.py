"""The parameters of a request: of its query, or of its body (`application/x-www-form-urlencoded`)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from deploy.issuer.refusal import Refusal

Parameters = Mapping[str, str]

_MOST = 100
_LARGEST_BODY = 20_000


def read_parameters(text: str) -> Parameters:
    """The parameters by name. A blank one counts as absent, and none may come twice (RFC 6749, 3.1)."""
    pairs = read_pairs(text)
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refusal("invalid_request", "A parameter is given more than once.")
    return found


def read_pairs(text: str) -> list[tuple[str, str]]:
    """The parameters in their order, without blank ones. A name may come more than once."""
    try:
        return parse_qsl(text, errors="strict", max_num_fields=_MOST)
    except ValueError as error:
        raise Refusal("invalid_request", "The parameters cannot be read.") from error


async def body_of(request: Request) -> str:
    """The body of a form. Refusal: it is none, or larger than 20,000 bytes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refusal("invalid_request", "Send the parameters as application/x-www-form-urlencoded.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise Refusal("invalid_request", "The body is too large.")
    return body.decode("ascii", errors="replace")
