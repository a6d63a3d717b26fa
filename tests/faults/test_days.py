"""Messages around midnight, the change of clocks, and 29 February (family 15)."""

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

from contracts.dates import FURTHEST_AHEAD, ZONE
from contracts.errors import TOO_FAR_AHEAD
from contracts.identity import IdentityAssigned
from contracts.jurisdiction import ClaimJurisdiction
from contracts.students import AddStudent
from contracts.topics import kinds, topic_settings
from services.students.domain.rules import NOT_BORN_YET
from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, until
from tests.faults.students import PlannedMessage, Student, student_of
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_ZONE = ZoneInfo(ZONE)
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


async def test_the_day_of_receipt(system: ProxiedSystem, judge: Judge) -> None:
    """A command for a day is refused 1 ms before that day begins in Louisiana, and accepted after."""
    make_student = partial(around_midnight, instant=Random(15))
    async with stamped_by_senders(system):
        async with Workload(system, 150, make_student=make_student).running(fewest=6 * len(DAYS)) as load:
            pass
        await judge.check("15 around midnight", load, faults=6 * len(DAYS))

    refused = [
        (phase[-1].at, [finding.code for finding in load.final[str(phase[-1].id)].findings], expected)
        for student in load.students
        if len(student.phases) > 1 and len(student.phases[1]) == 1
        for phase, expected in zip(student.phases, _NEWBORN, strict=True)
    ]
    assert len(refused) >= 3 * len(DAYS) * len(_NEWBORN)
    assert [answer for answer in refused if answer[1] != answer[2]] == []


_NEWBORN: tuple[list[str], ...] = ([NOT_BORN_YET.code], [], [TOO_FAR_AHEAD.code], [])
"""The codes that refuse each phase of a newborn's messages."""


def around_midnight(family: int, number: int, instant: Random) -> Student:
    """Every second student is a newborn with messages at midnight; the others' come in the hours around."""
    day = [*DAYS][number // 2 % len(DAYS)]
    student = student_of(family, number)
    if number % 2:
        moments = chain.from_iterable(student.phases)
        at = {
            planned.id: midnight(day) + timedelta(minutes=instant.uniform(-180, 300)) for planned in moments
        }
        return replace(
            student,
            phases=tuple(
                tuple(replace(planned, at=at[planned.id]) for planned in phase) for phase in student.phases
            ),
        )
    return born_on(day, student)


def born_on(day: date, student: Student) -> Student:
    """A newborn. Its LEA adds and claims it for a year ahead, first 1 ms too early, then in time."""
    assigned, added = student.phases[0][:2]
    assert isinstance(assigned.message, IdentityAssigned)
    assert isinstance(added.message, AddStudent)
    person = assigned.message.person.model_copy(update={"birth_on": day})
    identity = replace(assigned, message=assigned.message.model_copy(update={"person": person}))
    claim = ClaimJurisdiction(
        student_id=student.state_id,
        begin_on=day + timedelta(days=FURTHEST_AHEAD),
        school=f"{assigned.lea}001",
    )

    def planned(message: AddStudent | ClaimJurisdiction, at: datetime) -> PlannedMessage:
        return PlannedMessage(uuid5(assigned.id, f"{type(message).__name__}/{at}"), assigned.lea, message, at)

    before, begun = midnight(day) - _MOMENT, midnight(day)
    phases = (
        (identity, planned(added.message, before)),
        (planned(added.message, begun),),
        (planned(claim, before),),
        (planned(claim, begun),),
    )
    # Another student's claim begins on the day of this birth, and its refusal names that day.
    return Student(student.state_id, student.canaries[:2], phases)


def midnight(day: date) -> datetime:
    """The instant at which a day begins in Louisiana."""
    return datetime(day.year, day.month, day.day, tzinfo=_ZONE)


@asynccontextmanager
async def stamped_by_senders(system: ProxiedSystem) -> AsyncIterator[None]:
    """Inside: the sender sets the timestamps of commands. Otherwise Kafka does."""
    ours = {name: topic_settings(kind, copies=1) for name, kind in kinds().items()}
    await _configure(system, {name: settings | {_STAMP: "CreateTime"} for name, settings in ours.items()})
    try:
        yield
    finally:
        await _configure(system, ours)


async def _configure(system: ProxiedSystem, topics: dict[str, dict[str, str]]) -> None:
    async with system.admin() as admin:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, *topic) for topic in topics.items()]
        for answer in await admin.alter_configs(wanted):
            assert {code for code, *_ in answer.resources} == {0}

        async def configured() -> bool:
            resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
            settings_now = _settings_in(await admin.describe_configs(resources))
            return all(settings_now[name].items() >= settings.items() for name, settings in topics.items())

        await until(configured, "Kafka has the new topic settings")


def _settings_in(answers: Any) -> dict[str, dict[str, str]]:
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }
