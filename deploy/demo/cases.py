"""Cases tried live: a transfer, a held command, bad tokens, bytes that are no message.

Their students are gifted. Giftedness is no federal disability, so the child count stays the same.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer

from contracts.access import STATE
from contracts.jurisdiction import ClaimJurisdiction, EscalateTransfer, WithdrawClaim, WriteOnTransfer
from contracts.outcome import DeadLetter
from contracts.provision import AddService, TerminateService
from contracts.state_ids import ApproveStateId, ModifyStateId
from contracts.students import AddStudent, Profile, SaveProfile
from contracts.types import LeaCode
from deploy.demo.api_client import ApiClient, Reply, Tokens
from deploy.demo.attachment import attach
from deploy.demo.connections import Connections
from deploy.demo.driver import Driver, Progress
from deploy.demo.history import StudentHistory, history_of
from deploy.demo.outcomes import EarlierOutcomes
from deploy.demo.retry import retry
from deploy.population import leas
from deploy.population.children import Child
from deploy.population.codes import RACES, SCHOOL_AGE, SEXES, Disability, Environment
from deploy.population.pupils import Grade, Pupil, SchoolCode, StateId

_DEAD_LETTER_SECONDS = 60
_MOVING_SECONDS = 30
_POLL_SECONDS = 0.1


class DeadLetters:
    """The dead letters that a service publishes from now on."""

    def __init__(self, bootstrap: str, prefix: str, service: str) -> None:
        self._consumer = AIOKafkaConsumer(
            f"{prefix}{service}.dead-letters",
            bootstrap_servers=bootstrap,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="latest",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        for place in self._consumer.assignment():
            await self._consumer.position(place)  # from here on no message is missed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def next(self) -> DeadLetter:
        """The next dead letter. TimeoutError: none comes within 60 s."""
        async with asyncio.timeout(_DEAD_LETTER_SECONDS):
            record = await self._consumer.getone()
        return DeadLetter.model_validate_json(record.value)


_CADDO, _EAST_BATON_ROUGE = "009", "017"
_AGE_DAYS = 3_800
_GIBBERISH = b"\xff\xfe\x00 not a message"


@dataclass(frozen=True, slots=True)
class Case:
    """What was tried, what the system answered, and whether that is the promised answer."""

    tried: str
    answer: str
    as_promised: bool


class CaseRunner:
    """Tries the cases. Each run uses new students."""

    def __init__(self, connections: Connections, api: ApiClient, tokens: Tokens, as_of: date) -> None:
        self._connections = connections
        self._api = api
        self._tokens = tokens
        self._as_of = as_of
        self._moves_on = as_of + timedelta(days=14)
        self.transferred = ""
        """The student whom East Baton Rouge owns in the end, without open services."""

    async def run(self) -> AsyncIterator[Case]:
        """Every case, in order."""
        every = (self._transfer(), self._held(), self._state_ids(), self._bad_tokens(), self._unreadable())
        for cases in every:
            async for case in cases:
                yield case

    async def _transfer(self) -> AsyncIterator[Case]:
        """A file for a student; a claim on the student, who has open services: refused, then accepted."""
        history = await self._served(_CADDO)
        student, services = history.pupil.state_id, _services(history)
        added = await attach(self._api, _CADDO, student, uuid4(), "Healthcare plan")
        yield _accepted(
            "Caddo uploads a PDF and adds it to a student", added, "accepted: it is in the record"
        )
        claim = ClaimJurisdiction(student_id=student, begin_on=self._moves_on, school="017001")
        claim_id = uuid4()
        blocked = await self._api.post(_EAST_BATON_ROUGE, claim, command_id=claim_id)
        yield _refused("East Baton Rouge claims a student to whom Caddo gives services", blocked, "JUR-004")
        async for case in self._written(student, claim_id):
            yield case
        another = services[0].model_copy(update={"service_id": uuid4()})
        foreign = await self._api.post(_EAST_BATON_ROUGE, another)
        yield _refused("East Baton Rouge adds a service before the student is its own", foreign, "ACC-005")
        yield await self._terminated(services)
        won = await self._api.post(_EAST_BATON_ROUGE, claim)
        self.transferred = student
        yield _accepted("East Baton Rouge claims again", won, "accepted: no open service is in the way")
        yield await self._without_gap(student)

    async def _written(self, student: str, claim_id: UUID) -> AsyncIterator[Case]:
        """The LEAs write to each other about the blocked claim, and one asks the state office for help."""
        answer = WriteOnTransfer(student_id=student, claim_id=claim_id, text="The services end this week.")
        written = await self._api.post(_CADDO, answer)
        yield _accepted("Caddo writes about the claim", written, "accepted: that is its answer in time")
        asking = EscalateTransfer(student_id=student, claim_id=claim_id)
        asked = await self._api.post(_EAST_BATON_ROUGE, asking)
        yield _accepted("East Baton Rouge asks the state office for help", asked, "accepted")
        listed = await self._api.get("jurisdiction", "/claims/escalated?limit=500")
        there = str(claim_id) in {one["claim_id"] for one in listed.body.get("claims", ())}
        yield Case(
            "The state office's list of claims", "names the claim" if there else "lacks the claim", there
        )

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
        replies = [await self._api.post(_CADDO, end) for end in ends]
        done = all(reply.status == "accepted" for reply in replies)
        return Case(
            f"Caddo terminates its {len(ends)} services",
            "accepted" if done else replies[-1].explanation,
            done,
        )

    async def _without_gap(self, student: str) -> Case:
        found = await self._api.get("jurisdiction", f"/students/{student}/jurisdiction")
        new, old = found.body["spells"]
        adjacent = date.fromisoformat(old["end_on"]) + timedelta(days=1) == date.fromisoformat(
            new["begin_on"]
        )
        first = f"{old['lea']} from {old['begin_on']} through {old['end_on']}"
        return Case(
            "The student's jurisdictions have no gap",
            f"{first}, {new['lea']} from {new['begin_on']}",
            adjacent,
        )

    async def _held(self) -> AsyncIterator[Case]:
        """A command that arrives before the event it needs, and a command that arrives twice."""
        history, claim_id, adding_id = history_of(_gifted(_CADDO, self._as_of), self._as_of), uuid4(), uuid4()
        student = history.pupil.state_id
        claim = ClaimJurisdiction(student_id=student, begin_on=self._as_of, school="009001")
        early = await self._api.post(_CADDO, claim, command_id=claim_id, until_final=False)
        yield Case(
            "Caddo claims a student nobody has added", f"held: {early.explanation}", early.status == "held"
        )
        await retry(lambda: self._connections.producer.send(history.identity, str(history.id)), "Kafka")
        adding = AddStudent(student_id=student, profile=Profile(grade="05"))
        added = await self._api.post(_CADDO, adding, command_id=adding_id)
        claimed = await self._api.wait_for_outcome("jurisdiction", claim_id)
        yield _accepted("The student is added", claimed, "the held claim is decided by itself, and accepted")
        again = await self._api.post(_CADDO, adding, command_id=adding_id)
        yield _accepted(
            "The same command is sent twice", again, "the same outcome; the student was added once", added
        )
        async for case in self._in_error(claim, claim_id):
            yield case

    async def _in_error(self, claim: ClaimJurisdiction, claim_id: UUID) -> AsyncIterator[Case]:
        """The wrong LEA claimed first. It withdraws its claim, and the right one claims from the same day."""
        right = claim.model_copy(update={"school": "017001"})
        late = await self._api.post(_EAST_BATON_ROUGE, right)
        yield _refused("East Baton Rouge claims the student from the same day", late, "JUR-006")
        error = WithdrawClaim(student_id=claim.student_id, spell_id=claim_id, reason="the wrong student")
        withdrawn = await self._api.post(_CADDO, error)
        yield _accepted("Caddo withdraws its claim", withdrawn, "accepted: no LEA owns the student")
        won = await self._api.post(_EAST_BATON_ROUGE, right)
        yield _accepted("East Baton Rouge claims from that day again", won, "accepted at once")

    async def _state_ids(self) -> AsyncIterator[Case]:
        """One child whom two LEAs added under two State IDs: one manager proposes, a second one approves."""
        ids = []
        for lea in (_CADDO, _EAST_BATON_ROUGE):
            history = history_of(_gifted(lea, self._as_of), self._as_of)
            ids.append(history.pupil.state_id)
            await retry(partial(self._connections.producer.send, history.identity, str(history.id)), "Kafka")
            added = await self._api.post(lea, AddStudent(student_id=ids[-1], profile=Profile(grade="05")))
            claim = ClaimJurisdiction(student_id=ids[-1], begin_on=self._as_of, school=f"{lea}001")
            claimed = await self._api.post(lea, claim)
            if {added.status, claimed.status} != {"accepted"}:
                yield _accepted(f"{lea} adds and claims the child", claimed, "accepted")
        proposal = ModifyStateId(student_id=ids[0], into=ids[1], reason="One child, added twice.")
        first, second = (
            self._tokens.secure_id_manager(lea, f"manager.{lea}") for lea in (_CADDO, _EAST_BATON_ROUGE)
        )
        proposed = await self._api.post(_CADDO, proposal, token=first)
        yield _accepted("Caddo proposes that its student bears another State ID", proposed, "it waits")
        approval = ApproveStateId(student_id=ids[0])
        alone = await self._api.post(_CADDO, approval, token=first)
        yield _refused("The same person approves", alone, "STU-036")
        approved = await self._api.post(_EAST_BATON_ROUGE, approval, token=second)
        yield _accepted("East Baton Rouge's manager approves", approved, f"{ids[1]} stands for {ids[0]}")
        async for case in self._merged(ids[0], ids[1], first):
            yield case

    async def _merged(self, old: str, survivor: str, first: str) -> AsyncIterator[Case]:
        """The records of the merged State ID stand under the survivor, and come back."""
        both = await self._spells(survivor, 2)
        yield Case("The old State ID's jurisdiction, asked for by the new one", f"{both} spells", both == 2)
        sent_on = await self._api.get("jurisdiction", f"/students/{old}/jurisdiction")
        stands = str(sent_on.body.get("student_id"))
        yield Case("A query for the old State ID", f"answered for {stands}", stands == survivor)
        late = await self._api.post(_CADDO, SaveProfile(student_id=old, profile=Profile(grade="06")))
        yield _refused("Caddo saves a profile under the old State ID", late, "MSG-050")
        back = ModifyStateId(student_id=old, reason="Two children after all.")
        await self._api.post(_CADDO, back, token=first)
        office = self._tokens.secure_id_manager(STATE, "manager.state")
        undone = await self._api.post(_CADDO, ApproveStateId(student_id=old), token=office)
        yield _accepted("The merge is taken back", undone, f"{old} stands for itself again")
        own = await self._spells(old, 1), await self._spells(survivor, 1)
        yield Case(
            "Each State ID has its own jurisdiction again",
            f"{own[0]} spell and {own[1]} spell",
            own == (1, 1),
        )

    async def _spells(self, student: str, expected: int) -> int:
        """How many spells stand under a State ID, once as many as expected do; after 30 s, as many as do."""
        end = time.monotonic() + _MOVING_SECONDS
        while True:
            found = await self._api.get("jurisdiction", f"/students/{student}/jurisdiction")
            of_it = found.body.get("student_id") == student
            spells = len(found.body.get("spells", ())) if of_it else 0
            if spells == expected or time.monotonic() > end:
                return spells
            await asyncio.sleep(_POLL_SECONDS)

    async def _bad_tokens(self) -> AsyncIterator[Case]:
        """A forged token and an expired one."""
        adding = AddStudent(student_id=_state_id(), profile=Profile())
        *claims, _ = self._tokens.state.split(".")
        forged = ".".join((*claims, self._tokens.lea(_CADDO).split(".")[-1]))
        reply = await self._api.post(_CADDO, adding, token=forged)
        yield _refused("A token with the state's claims under another's signature", reply, "ACC-002")
        reply = await self._api.post(_CADDO, adding, token=self._tokens.expired(_CADDO))
        yield _refused("A token that expired an hour ago", reply, "ACC-003")

    async def _unreadable(self) -> AsyncIterator[Case]:
        """Bytes that are no message: the service publishes a dead letter."""
        letter = await retry(self._dead_letter, "Kafka")
        yield Case(
            "Bytes that are no message, on ieps.commands",
            f"dead letter: {letter.reason} (partition {letter.partition}, offset {letter.offset})",
            letter.topic == f"{self._connections.prefix}ieps.commands",
        )

    async def _dead_letter(self) -> DeadLetter:
        async with DeadLetters(self._connections.bootstrap, self._connections.prefix, "ieps") as letters:
            await self._connections.producer.send_bytes("ieps.commands", _GIBBERISH)
            return await letters.next()

    async def _served(self, lea: LeaCode) -> StudentHistory:
        """A gifted student whose history, with two services or more, has gone through the system."""
        histories = (history_of(_gifted(lea, self._as_of), self._as_of) for _ in iter(int, 1))
        history = next(history for history in histories if len(_services(history)) > 1)
        driver = Driver(self._connections, EarlierOutcomes([history.pupil]), self._as_of)
        await driver.drive([history.pupil], Progress(1))
        return history


def _refused(tried: str, reply: Reply, rule: str) -> Case:
    return Case(tried, f"refused: {reply.explanation or reply.body}", rule in reply.rules)


def _accepted(tried: str, reply: Reply, meaning: str, like: Reply | None = None) -> Case:
    good = reply.status == "accepted" and (like is None or reply.body == like.body)
    return Case(tried, meaning if good else f"{reply.status}: {reply.explanation}", good)


def _services(history: StudentHistory) -> list[AddService]:
    return [step.message for step in history.commands if isinstance(step.message, AddService)]


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
    """A State ID that no child of a population has, since theirs never begin with 0."""
    return StateId(f"0{secrets.randbelow(10**9):09d}")
