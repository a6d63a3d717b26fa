"""The lives of the demonstration, lived through the real rules of the four services that decide."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

import pytest

from contracts.codes import EXCEPTIONALITIES
from contracts.decision import Accepted, Decision
from contracts.errors import Finding
from contracts.ieps import IEP, Evaluation, IEPStage, SpedActivity, SubmitIEP
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
from tests.unit.demo.pupils import AS_OF, birthday_in, pupil
from tests.unit.demo.state import State


def kinds() -> Iterator[tuple[AgeGroup, int, Disability, Environment]]:
    """Every age, disability and environment that may meet."""
    for group, codes in GROUPS.items():
        for age, disability, environment in product(codes.ages, DISABILITIES, codes.environments):
            if age in DECLARED_AGES.get(disability, range(99)):
                yield group, age, disability, environment


def everyone() -> list[Pupil]:
    """A pupil of every kind, birthdays spread over the year: today, yesterday, …, tomorrow a year ago."""
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


PUPILS = everyone()

Lived = tuple[Pupil, Sequence[Decision], State]


@pytest.fixture(scope="module")
def lived() -> Sequence[Lived]:
    """Every kind of child lived, with what was answered and what is known in the end."""
    states = [State() for _ in PUPILS]
    return [
        (one, state.live(history_of(one, AS_OF)), state) for one, state in zip(PUPILS, states, strict=True)
    ]


def test_every_kind_of_child_is_lived_without_a_refusal(lived: Sequence[Lived]) -> None:
    """Whatever its disability, environment, age and birthday, every step of its life is accepted."""
    others = [
        (one.child, one.birth_on, decision)
        for one, decisions, _ in lived
        for decision in decisions
        if not isinstance(decision, Accepted)
    ]

    assert others == []
    assert len(lived) > 1500


def test_every_child_ends_where_it_is_to_be_counted(lived: Sequence[Lived]) -> None:
    """At the end the child is in special education on the day, with its disability and environment."""
    for one, _, state in lived:
        [evaluation], [iep] = state.all(Evaluation), state.all(IEP)
        [activity], [spell] = state.all(SpedActivity), state.all(Spell)
        assert EXCEPTIONALITIES[evaluation.primary.code].edfacts == one.child.disability
        assert iep.environment == one.child.environment
        assert iep.stage is IEPStage.SUBMITTED
        assert spell.begin_on <= evaluation.determined_on <= iep.begin_on == activity.entered_on <= AS_OF
        assert AS_OF - iep.begin_on < timedelta(days=365), "the IEP is in effect"
        assert age_on(one.birth_on, AS_OF) == one.child.age
        assert 1 <= len([service for service in state.all(Service) if service.open]) <= 3


def test_only_a_birthday_between_the_age_groups_brings_a_warning(lived: Sequence[Lived]) -> None:
    """The one warning is that a child of five or six may be counted in the other age group."""
    for one, decisions, _ in lived:
        for finding in (found for decision in decisions for found in warnings(decision)):
            assert finding.code == "IEP-112", finding
            assert one.child.age in (5, 6)


def warnings(decision: Decision) -> Sequence[Finding]:
    """What an acceptance had to say all the same."""
    assert isinstance(decision, Accepted)
    return decision.warnings


def test_steps_come_in_the_order_of_their_dates(lived: Sequence[Lived]) -> None:
    """Referral, request, consent, report, determination, meeting and begin follow each other."""
    for _, _, state in lived:
        [found], [iep], [spell] = state.all(Evaluation), state.all(IEP), state.all(Spell)

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
def test_developmental_delay_is_found_at_three_at_the_earliest(birth_on: date) -> None:
    """Who turned three today, or was born on 29 February, is found to have a delay within the ages."""
    age = age_on(birth_on, AS_OF)
    group, environment = ("3-5", "SC") if age < 6 else ("6-21", "RC80")
    state = State()

    state.live(history_of(pupil(age, birth_on, group=group, disability="DD", environment=environment), AS_OF))

    [evaluation] = state.all(Evaluation)
    assert 3 <= age_on(birth_on, evaluation.determined_on) <= 8


def test_a_life_is_always_the_same() -> None:
    """Made twice, a life has the same messages under the same ids, so sending it again changes nothing."""
    one = pupil(9, birthday_in(9, 40))

    first, second = history_of(one, AS_OF), history_of(one, AS_OF)

    assert first == second
    assert first.id == history_id(one.state_id)


def test_no_two_steps_share_an_id() -> None:
    """Every step of every child has an id of its own."""
    ids = [step.id for one in PUPILS for step in history_of(one, AS_OF).commands]

    assert len(set(ids)) == len(ids)


def test_a_step_is_known_by_its_id() -> None:
    """Which step of which child an outcome answers is told from the command's id alone."""
    first, second = (history_of(one, AS_OF) for one in PUPILS[:2])

    assert [step_number(first.id, step.id) for step in first.commands] == [
        step.number for step in first.commands
    ]
    assert [step_number(second.id, step.id) for step in first.commands] == [None] * len(first.commands)
    submitted = next(step for step in first.commands if step.number == IEP_SUBMITTED)
    assert isinstance(submitted.message, SubmitIEP)


def test_a_life_is_told_in_five_stretches() -> None:
    """Adding, claiming, guardian, evaluation to submitted IEP, services: each waits for the one before."""
    owners = [
        {step.entry.owner for step in stretch}
        for stretch in split_by_service(history_of(PUPILS[0], AS_OF).commands)
    ]

    assert owners == [{"students"}, {"jurisdiction"}, {"students"}, {"ieps"}, {"provision"}]
