"""The services' ledgers, which know every outcome: also one whose message was missed."""

import asyncio
from collections.abc import Mapping, Sequence

import httpx

from deploy.demo.answers import Answer, answer_of

_ANSWER_SECONDS = 5.0
_AT_ONCE = 8


class Ledgers:
    """Asked as somebody of the state. `urls`: of each service."""

    def __init__(self, urls: Mapping[str, str], token: str) -> None:
        self._urls = urls
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=_ANSWER_SECONDS,
            trust_env=False,
        )

    async def start(self) -> None:
        """Nothing needs to be open before the first question."""

    async def stop(self) -> None:
        await self._http.aclose()

    async def given(self, commands: Sequence[tuple[str, str]]) -> Sequence[Answer]:
        """The outcomes there are of commands, each named by its service and its id.

        A service that does not answer now is left alone: it is asked again in a while.
        """
        silent: set[str] = set()
        questions = (self._one(service, command_id, silent) for service, command_id in commands)
        found = await asyncio.gather(*questions)
        return [answer for answer in found if answer is not None]

    async def _one(self, service: str, command_id: str, silent: set[str]) -> Answer | None:
        async with self._turns:
            if service in silent:
                return None
            try:
                answer = await self._http.get(f"{self._urls[service]}/commands/{command_id}")
            except httpx.TransportError:
                silent.add(service)
                return None
        return answer_of(answer.content) if answer.status_code == httpx.codes.OK else None
