"""Made-up students for `AddStudent`: the identity that eScholar announces, and the command."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from rich.console import Console

from benchmarks.people import people
from benchmarks.topics import Sent, sent
from contracts.identity import IdentityAssigned
from contracts.students import AddStudent, Profile
from deploy.demo.display import phase

_FIRST = 1_000_000_000
_GRADES = ("01", "02", "03", "04", "05", "06", "07", "08")


@dataclass(frozen=True)
class Arrival:
    """A student to add."""

    identity: IdentityAssigned
    command: AddStudent
    command_id: UUID


def make_arrivals(count: int) -> list[Arrival]:
    """`count` arrivals. Each call gives the same ones."""
    chance = Random(1)
    return [
        Arrival(
            IdentityAssigned(student_id=str(_FIRST + number), revision=1, person=person),
            AddStudent(student_id=str(_FIRST + number), profile=Profile(grade=chance.choice(_GRADES))),
            UUID(int=chance.getrandbits(128), version=4),
        )
        for number, person in enumerate(people(chance, count))
    ]


async def draw_arrivals(screen: Console, count: int) -> list[Arrival]:
    """`make_arrivals` with a progress line."""
    async with phase(screen, "students", None, lambda: (0, f"{count:,} drawn")):
        return await asyncio.to_thread(make_arrivals, count)


def identity_messages(arrivals: Sequence[Arrival], prefix: str) -> Iterator[Sent]:
    """eScholar's messages about the arrivals."""
    return (sent(prefix, one.identity) for one in arrivals)


def command_messages(arrivals: Sequence[Arrival], prefix: str, token: str) -> Iterator[Sent]:
    """An LEA's `AddStudent` commands for the arrivals."""
    return (sent(prefix, one.command, token=token, command_id=str(one.command_id)) for one in arrivals)
