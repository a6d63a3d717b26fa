"""Cases that make the system worth having, tried live on students whom no child count ever counts.

They are gifted, which is in the record and no disability, so the count stays what it is.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType
from typing import Self
from uuid import uuid4

from aiokafka import AIOKafkaConsumer

from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import DeadLetter
from contracts.provision import AddService, TerminateService
from contracts.students import AddStudent, Profile
from contracts.types import LeaCode
from deploy.demo.api_client import ApiClient, Reply, Tokens
from deploy.demo.connections import Connections
from deploy.demo.driver import Driver, Progress
from deploy.demo.history import StudentHistory, history_of
from deploy.demo.outcomes import EarlierOutcomes
from deploy.demo.retry import retry
from deploy.population import leas
from deploy.population.children import Child
from deploy.population.codes import RACES, SCHOOL_AGE, SEXES, Disability, Environment
from deploy.population.pupils import Grade, Pupil, SchoolCode, StateId

_PATIENCE_SECONDS = 60


class DeadLetters:
    """What a service gives up on from now on."""

    def __init__(self, bootstrap: str, prefix: str, service: str) -> None:
        self._consumer = AIOKafkaConsumer(
            f"{prefix}{service}.dead-letters",
            bootstrap_servers=bootstrap,
            group_id=None,
            auto_offset_reset="latest",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        for place in self._consumer.assignment():
            await self._consumer.position(place)  # from here on nothing is missed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def next(self) -> DeadLetter:
        """The next dead letter. TimeoutError: none comes."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            record = await self._consumer.getone()
        return DeadLetter.model_validate_json(record.value)


_CADDO, _EAST_BATON_ROUGE = "009", "017"
_AGE_DAYS = 3_800
_GIBBERISH = b"\xff\xfe\x00 not a message"


@dataclass(frozen=True, slots=True)
class Case:
    """A case: what was tried, what the system said, and whether it said what it promises to."""

    tried: str
    said: str
    as_promised: bool


class CaseRunner:
    """Tries the cases on fresh students, each run on others."""

    def __init__(self, lines: Connections, doors: ApiClient, tokens: Tokens, as_of: date) -> None:
        self._lines = lines
        self._doors = doors
        self._tokens = tokens
        self._as_of = as_of
        self._moves_on = as_of + timedelta(days=14)
        self.moved = ""
        """The student who is East Baton Rouge's in the end, and receives no services."""

    async def show(self) -> AsyncIterator[Case]:
        """The cases, one after the other."""
        for cases in (self._transfer(), self._held(), self._tokens_refused(), self._unreadable()):
            async for shown in cases:
                yield shown

    async def _transfer(self) -> AsyncIterator[Case]:
        """A claim on a student with open services: blocked, then won."""
        life = await self._served(_CADDO)
        student, services = life.pupil.state_id, _services(life)
        claim = ClaimJurisdiction(student_id=student, begin_on=self._moves_on, school="017001")
        blocked = await self._doors.post(_EAST_BATON_ROUGE, claim)
        yield _refused("East Baton Rouge claims a student to whom Caddo gives services", blocked, "JUR-004")
        another = services[0].model_copy(update={"service_id": uuid4()})
        foreign = await self._doors.post(_EAST_BATON_ROUGE, another)
        yield _refused("East Baton Rouge adds a service before the student is its own", foreign, "ACC-005")
        yield await self._terminated(services)
        won = await self._doors.post(_EAST_BATON_ROUGE, claim)
        self.moved = student
        yield _accepted("East Baton Rouge claims again", won, "accepted: nothing stands in the way any more")
        yield await self._without_gap(student)

    async def _terminated(self, services: Sequence[AddService]) -> Case:
        last_day = self._moves_on - timedelta(days=1)
        ends = [
            TerminateService(
                student_id=service.student_id,
                service_id=service.service_id,
                end_on=last_day,
                reason="TRANSFER",
            )
            for service in services
        ]
        replies = [await self._doors.post(_CADDO, end) for end in ends]
        done = all(reply.status == "accepted" for reply in replies)
        return Case(
            f"Caddo terminates its {len(ends)} services", "accepted" if done else replies[-1].words, done
        )

    async def _without_gap(self, student: str) -> Case:
        found = await self._doors.get("jurisdiction", f"/students/{student}/jurisdiction")
        new, old = found.said["spells"]
        tiled = date.fromisoformat(old["end_on"]) + timedelta(days=1) == date.fromisoformat(new["begin_on"])
        first = f"{old['lea']} from {old['begin_on']} through {old['end_on']}"
        return Case(
            "The student's jurisdictions have no gap", f"{first}, {new['lea']} from {new['begin_on']}", tiled
        )

    async def _held(self) -> AsyncIterator[Case]:
        """A command that comes before the fact it needs, and one that comes twice."""
        life, claim_id, adding_id = history_of(_gifted(_CADDO, self._as_of), self._as_of), uuid4(), uuid4()
        student = life.pupil.state_id
        claim = ClaimJurisdiction(student_id=student, begin_on=self._as_of, school="009001")
        early = await self._doors.post(_CADDO, claim, command_id=claim_id, until_final=False)
        yield Case("Caddo claims a student nobody has added", f"held: {early.words}", early.status == "held")
        await retry(lambda: self._lines.wire.tell(life.identity, str(life.id)), "Kafka")
        adding = AddStudent(student_id=student, profile=Profile(grade="05"))
        added = await self._doors.post(_CADDO, adding, command_id=adding_id)
        claimed = await self._doors.final("jurisdiction", claim_id)
        yield _accepted("The student is added", claimed, "the claim is taken up by itself, and accepted")
        again = await self._doors.post(_CADDO, adding, command_id=adding_id)
        yield _accepted("The same command is sent twice", again, "the same outcome; it happened once", added)

    async def _tokens_refused(self) -> AsyncIterator[Case]:
        """Tokens that are not to be trusted."""
        adding = AddStudent(student_id=_state_id(), profile=Profile())
        *claims, _ = self._tokens.state.split(".")
        forged = ".".join((*claims, self._tokens.lea(_CADDO).split(".")[-1]))
        reply = await self._doors.post(_CADDO, adding, token=forged)
        yield _refused("A token with the state's claims under another's signature", reply, "ACC-002")
        reply = await self._doors.post(_CADDO, adding, token=self._tokens.expired(_CADDO))
        yield _refused("A token that expired an hour ago", reply, "ACC-003")

    async def _unreadable(self) -> AsyncIterator[Case]:
        """Bytes that are no message."""
        letter = await retry(self._dead_letter, "Kafka")
        yield Case(
            "Bytes that are no message, on ieps.commands",
            f"dead letter: {letter.reason} (partition {letter.partition}, offset {letter.offset})",
            letter.topic == f"{self._lines.prefix}ieps.commands",
        )

    async def _dead_letter(self) -> DeadLetter:
        async with DeadLetters(self._lines.bootstrap, self._lines.prefix, "ieps") as letters:
            await self._lines.wire.put_bytes("ieps.commands", _GIBBERISH)
            return await letters.next()

    async def _served(self, lea: LeaCode) -> StudentHistory:
        """A gifted student with two services, who has lived through the system."""
        lives = (history_of(_gifted(lea, self._as_of), self._as_of) for _ in iter(int, 1))
        life = next(life for life in lives if len(_services(life)) > 1)
        driver = Driver(self._lines, EarlierOutcomes([life.pupil]), self._as_of)
        await driver.drive([life.pupil], Progress(1))
        return life


def _refused(tried: str, reply: Reply, rule: str) -> Case:
    return Case(tried, f"refused: {reply.words or reply.said}", rule in reply.rules)


def _accepted(tried: str, reply: Reply, means: str, like: Reply | None = None) -> Case:
    good = reply.status == "accepted" and (like is None or reply.said == like.said)
    return Case(tried, means if good else f"{reply.status}: {reply.words}", good)


def _services(life: StudentHistory) -> list[AddService]:
    return [step.message for step in life.commands if isinstance(step.message, AddService)]


def _gifted(lea: LeaCode, as_of: date) -> Pupil:
    child = Child(1, SCHOOL_AGE, 10, Disability("GFT"), Environment("RC80"), RACES[-1], SEXES[0])
    return Pupil(
        child,
        _state_id(),
        "Ada",
        "Fontenot",
        as_of - timedelta(days=_AGE_DAYS),
        leas.LeaCode(lea),
        SchoolCode(f"{lea}001"),
        Grade("05"),
    )


def _state_id() -> StateId:
    """One that no child of a population has: those do not begin with 0."""
    return StateId(f"0{secrets.randbelow(10**9):09d}")
