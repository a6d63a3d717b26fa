"""Students to be added: whom eScholar knows, and the command that adds each."""

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
    """One to be added."""

    identity: IdentityAssigned
    command: AddStudent
    command_id: UUID


def arrivals(count: int) -> list[Arrival]:
    """So many; the same at each call."""
    chance = Random(1)
    return [
        Arrival(
            IdentityAssigned(student_id=str(_FIRST + number), revision=1, person=person),
            AddStudent(student_id=str(_FIRST + number), profile=Profile(grade=chance.choice(_GRADES))),
            UUID(int=chance.getrandbits(128), version=4),
        )
        for number, person in enumerate(people(chance, count))
    ]


async def drawn(screen: Console, count: int) -> list[Arrival]:
    """The same, while one is shown that it goes on."""
    async with phase(screen, "students", None, lambda: (0, f"{count:,} drawn")):
        return await asyncio.to_thread(arrivals, count)


def announced(coming: Sequence[Arrival], prefix: str) -> Iterator[Sent]:
    """eScholar says who they are."""
    return (sent(prefix, one.identity) for one in coming)


def asked(coming: Sequence[Arrival], prefix: str, token: str) -> Iterator[Sent]:
    """An LEA's commands that add them."""
    return (sent(prefix, one.command, token=token, command_id=str(one.command_id)) for one in coming)
