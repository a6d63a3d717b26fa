"""The services' HTTP doors, as an LEA's own system uses them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts.catalog import entry_of
from contracts.message import Command
from contracts.types import LeaCode
from deploy.demo.tokens import Tokens
from deploy.local.failure import Failure

_WAIT_SECONDS = 20
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door answered. `status`: accepted, refused, held, received; blank if it was no outcome."""

    code: int
    said: Mapping[str, Any]

    @property
    def status(self) -> str:
        return str(self.said.get("status", ""))

    @property
    def rules(self) -> list[str]:
        """The codes of the broken rules."""
        return [finding["code"] for finding in self.said.get("findings", ())]

    @property
    def words(self) -> str:
        """The broken rules in words."""
        findings = self.said.get("findings", ())
        return " ".join(f"{finding['code']} {finding['message']}" for finding in findings)


class Doors:
    """Posts commands and asks queries. `urls`: of each service."""

    def __init__(self, urls: Mapping[str, str], tokens: Tokens) -> None:
        self._urls = urls
        self._tokens = tokens
        self._http = httpx.AsyncClient(timeout=_WAIT_SECONDS + 10, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def post(
        self,
        lea: LeaCode,
        command: Command,
        *,
        command_id: UUID | None = None,
        token: str | None = None,
        wait: int = _WAIT_SECONDS,
    ) -> Reply:
        """Post a command for an LEA and wait for its outcome. Failure: nobody answers."""
        entry = entry_of(type(command))
        headers = {
            "Authorization": f"Bearer {token or self._tokens.lea(lea)}",
            "Command-Id": str(command_id or uuid4()),
            "Prefer": f"wait={wait}",
        }
        body = command.model_dump_json()
        return await self._ask(
            "POST", f"{self._urls[entry.owner]}/commands/{entry.name}", headers, content=body
        )

    async def get(self, service: str, path: str) -> Any:
        """What a query answers to somebody of the state. Failure: nobody answers, or it is no answer."""
        headers = {"Authorization": f"Bearer {self._tokens.state}"}
        reply = await self._ask("GET", self._urls[service] + path, headers)
        return reply.said

    async def final(self, service: str, command_id: UUID) -> Reply:
        """The final outcome of a command; what there is if there is none in time."""
        end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            said = await self.get(service, f"/commands/{command_id}")
            if said.get("status") in ("accepted", "refused") or asyncio.get_running_loop().time() > end:
                return Reply(200, said)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], **more: Any) -> Reply:
        try:
            answer = await self._http.request(method, url, headers=headers, **more)
            return Reply(answer.status_code, answer.json())
        except (httpx.HTTPError, ValueError) as error:
            raise Failure(
                f"{url} does not answer: {error!r}.", "See what is not ready: ser status"
            ) from error
