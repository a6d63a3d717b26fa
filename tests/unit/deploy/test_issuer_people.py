"""The people whom one can be at the development issuer."""

import pytest

from contracts.access import Actor
from contracts.roles import Role
from deploy.issuer.people import PEOPLE, FormRefused, ready_made, typed_in


def test_there_is_somebody_for_each_role() -> None:
    """Whoever wants to try what a role may do finds a ready-made person who has it."""
    assert {role for person in PEOPLE for role in person.roles} == set(Role)


def test_each_person_is_another_user_of_an_lea() -> None:
    """The services can tell the people apart, and take each of them as a sender."""
    assert len({person.sub for person in PEOPLE}) == len({person.title for person in PEOPLE}) == len(PEOPLE)
    for person in PEOPLE:
        assert Actor(sub=person.sub, lea=person.lea, roles=frozenset(person.roles)).sender
        assert ready_made(person.sub) is person


def test_a_transfer_has_two_sides() -> None:
    """Two coordinators of different LEAs can be tried in two browsers."""
    assert len({person.lea for person in PEOPLE if Role.COORDINATOR in person.roles}) == 2


def test_a_typed_name_becomes_a_user_name() -> None:
    """The user name has no spaces or signs; the roles keep their usual order."""
    person = typed_in("  Speech/Language   Pathologist ", "036", ["writer", "reader"])

    assert (person.sub, person.name) == ("speech-language-pathologist-036", "Speech/Language Pathologist")
    assert person.roles == (Role.READER, Role.WRITER)


@pytest.mark.parametrize(
    ("name", "lea", "roles", "wrong"),
    [
        ("", "017", ["reader"], ["name"]),
        (" -- ", "017", ["reader"], ["name"]),
        ("x" * 81, "017", ["reader"], ["name"]),
        ("Somebody", "17", ["reader"], ["lea"]),
        ("Somebody", "LA", [], ["role"]),
        ("Somebody", "LA", ["king"], ["role"]),
        ("", "", [], ["name", "lea", "role"]),
    ],
)
def test_all_problems_are_said_at_once(name: str, lea: str, roles: list[str], wrong: list[str]) -> None:
    """A person who cannot be is refused with a sentence for each field that is wrong."""
    with pytest.raises(FormRefused) as refused:
        typed_in(name, lea, roles)

    assert [problem.field for problem in refused.value.problems] == wrong
    assert all(problem.sentence.endswith(".") for problem in refused.value.problems)


def test_nobody_else_is_ready_made() -> None:
    """A user name that is none of the people's is no way in."""
    with pytest.raises(FormRefused):
        ready_made("somebody-017")
