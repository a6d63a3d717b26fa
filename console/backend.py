"""The services' HTTP interfaces: the only module that knows the HTTP client.

A page asks several services at once. Each answer has a time limit, so that one slow service makes a part of
the page unavailable and not the page.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

import httpx2
import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from console import rules
from console.settings import Settings
from console.timing import Waited
from console.words import SERVICES
from contracts.catalog import commands
from contracts.errors import Finding
from contracts.outcome import Outcome

log = structlog.get_logger()

T = TypeVar("T")

_NO_CONTENT = 204
_ELSEWHERE = 307

_PIECE = 64 * 1024
_BYTES = "application/octet-stream"
_OF_FILES = ("content-type", "content-length", "content-disposition", "content-security-policy")
"""The headers of a file that the console passes on."""


@dataclass(frozen=True)
class Query(Generic[T]):
    """One query of a service: method, path with {parameters}, and the model of its answer.

    `also`: the statuses that have such an answer besides those of success. `slow`: the service counts all
    students first, so the page waits as long as for a file.
    """

    service: str
    path: str
    answer: Any
    method: str = "GET"
    also: tuple[int, ...] = ()
    slow: bool = False

    def address(self, **path: Any) -> str:
        """The path with its parameters. A parameter cannot lead to another path."""
        return self.path.format(**{name: quote(str(value), safe="") for name, value in path.items()})

    def read(self, content: bytes) -> T:
        """The answer as a value. ValidationError: the service answers otherwise than the console reads."""
        return cast(T, TypeAdapter(self.answer).validate_json(content))


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a service answered: a value, or the findings that say why there is none."""

    status: int
    given: T | None = None
    findings: tuple[Finding, ...] = ()
    sequence: int = 0
    service: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.given is not None

    @property
    def value(self) -> T:
        """The value. ValueError if there is none."""
        if self.given is None:
            raise ValueError(f"no answer: status {self.status}")
        return self.given

    @property
    def missing(self) -> bool:
        """Whether the service says that there is no such thing."""
        return self.status == 404

    @property
    def forbidden(self) -> bool:
        """Whether the viewer may not see it."""
        return self.status == 403

    @property
    def away(self) -> bool:
        """Whether the service did not answer, or failed."""
        return self.status >= 500


class _Problem(BaseModel):
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Download:
    """A file that comes in pieces, with its headers; or the findings that say why there is none."""

    status: int
    pieces: AsyncIterator[bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


class StandsFor(Exception):
    """The page is about a State ID that was merged. `current_id`: the one that stands for it now."""

    def __init__(self, state_id: str, current_id: str) -> None:
        super().__init__(f"{current_id} stands for {state_id}")
        self.state_id = state_id
        self.current_id = current_id


class Services:
    """Asks the services with one person's token. None: without a token, for what everybody may see."""

    def __init__(
        self, client: httpx2.AsyncClient, settings: Settings, token: str | None, waited: Waited | None = None
    ) -> None:
        self._client, self._settings = client, settings
        self._waited = waited or Waited()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(
        self,
        query: Query[T],
        *,
        params: Mapping[str, Any] | None = None,
        body: BaseModel | Mapping[str, Any] | None = None,
        **path: Any,
    ) -> Answer[T]:
        """The service's answer to a query. A service that is away has an answer, too.

        StandsFor: the query is about a merged State ID.
        """
        given = {name: value for name, value in (params or {}).items() if value not in (None, "")}
        content = body.model_dump(mode="json", exclude_none=True) if isinstance(body, BaseModel) else body
        try:
            with self._waited.asking():
                response = await self._client.request(
                    query.method,
                    self._settings.address_of(query.service) + query.address(**path),
                    params=given,
                    json=content,
                    headers=self._headers,
                    timeout=self._settings.file_seconds if query.slow else self._settings.part_seconds,
                )
        except httpx2.HTTPError as failure:
            log.warning("service does not answer", asked=query.service, error=type(failure).__name__)
            return Answer(503, findings=_away(query.service), service=query.service)
        if response.status_code == _ELSEWHERE and "student_id" in path:
            raise StandsFor(str(path["student_id"]), response.headers["Location"].split("/")[2])
        return self._read(query, response)

    async def upload(self, query: Query[T], file: UploadFile, size: int, **path: Any) -> Answer[T]:
        """Send a file to a service, piece by piece. It never raises, as `ask`."""
        try:
            with self._waited.asking():
                response = await self._client.request(
                    query.method,
                    self._settings.address_of(query.service) + query.address(**path),
                    content=_pieces(file),
                    headers=self._headers | {"Content-Type": _BYTES, "Content-Length": str(size)},
                    timeout=self._settings.file_seconds,
                )
        except httpx2.HTTPError as failure:
            log.warning("service does not answer", asked=query.service, error=type(failure).__name__)
            return Answer(503, findings=_away(query.service), service=query.service)
        return self._read(query, response)

    async def download(
        self, query: Query[Any], *, params: Mapping[str, str] | None = None, **path: Any
    ) -> Download:
        """Begin to receive a file from a service. It never raises, as `ask`.

        The connection is free again after the last of the `pieces`.
        """
        request = self._client.build_request(
            query.method,
            self._settings.address_of(query.service) + query.address(**path),
            params=params,
            headers=self._headers,
            timeout=self._settings.file_seconds,
        )
        try:
            with self._waited.asking():
                response = await self._client.send(request, stream=True)
                if not response.is_success:
                    await response.aread()
        except httpx2.HTTPError as failure:
            log.warning("service does not answer", asked=query.service, error=type(failure).__name__)
            return Download(503, findings=_away(query.service))
        if not response.is_success:
            found = _findings(response) or _away(query.service)
            return Download(response.status_code, findings=found)
        headers = {name: response.headers[name] for name in _OF_FILES if name in response.headers}
        return Download(response.status_code, _received(response), headers)

    def _read(self, query: Query[T], response: httpx2.Response) -> Answer[T]:
        sequence = response.headers.get("ser-sequence", "")
        if response.status_code == _NO_CONTENT:
            return Answer(response.status_code, service=query.service)
        try:
            if response.is_success or response.status_code in query.also:
                given = query.read(response.content)
                number = int(sequence) if sequence.isdigit() else 0
                return Answer(response.status_code, given, sequence=number, service=query.service)
            return Answer(response.status_code, findings=_findings(response), service=query.service)
        except ValidationError as failure:
            log.error(
                "answer cannot be read", asked=query.service, path=query.path, problems=len(failure.errors())
            )
            return Answer(502, findings=_away(query.service), service=query.service)

    async def post(self, service: str, command: str, command_id: UUID, body: bytes) -> Answer[Outcome]:
        """Post a command and wait a moment for its outcome.

        202: the service has it. 422 with findings and no outcome: the body cannot be read. 503: it is not
        certain that Kafka has it, so the same command is to be sent again.
        """
        wait = self._settings.wait_seconds
        try:
            with self._waited.asking():
                response = await self._client.post(
                    f"{self._settings.address_of(service)}/commands/{command}",
                    content=body,
                    headers=self._headers
                    | {
                        "Content-Type": "application/json",
                        "Command-Id": str(command_id),
                        "Prefer": f"wait={wait}",
                    },
                    timeout=self._settings.part_seconds + wait + 6,
                )
        except httpx2.HTTPError as failure:
            log.warning("command not confirmed", asked=service, command=command, error=type(failure).__name__)
            return Answer(503, findings=(rules.NOT_SENT.broken(service=SERVICES[service]),), service=service)
        return _outcome(service, response)

    async def outcome(self, command: str, command_id: UUID) -> Answer[Outcome]:
        """The outcome of a command; 404 if its service has none yet."""
        service = commands()[command].owner
        return await self.ask(Query(service, "/commands/{command_id}", Outcome), command_id=command_id)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


async def _received(response: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw(_PIECE):
            yield piece
    finally:
        await response.aclose()


def _outcome(service: str, response: httpx2.Response) -> Answer[Outcome]:
    try:
        return Answer(response.status_code, Outcome.model_validate_json(response.content), service=service)
    except ValidationError:
        found = () if response.is_success else _findings(response)
        away = (rules.NOT_SENT.broken(service=SERVICES[service]),) if response.status_code >= 500 else ()
        return Answer(response.status_code, findings=found or away, service=service)


def _findings(response: httpx2.Response) -> tuple[Finding, ...]:
    try:
        return _Problem.model_validate_json(response.content).findings
    except ValidationError:
        return ()


def _away(service: str) -> tuple[Finding, ...]:
    return (rules.PART_AWAY.broken(service=SERVICES[service]),)


def client_for(connections: int = 100) -> httpx2.AsyncClient:
    """The client of one process. It trusts no proxy of the environment: all services are near."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx2.AsyncClient(limits=limits, trust_env=False, follow_redirects=False)
