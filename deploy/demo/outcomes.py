"""Outcomes of commands: read from the outcome topics, looked up over HTTP, remembered from earlier runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic_core import from_json

from contracts.catalog import outcomes
from contracts.outcome import Outcome, Status
from deploy.demo.history import Step, history_id, step_number
from deploy.population.pupils import Pupil

_WAIT_MS = 100
_PAUSE_AFTER_FAILURE_SECONDS = 0.5

Wanted = Callable[[str], bool]
"""Whether the outcomes about a student are wanted."""


class CommandOutcome(NamedTuple):
    """The outcome of one command."""

    student_id: str
    command_id: str
    command: str
    status: Status
    body: bytes

    @property
    def outcome(self) -> Outcome:
        """All that was answered."""
        return Outcome.model_validate_json(self.body)


class OutcomeReader:
    """Reads every outcome topic from its beginning, without a group: each reader sees everything."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._consumer = AIOKafkaConsumer(
            *(entry.topic(prefix) for entry in outcomes()),
            bootstrap_servers=bootstrap,
            client_id="ser-demo",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def start(self) -> None:
        await self._consumer.start()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def earlier(self, wanted: Wanted) -> AsyncIterator[Sequence[CommandOutcome]]:
        """Everything that was answered before now, in portions. Afterwards `more` goes on from here."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        while [place for place, end in ends.items() if await self._consumer.position(place) < end]:
            yield await self.more(wanted)

    async def more(self, wanted: Wanted) -> Sequence[CommandOutcome]:
        """What has been answered since; waits a moment if nothing has. While Kafka is away nothing comes."""
        try:
            found = await self._consumer.getmany(timeout_ms=_WAIT_MS)
        except KafkaError:
            await asyncio.sleep(_PAUSE_AFTER_FAILURE_SECONDS)
            return ()
        records = (record for portion in found.values() for record in portion)
        return [parse_outcome(record.value) for record in records if wanted(record.key.decode())]


def parse_outcome(body: bytes) -> CommandOutcome:
    """The answer that an outcome's JSON is."""
    said: dict[str, Any] = from_json(body)
    return CommandOutcome(said["subject"], said["command_id"], said["command"], Status(said["status"]), body)


_ANSWER_SECONDS = 5.0
_AT_ONCE = 8


class OutcomeLookup:
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

    async def given(self, commands: Sequence[tuple[str, str]]) -> Sequence[CommandOutcome]:
        """The outcomes there are of commands, each named by its service and its id.

        A service that does not answer now is left alone: it is asked again in a while.
        """
        silent: set[str] = set()
        questions = (self._one(service, command_id, silent) for service, command_id in commands)
        found = await asyncio.gather(*questions)
        return [answer for answer in found if answer is not None]

    async def _one(self, service: str, command_id: str, silent: set[str]) -> CommandOutcome | None:
        async with self._turns:
            if service in silent:
                return None
            try:
                answer = await self._http.get(f"{self._urls[service]}/commands/{command_id}")
            except httpx.TransportError:
                silent.add(service)
                return None
        return parse_outcome(answer.content) if answer.status_code == httpx.codes.OK else None


class EarlierOutcomes:
    """For each child, which steps were accepted: a bit each, for there may be a million of them."""

    def __init__(self, pupils: Iterable[Pupil]) -> None:
        self._accepted: dict[str, int] = {pupil.state_id: 0 for pupil in pupils}
        self._lives: dict[str, UUID] = {}
        self._refused: dict[str, list[Outcome]] = {}

    def __contains__(self, student_id: str) -> bool:
        return student_id in self._accepted

    def note(self, answer: CommandOutcome) -> None:
        """Remember an answer, if it is to a step of a child's life: others may have sent commands too."""
        number = step_number(self._life(answer.student_id), answer.command_id)
        if number is None:
            return
        match answer.status:
            case Status.ACCEPTED:
                self._accepted[answer.student_id] |= 1 << number
            case Status.REFUSED:
                self._refused.setdefault(answer.student_id, []).append(answer.outcome)
            case Status.HELD:
                pass

    def number(self, step: int) -> int:
        """How many children the step of that number was accepted for."""
        return sum(accepted >> step & 1 for accepted in self._accepted.values())

    def refused(self, student_id: str) -> Sequence[Outcome]:
        """What the child was refused; a step under the same id would be refused again."""
        return self._refused.get(student_id, ())

    def left(self, student_id: str, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps that have not been accepted yet."""
        accepted = self._accepted[student_id]
        return (step for step in steps if not accepted >> step.number & 1)

    def _life(self, student_id: str) -> UUID:
        life = self._lives.get(student_id)
        if life is None:
            life = self._lives[student_id] = history_id(student_id)
        return life
