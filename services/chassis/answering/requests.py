"""Checks every request: the size of its body, its query parameters, and its JSON."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts import errors
from contracts.errors import Finding
from services.chassis.answering.problems import Problem, documented, rendered
from services.chassis.decoding.bodies import read_body

Model = TypeVar("Model", bound=BaseModel)

_LONGEST_NAME = 80
_CLOSED = {"additionalProperties": False}
_UNPRINTABLE = re.compile(r"[^ -~]")
_WRITTEN = {
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "write the day as 2018-01-08"),
    "date-time": (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})"),
        "write the instant as 2018-01-08T14:30:00Z",
    ),
    "integer": (re.compile(r"-?[0-9]+"), "a whole number is expected"),
}


class TooLarge(HTTPException):
    """A body is larger than the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.finding = errors.TOO_LARGE.broken(limit=limit)


class BodyLimit:
    """Refuses bodies above the limit: by `Content-Length`, and by counting the received bytes.

    `longer`: the patterns of paths that have another limit, each with this limit.
    """

    def __init__(self, app: ASGIApp, limit: int, longer: Mapping[str, int] | None = None) -> None:
        self._app, self._limit = app, limit
        self._longer = {re.compile(path): other for path, other in (longer or {}).items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless its `Content-Length` is above the limit."""
        limit = self._limit_of(scope)
        if scope["type"] == "http" and self._announced(scope) > limit:
            refusal = rendered(413, [TooLarge(limit).finding], {"Connection": "close"})
            await refusal(scope, receive, send)
        else:
            await self._app(scope, self._counting(receive, limit), send)

    def _limit_of(self, scope: Scope) -> int:
        path = scope.get("path", "")
        return next((limit for form, limit in self._longer.items() if form.fullmatch(path)), self._limit)

    def _announced(self, scope: Scope) -> int:
        length = Headers(scope=scope).get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() else 0

    def _counting(self, receive: Receive, limit: int) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLarge(limit)
            return message

        return counted


async def check_parameters(request: Request) -> None:
    """Refuse unknown query parameters, repeated ones, and those in another form."""
    given = request.query_params.multi_items()
    if given and (findings := list(_wrong_parameters(given, _documented(request)))):
        raise Problem(422, errors.listed(findings))


def _documented(request: Request) -> Mapping[str, Mapping[str, Any]]:
    """The query parameters of the operation and their schemas, as the OpenAPI document has them."""
    operations = request.app.openapi()["paths"].get(request.scope["route"].path, {})
    operation = operations.get(request.method.lower(), {})
    return {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}


def _wrong_parameters(given: list[tuple[str, str]], known: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    findings, seen = [], set()
    for name, value in given:
        if name not in known:
            findings.append(
                errors.PARAMETER_UNKNOWN.broken(at=printable(name), known=", ".join(known) or "none at all")
            )
        elif name in seen:
            findings.append(errors.PARAMETER_TWICE.broken(at=name))
        elif problem := _written_otherwise(value, known[name]):
            findings.append(errors.FIELD_INVALID.broken(at=name, problem=problem, where="/docs"))
        seen.add(name)
    return findings


def _written_otherwise(value: str, schema: Mapping[str, Any]) -> str | None:
    for choice in (schema, *schema.get("anyOf", ())):
        form, how = _WRITTEN.get(choice.get("format") or choice.get("type", ""), (None, ""))
        if form and not form.fullmatch(value):
            return how
    return None


async def json_body(request: Request) -> bytes:
    """The bytes of a JSON body. Problem 415: its headers name another type or an encoding."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Problem(415, [errors.BODY_ENCODED.broken(encoding=printable(encoding))])
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, [errors.BODY_TYPE.broken(type=printable(media_type) or "blank")])
    return await request.body()


def body_as(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """The dependency of a route whose body is a model. It reads the body as strictly as a command."""

    async def read(request: Request) -> Model:
        found = read_body(model, await json_body(request), "/docs")
        if isinstance(found, tuple):
            raise Problem(422, found)
        return found

    return read


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The arguments of a route whose body `body_as` reads: what its OpenAPI document says of the body."""
    return {"openapi_extra": described_body(model), "responses": documented(413, 415)}


def described_body(body: type[BaseModel] | str) -> dict[str, Any]:
    """The OpenAPI description of a body: of a model that `body_as` reads, or of a reference."""
    schema = {"$ref": body} if isinstance(body, str) else inlined(body.model_json_schema()) | _CLOSED
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with each definition in its place, since a document has no definitions of its own."""
    definitions = schema.get("$defs", {})

    def plain(part: Any) -> Any:
        match part:
            case {"$ref": str(reference), **rest}:
                return plain(definitions[reference.rpartition("/")[2]]) | rest
            case dict():
                return {name: plain(value) for name, value in part.items()}
            case list():
                return [plain(value) for value in part]
            case _:
                return part

    found: dict[str, Any] = plain({name: value for name, value in schema.items() if name != "$defs"})
    return found


def printable(text: str) -> str:
    """A received name, cut and made printable for a refusal."""
    return _UNPRINTABLE.sub("?", text[:_LONGEST_NAME])
