"""The histories of the demonstration, decided by the real rules of the four deciding services."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

import pytest

from contracts.activities import SpedActivity
from contracts.codes import EXCEPTIONALITIES
from contracts.decision import Accepted, Decision
from contracts.errors import Finding
from contracts.evaluations import Evaluation
from contracts.ieps import IEP, IEPStage, SubmitIEP
from contracts.jurisdiction import Spell
from contracts.provision import Service
from contracts.types import age_on
from deploy.demo.history import IEP_SUBMITTED, history_id, history_of, split_by_service, step_number
from deploy.population.codes import (
    DECLARED_AGES,
    DISABILITIES,
    GROUPS,
    AgeGroup,
    Disability,
    Environment,
)
from deploy.population.pupils import Pupil
from tests.unit.demo.in_memory_services import InMemoryServices
from tests.unit.demo.pupils import AS_OF, birthday_in, pupil


def kinds() -> Iterator[tuple[AgeGroup, int, Disability, Environment]]:
    """Every allowed combination of age, disability and environment."""
    for group, codes in GROUPS.items():
        for age, disability, environment in product(codes.ages, DISABILITIES, codes.environments):
            if age in DECLARED_AGES.get(disability, range(99)):
                yield group, age, disability, environment


def pupils_of_every_kind() -> list[Pupil]:
    """A pupil of every kind. The birthdays are spread over the year."""
    birthdays = (0, 1, 31, 90, 180, 270, 363, 364)
    return [
        pupil(
            age,
            birthday_in(age, birthdays[number % len(birthdays)]),
            group=group,
            disability=disability,
            environment=environment,
            number=number,
        )
        for number, (group, age, disability, environment) in enumerate(kinds())
    ]


PUPILS = pupils_of_every_kind()

Decided = tuple[Pupil, Sequence[Decision], InMemoryServices]


@pytest.fixture(scope="module")
def decided() -> Sequence[Decided]:
    """Every kind of pupil, with the decisions about its commands and the records at the end."""
    all_services = [InMemoryServices() for _ in PUPILS]
    return [
        (one, services.decide_all(history_of(one, AS_OF)), services)
        for one, services in zip(PUPILS, all_services, strict=True)
    ]


def test_no_command_of_any_kind_of_child_is_refused(decided: Sequence[Decided]) -> None:
    """For every disability, environment, age and birthday, each command of the history is accepted."""
    not_accepted = [
        (one.child, one.birth_on, decision)
        for one, decisions, _ in decided
        for decision in decisions
        if not isinstance(decision, Accepted)
    ]

    assert not_accepted == []
    assert len(decided) > 1500


def test_every_child_ends_in_its_cell(decided: Sequence[Decided]) -> None:
    """On the day of the count the child is in special education, with its disability and environment."""
    for one, _, services in decided:
        [evaluation], [iep] = services.all(Evaluation), services.all(IEP)
        [activity], [spell] = services.all(SpedActivity), services.all(Spell)
        assert EXCEPTIONALITIES[evaluation.primary.code].edfacts == one.child.disability
        assert iep.environment == one.child.environment
        assert iep.stage is IEPStage.SUBMITTED
        assert spell.begin_on <= evaluation.determined_on <= iep.begin_on == activity.entered_on <= AS_OF
        assert AS_OF - iep.begin_on < timedelta(days=365), "the IEP is in effect"
        assert age_on(one.birth_on, AS_OF) == one.child.age
        assert 1 <= len([service for service in services.all(Service) if service.open]) <= 3


def test_only_a_birthday_between_the_age_groups_brings_a_warning(decided: Sequence[Decided]) -> None:
    """The only warning says that a child of five or six may be counted in the other age group."""
    for one, decisions, _ in decided:
        for finding in (found for decision in decisions for found in warnings(decision)):
            assert finding.code == "IEP-112", finding
            assert one.child.age in (5, 6)


def warnings(decision: Decision) -> Sequence[Finding]:
    """The warnings of an accepted command."""
    assert isinstance(decision, Accepted)
    return decision.warnings


def test_steps_come_in_the_order_of_their_dates(decided: Sequence[Decided]) -> None:
    """Referral, request, consent, report, determination, meeting and begin follow each other."""
    for _, _, services in decided:
        [found], [iep], [spell] = services.all(Evaluation), services.all(IEP), services.all(Spell)

        days = [
            spell.begin_on,
            found.referred_on,
            found.permission_requested_on,
            found.decided_on,
            found.report_disseminated_on,
            found.determined_on,
            iep.meeting_on,
            iep.begin_on,
        ]
        assert days == sorted(days)


@pytest.mark.parametrize(
    "birth_on", [date(2014, 10, 1), date(2014, 9, 30), date(2009, 2, 28), date(2012, 2, 29)]
)
def test_developmental_delay_begins_at_three(birth_on: date) -> None:
    """A child who turned three today, or was born on 29 February, gets the disability at an allowed age."""
    age = age_on(birth_on, AS_OF)
    group, environment = ("3-5", "SC") if age < 6 else ("6-21", "RC80")
    services = InMemoryServices()

    services.decide_all(
        history_of(pupil(age, birth_on, group=group, disability="DD", environment=environment), AS_OF)
    )

    [evaluation] = services.all(Evaluation)
    assert 3 <= age_on(birth_on, evaluation.determined_on) <= 8


def test_a_history_is_always_the_same() -> None:
    """A history made twice has the same messages and ids, so sending it again changes nothing."""
    one = pupil(9, birthday_in(9, 40))

    first, second = history_of(one, AS_OF), history_of(one, AS_OF)

    assert first == second
    assert first.id == history_id(one.state_id)


def test_no_two_steps_share_an_id() -> None:
    """Two steps never have the same id."""
    ids = [step.id for one in PUPILS for step in history_of(one, AS_OF).commands]

    assert len(set(ids)) == len(ids)


def test_a_step_is_known_by_its_id() -> None:
    """The id of a command alone says which step of which child it is."""
    first, second = (history_of(one, AS_OF) for one in PUPILS[:2])

    assert [step_number(first.id, step.id) for step in first.commands] == [
        step.number for step in first.commands
    ]
    assert [step_number(second.id, step.id) for step in first.commands] == [None] * len(first.commands)
    submitted = next(step for step in first.commands if step.number == IEP_SUBMITTED)
    assert isinstance(submitted.message, SubmitIEP)


def test_a_history_has_five_groups_of_steps() -> None:
    """The groups are: add, claim, guardian, evaluation to submitted IEP, services."""
    owners = [
        {step.entry.owner for step in group}
        for group in split_by_service(history_of(PUPILS[0], AS_OF).commands)
    ]

    assert owners == [{"students"}, {"jurisdiction"}, {"students"}, {"ieps"}, {"provision"}]
