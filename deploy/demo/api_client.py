"""HTTP requests to the services, with the tokens of the LEAs and of the state."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts.access import STATE, Role
from contracts.catalog import entry_of
from contracts.message import Command
from contracts.outcome import Status
from contracts.types import LeaCode
from deploy.demo.retry import request
from deploy.local.issuer import Issuer

_HOURS = 12.0
_SUBJECT = "demo"


class Tokens:
    """Tokens signed by the development issuer, each once: for a writer of each LEA, and for the state."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self.lea = cache(self._lea)

    @cached_property
    def state(self) -> str:
        """A token of the state, which may read every record."""
        return self._issuer.token(STATE, (Role.STATE,), _SUBJECT, _HOURS)

    def expired(self, lea: LeaCode) -> str:
        """A token of an LEA that expired an hour ago."""
        return self._issuer.token(lea, (Role.WRITER,), _SUBJECT, hours=-1)

    def of(self, lea: str, roles: Sequence[Role], user: str) -> str:
        """A token of a user with these roles."""
        return self._issuer.token(lea, tuple(roles), user, _HOURS)

    def secure_id_manager(self, lea: str, user: str) -> str:
        """A token of a secure ID manager, of an LEA or of the state."""
        return self._issuer.token(lea, (Role.SECURE_ID_MANAGER,), user, _HOURS)

    def _lea(self, lea: LeaCode) -> str:
        return self._issuer.token(lea, (Role.WRITER, Role.IEP_SUBMITTER), _SUBJECT, _HOURS)


_WAIT_SECONDS = 20
_POLL_SECONDS = 0.1
_OUTCOME_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The response of a service. `status`: accepted, refused, held or received; blank if it is no outcome."""

    code: int
    body: Mapping[str, Any]

    @property
    def status(self) -> str:
        return str(self.body.get("status", ""))

    @property
    def rules(self) -> list[str]:
        """The codes of the broken rules."""
        return [finding["code"] for finding in self.body.get("findings", ())]

    @property
    def explanation(self) -> str:
        """The broken rules with their sentences."""
        findings = self.body.get("findings", ())
        return " ".join(f"{finding['code']} {finding['message']}" for finding in findings)


class ApiClient:
    """Posts commands and sends queries, as an LEA's own system does. `urls`: the base URL of each service."""

    def __init__(self, urls: Mapping[str, str], tokens: Tokens) -> None:
        self._urls = urls
        self._tokens = tokens
        self._http = httpx.AsyncClient(timeout=_WAIT_SECONDS + 10, trust_env=False, follow_redirects=True)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def post(
        self,
        lea: LeaCode,
        command: Command,
        *,
        command_id: UUID | None = None,
        token: str | None = None,
        until_final: bool = True,
    ) -> Reply:
        """Posts a command for an LEA. Returns its final outcome; if not until_final, the first response.

        While the service is down, the command is posted again under the same id, so it happens once.
        Failure: the service stays down.
        """
        entry, identity = entry_of(type(command)), command_id or uuid4()
        headers = {
            "Authorization": f"Bearer {token or self._tokens.lea(lea)}",
            "Command-Id": str(identity),
            "Prefer": f"wait={_WAIT_SECONDS if until_final else 1}",
        }
        url = f"{self._urls[entry.owner]}/commands/{entry.name}"
        answer = await request(
            self._http, "POST", url, headers=headers, content=command.model_dump_json().encode()
        )
        reply = Reply(answer.status_code, answer.json())
        if until_final and reply.code == httpx.codes.ACCEPTED:
            return await self.wait_for_outcome(entry.owner, identity)
        return reply

    async def put(self, lea: LeaCode, service: str, path: str, content: bytes) -> Reply:
        """Uploads bytes for an LEA. Failure: the service stays down."""
        headers = {
            "Authorization": f"Bearer {self._tokens.lea(lea)}",
            "Content-Type": "application/octet-stream",
        }
        answer = await request(
            self._http, "PUT", self._urls[service] + path, headers=headers, content=content
        )
        return Reply(answer.status_code, answer.json())

    async def get(self, service: str, path: str) -> Reply:
        """The response to a query by the state. Failure: the service stays down."""
        headers = {"Authorization": f"Bearer {self._tokens.state}"}
        answer = await request(self._http, "GET", self._urls[service] + path, headers=headers)
        return Reply(answer.status_code, answer.json())

    async def wait_for_outcome(self, service: str, command_id: UUID) -> Reply:
        """The final outcome of a command; after 90 s, the last response."""
        end = time.monotonic() + _OUTCOME_SECONDS
        while True:
            reply = await self.get(service, f"/commands/{command_id}")
            if reply.status in (Status.ACCEPTED, Status.REFUSED) or time.monotonic() > end:
                return reply
            await asyncio.sleep(_POLL_SECONDS)
