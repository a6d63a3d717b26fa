"""Around midnight, the change of the clocks, and 29 February (family 15)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from random import Random
from typing import Any
from uuid import uuid5
from zoneinfo import ZoneInfo

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.dates import FURTHEST_AHEAD
from contracts.errors import TOO_FAR_AHEAD
from contracts.identity import IdentityAssigned
from contracts.jurisdiction import ClaimJurisdiction
from contracts.students import AddStudent
from contracts.topics import kinds, topic_settings
from services.chassis.hosting.settings import Settings
from services.students.domain.rules import NOT_BORN_YET
from tests.faults.lives import Say, Student, student_of
from tests.faults.stage import Stage, until
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_ZONE = ZoneInfo(Settings.model_fields["time_zone"].default)
_MOMENT = timedelta(milliseconds=1)
_STAMP = "message.timestamp.type"

DAYS = {
    date(2023, 3, 1): "after 28 February",
    date(2024, 1, 1): "of a new year",
    date(2024, 2, 29): "that there is every four years",
    date(2024, 3, 1): "after 29 February",
    date(2024, 3, 10): "of 23 hours",
    date(2024, 3, 11): "after a day of 23 hours",
    date(2024, 6, 12): "like any other",
    date(2024, 11, 3): "of 25 hours",
    date(2024, 11, 4): "after a day of 25 hours",
}


async def test_the_day_of_receipt(stage: Stage, court: Court) -> None:
    """What is right from a day on is refused a moment before that day begins in Louisiana, then accepted."""
    cast = partial(around_midnight, instant=Random(15))
    async with stamped_by_senders(stage):
        async with Workload(stage, 150, cast=cast).running(fewest=6 * len(DAYS)) as load:
            pass
        await court.judge("15 around midnight", load, faults=6 * len(DAYS))

    refused = [
        (says[-1].at, [finding.code for finding in load.final[str(says[-1].id)].findings], expected)
        for student in load.students
        if len(student.acts) > 1 and len(student.acts[1]) == 1
        for says, expected in zip(student.acts, _NEWBORN, strict=True)
    ]
    assert len(refused) >= 3 * len(DAYS) * len(_NEWBORN)
    assert [told for told in refused if told[1] != told[2]] == []


_NEWBORN: tuple[list[str], ...] = ([NOT_BORN_YET.code], [], [TOO_FAR_AHEAD.code], [])
"""The codes with which each act of a newborn's story is refused."""


def around_midnight(family: int, number: int, instant: Random) -> Student:
    """Every other one is born on a day, and added and claimed as it begins; the others live in its hours."""
    day = [*DAYS][number // 2 % len(DAYS)]
    student = student_of(family, number)
    if number % 2:
        moments = chain.from_iterable(student.acts)
        at = {say.id: midnight(day) + timedelta(minutes=instant.uniform(-180, 300)) for say in moments}
        return replace(
            student, acts=tuple(tuple(replace(say, at=at[say.id]) for say in act) for act in student.acts)
        )
    return born_on(day, student)


def born_on(day: date, student: Student) -> Student:
    """A student whom its LEA wants to add and to claim for a year ahead, a moment too early, then in time."""
    assigned, added = student.acts[0][:2]
    assert isinstance(assigned.message, IdentityAssigned)
    assert isinstance(added.message, AddStudent)
    person = assigned.message.person.model_copy(update={"birth_on": day})
    identity = replace(assigned, message=assigned.message.model_copy(update={"person": person}))
    claim = ClaimJurisdiction(
        student_id=student.state_id,
        begin_on=day + timedelta(days=FURTHEST_AHEAD),
        school=f"{assigned.lea}001",
    )

    def ask(message: AddStudent | ClaimJurisdiction, at: datetime) -> Say:
        return Say(uuid5(assigned.id, f"{type(message).__name__}/{at}"), assigned.lea, message, at)

    before, begun = midnight(day) - _MOMENT, midnight(day)
    acts = (
        (identity, ask(added.message, before)),
        (ask(added.message, begun),),
        (ask(claim, before),),
        (ask(claim, begun),),
    )
    return Student(student.state_id, (*student.canaries[:2], str(day)), acts)


def midnight(day: date) -> datetime:
    """The instant at which a day begins in Louisiana."""
    return datetime(day.year, day.month, day.day, tzinfo=_ZONE)


@asynccontextmanager
async def stamped_by_senders(stage: Stage) -> AsyncIterator[None]:
    """Inside: a sender may say when its command was received, which otherwise Kafka alone does."""
    ours = {name: topic_settings(kind, copies=1) for name, kind in kinds().items()}
    await _configure(stage, {name: settings | {_STAMP: "CreateTime"} for name, settings in ours.items()})
    try:
        yield
    finally:
        await _configure(stage, ours)


async def _configure(stage: Stage, topics: dict[str, dict[str, str]]) -> None:
    async with stage.admin() as admin:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, *topic) for topic in topics.items()]
        for answer in await admin.alter_configs(wanted):
            assert {code for code, *_ in answer.resources} == {0}

        async def configured() -> bool:
            asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
            said = _settings_in(await admin.describe_configs(asked))
            return all(said[name].items() >= settings.items() for name, settings in topics.items())

        await until(configured, "the topics are set up otherwise")


def _settings_in(answers: Any) -> dict[str, dict[str, str]]:
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }
