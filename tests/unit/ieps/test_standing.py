"""Who may do something for a student's evaluations and IEPs, and from when on."""

from datetime import date

import pytest

from contracts.access import Role
from contracts.decision import Accepted, Known, Refused, Waiting
from contracts.ieps import Evaluation
from contracts.message import Command, Record
from services.ieps.domain.facts import KnownGuardian, KnownSpell, KnownStudent, owner
from tests.unit.ieps import story
from tests.unit.telling import STUDENT, TODAY, actor, codes, said

EVERY_COMMAND = [
    story.request(),
    story.parent_says(),
    story.report(),
    story.determine("AUT"),
    story.draft(),
    story.save(*story.complete_forms()),
    story.make_official(),
    story.submit(),
    story.amend(),
]


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize(
    ("history", "code"),
    [
        ([], "IEP-001"),
        (story.heard(story.added()), "IEP-002"),
        (story.heard(story.added(), story.guardian_saved()), "IEP-003"),
        (story.heard(story.added(), story.claimed()), "IEP-002"),
    ],
)
def test_evaluations_and_ieps_open_when_everything_before_them_is_there(
    command: Command, history: list[Record], code: str
) -> None:
    """Nothing happens before the student was added, a parent or guardian saved and the student claimed."""
    decision = story.decide(history, command)

    assert isinstance(decision, Waiting)
    assert codes(decision) == {code}


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
def test_another_lea_may_do_nothing_and_learns_nothing(command: Command) -> None:
    """The LEA that does not own the student is refused, whatever the record holds."""
    decision = story.decide(story.submitted(), command, by=actor("009"))

    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
def test_a_reader_may_not_write(command: Command) -> None:
    """Somebody who may only read is refused at once, even while the student is not known yet."""
    decision = story.decide([], command, by=actor("017", Role.READER))

    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-004"}


def test_submitting_is_a_right_of_its_own() -> None:
    """A writer who may not submit IEPs is refused; a submitter needs no other right."""
    official = story.after(story.drafted(), story.make_official())

    assert codes(story.decide(official, story.submit(), by=actor("017", Role.WRITER))) == {"ACC-004"}
    assert isinstance(story.decide(official, story.submit(), by=actor("017", Role.IEP_SUBMITTER)), Accepted)


def test_the_new_lea_takes_the_evaluation_over() -> None:
    """When a student moves, the new LEA goes on with the evaluation, and the old LEA cannot."""
    spell = story.claimed()
    moved = story.heard(
        story.ended(spell, date(2017, 2, 4)),
        story.claimed(story.CADDO, date(2017, 2, 5), "second claim"),
        after=story.after(story.open_record(), story.request()),
    )

    [evaluation] = said(story.decide(moved, story.parent_says(), by=actor(story.CADDO)))
    assert isinstance(evaluation, Evaluation)
    assert evaluation.lea == story.CADDO
    assert codes(story.decide(moved, story.parent_says())) == {"ACC-005"}


def test_between_two_spells_a_command_waits() -> None:
    """While the old spell has ended and the new one has not been heard of, nobody is refused."""
    between = story.heard(story.ended(story.claimed(), date(2017, 1, 31)), after=story.open_record())

    assert codes(story.decide(between, story.request())) == {"IEP-003"}


def test_the_later_of_two_open_spells_counts() -> None:
    """The new LEA's claim counts although the end of the old spell has not been heard of yet."""
    claimed = story.heard(
        story.claimed(story.CADDO, date(2017, 1, 5), "second claim"), after=story.open_record()
    )

    assert owner(Known(claimed)) == story.CADDO


def test_dates_before_birth_are_refused() -> None:
    """A date before the student was born is refused at the field that has it."""
    decision = story.decide(story.open_record(), story.request(on=date(2008, 11, 19)))

    assert isinstance(decision, Refused)
    assert [(found.code, found.field) for found in decision.findings] == [
        ("IEP-004", "permission_requested_on")
    ]


def test_dates_more_than_a_year_ahead_are_refused() -> None:
    """A date more than a year from today is a slip of the pen; one within a year is not."""
    ahead = date(TODAY.year + 1, TODAY.month, TODAY.day + 2)

    assert codes(story.decide(story.open_record(), story.request(on=ahead))) == {"IEP-005"}
    within = story.request(on=date(TODAY.year + 1, TODAY.month, TODAY.day))
    assert isinstance(story.decide(story.open_record(), within), Accepted)


def test_of_other_services_ieps_keeps_what_its_rules_need() -> None:
    """Of the student ieps keeps the birth date, of a guardian that there is one, of a spell whose it is."""
    spell = story.ended(story.claimed(), date(2017, 1, 31))
    known = Known(
        story.heard(story.added(), story.corrected(date(2009, 1, 1)), story.guardian_saved(), spell)
    )

    assert known.one(KnownStudent) == KnownStudent(student_id=STUDENT, revision=2, birth_on=date(2009, 1, 1))
    assert [set(type(guardian).model_fields) for guardian in known.all(KnownGuardian)] == [
        {"student_id", "revision", "guardian_id"}
    ]
    [kept] = known.all(KnownSpell)
    assert (kept.revision, kept.lea, kept.end_on) == (spell.revision, "017", date(2017, 1, 31))
