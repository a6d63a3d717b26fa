"""Outcomes of commands: read from Kafka, looked up over HTTP, and remembered from earlier runs."""

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
"""Whether the caller wants the outcomes about a student, by State ID."""


class CommandOutcome(NamedTuple):
    """The outcome of one command. `body` stays unread: most outcomes need only the other fields."""

    student_id: str
    command_id: str
    command: str
    status: Status
    body: bytes

    @property
    def details(self) -> Outcome:
        """The whole outcome."""
        return Outcome.model_validate_json(self.body)


class OutcomeReader:
    """Reads every outcome topic from its beginning, without a consumer group."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._consumer = AIOKafkaConsumer(
            *(entry.topic(prefix) for entry in outcomes()),
            bootstrap_servers=bootstrap,
            client_id="ser-demo",
            group_id=None,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def start(self) -> None:
        await self._consumer.start()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def read_existing(self, wanted: Wanted) -> AsyncIterator[Sequence[CommandOutcome]]:
        """Every outcome published before now, in portions. Afterwards `read_new` continues from there."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        while [place for place, end in ends.items() if await self._consumer.position(place) < end]:
            yield await self.read_new(wanted)

    async def read_new(self, wanted: Wanted) -> Sequence[CommandOutcome]:
        """The outcomes published since the last call. None for 100 ms, or Kafka down: empty."""
        try:
            found = await self._consumer.getmany(timeout_ms=_WAIT_MS)
        except KafkaError:
            await asyncio.sleep(_PAUSE_AFTER_FAILURE_SECONDS)
            return ()
        records = (record for portion in found.values() for record in portion)
        return [parse_outcome(record.value) for record in records if wanted(record.key.decode())]


def parse_outcome(body: bytes) -> CommandOutcome:
    """The outcome in its JSON form."""
    fields: dict[str, Any] = from_json(body)
    return CommandOutcome(
        fields["subject"], fields["command_id"], fields["command"], Status(fields["status"]), body
    )


_ANSWER_SECONDS = 5.0
_AT_ONCE = 8


class OutcomeLookup:
    """Looks up outcomes at the services, with a token of the state. `urls`: the base URL of each service.

    A service knows every outcome, also one whose message the reader missed.
    """

    def __init__(self, urls: Mapping[str, str], token: str) -> None:
        self._urls = urls
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=_ANSWER_SECONDS,
            trust_env=False,
        )

    async def start(self) -> None:
        """Nothing has to be opened before the first request."""

    async def stop(self) -> None:
        await self._http.aclose()

    async def find(self, commands: Sequence[tuple[str, str]]) -> Sequence[CommandOutcome]:
        """The known outcomes of commands, each named by its service and its id.

        After one failed request to a service, the other requests to it are skipped. The caller tries later.
        """
        down: set[str] = set()
        requests = (self._find_one(service, command_id, down) for service, command_id in commands)
        found = await asyncio.gather(*requests)
        return [outcome for outcome in found if outcome is not None]

    async def _find_one(self, service: str, command_id: str, down: set[str]) -> CommandOutcome | None:
        async with self._slots:
            if service in down:
                return None
            try:
                outcome = await self._http.get(f"{self._urls[service]}/commands/{command_id}")
            except httpx.TransportError:
                down.add(service)
                return None
        return parse_outcome(outcome.content) if outcome.status_code == httpx.codes.OK else None


class EarlierOutcomes:
    """The steps accepted in earlier runs, one bit each: there may be a million students."""

    def __init__(self, pupils: Iterable[Pupil]) -> None:
        self._accepted: dict[str, int] = {pupil.state_id: 0 for pupil in pupils}
        self._history_ids: dict[str, UUID] = {}
        self._refused: dict[str, list[Outcome]] = {}

    def __contains__(self, student_id: str) -> bool:
        return student_id in self._accepted

    def add(self, outcome: CommandOutcome) -> None:
        """Remembers an outcome, if its command is a step of a history. Others may send commands too."""
        number = step_number(self._history_id(outcome.student_id), outcome.command_id)
        if number is None:
            return
        match outcome.status:
            case Status.ACCEPTED:
                self._accepted[outcome.student_id] |= 1 << number
            case Status.REFUSED:
                self._refused.setdefault(outcome.student_id, []).append(outcome.details)
            case Status.HELD:
                pass

    def count_accepted(self, step: int) -> int:
        """For how many students the step of that number was accepted."""
        return sum(accepted >> step & 1 for accepted in self._accepted.values())

    def refusals_of(self, student_id: str) -> Sequence[Outcome]:
        """The refusals about the student. A step sent again under the same id gets the same refusal."""
        return self._refused.get(student_id, ())

    def remaining(self, student_id: str, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps that no earlier run got accepted."""
        accepted = self._accepted[student_id]
        return (step for step in steps if not accepted >> step.number & 1)

    def _history_id(self, student_id: str) -> UUID:
        known = self._history_ids.get(student_id)
        if known is None:
            known = self._history_ids[student_id] = history_id(student_id)
        return known
