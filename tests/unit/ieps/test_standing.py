"""Who may write a student's evaluations and IEPs, and from which day."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from contracts.access import Role
from contracts.decision import Accepted, Known, Refused, Waiting
from contracts.evaluations import Evaluation, EvaluationExceptionKind
from contracts.facts import KnownSpell, KnownStudent, owner
from contracts.message import Command, Record
from services.ieps.domain.facts import KnownGuardian
from tests.unit.events import ended
from tests.unit.ieps import scenario
from tests.unit.scenario import STUDENT, TODAY, actor, codes, new_records

EVERY_COMMAND = [
    scenario.request(),
    scenario.parent_says(),
    scenario.report(),
    scenario.determine("AUT"),
    scenario.reevaluate(),
    scenario.waive(),
    scenario.assign(),
    scenario.extend(),
    scenario.explain(),
    scenario.exception(),
    scenario.close(),
    scenario.correct_date(),
    scenario.part_c(),
    scenario.draft(),
    scenario.save(*scenario.complete_forms()),
    scenario.make_official(),
    scenario.submit(),
    scenario.amend(),
    scenario.discard(),
    scenario.request_deletion(),
    scenario.leave(),
    scenario.correct(entered_on=scenario.BEGINS),
    scenario.void(),
    scenario.refuse(),
    scenario.revoke(),
]


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize(
    ("history", "code"),
    [
        ([], "REC-001"),
        (scenario.records_after(scenario.added()), "IEP-002"),
        (scenario.records_after(scenario.added(), scenario.guardian_saved()), "REC-002"),
        (scenario.records_after(scenario.added(), scenario.claimed()), "IEP-002"),
    ],
)
def test_evaluations_and_ieps_open_when_everything_before_them_is_there(
    command: Command, history: list[Record], code: str
) -> None:
    """Commands wait until an LEA has added and claimed the student and saved a parent or guardian."""
    decision = scenario.decide(history, command)

    assert isinstance(decision, Waiting)
    assert codes(decision) == {code}


@pytest.mark.parametrize(
    "command",
    [scenario.revoke(notice_on=None), scenario.leave(reason="REV")],
    ids=["notice", "command"],
)
def test_a_warning_refuses_no_command_that_waits(command: Command) -> None:
    """A command that would only be warned waits for the student like any other."""
    assert isinstance(scenario.decide([], command), Waiting)


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
def test_another_lea_may_do_nothing_and_learns_nothing(command: Command) -> None:
    """An LEA that does not own the student is refused."""
    decision = scenario.decide(scenario.submitted(), command, by=actor("009"))

    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    reader = actor("009", Role.READER)
    assert codes(scenario.decide(scenario.submitted(), command, by=reader)) == {"ACC-004", "ACC-005"}


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: type(command).__name__)
def test_a_reader_may_not_write(command: Command) -> None:
    """A reader is refused at once, even for an unknown student."""
    decision = scenario.decide([], command, by=actor("017", Role.READER))

    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-004"}


def test_submitting_is_a_right_of_its_own() -> None:
    """Only a submitter may submit an IEP, and a submitter needs no other role for it."""
    official = scenario.after(scenario.drafted(), scenario.make_official())

    assert codes(scenario.decide(official, scenario.submit(), by=actor("017", Role.WRITER))) == {"ACC-004"}
    assert isinstance(
        scenario.decide(official, scenario.submit(), by=actor("017", Role.IEP_SUBMITTER)), Accepted
    )


def test_the_new_lea_takes_the_evaluation_over() -> None:
    """When a student moves, the new LEA continues the evaluation, and the old LEA cannot."""
    spell = scenario.claimed()
    moved = scenario.records_after(
        ended(spell, date(2017, 2, 4)),
        scenario.claimed(scenario.CADDO, date(2017, 2, 5), "second claim"),
        after=scenario.after(scenario.open_record(), scenario.request()),
    )

    [evaluation] = new_records(scenario.decide(moved, scenario.parent_says(), by=actor(scenario.CADDO)))
    assert isinstance(evaluation, Evaluation)
    assert evaluation.lea == scenario.CADDO
    assert codes(scenario.decide(moved, scenario.parent_says())) == {"ACC-005"}


def test_between_two_spells_a_command_waits() -> None:
    """Between the old spell's end and the new spell's event, commands wait."""
    between = scenario.records_after(
        ended(scenario.claimed(), date(2017, 1, 31)), after=scenario.open_record()
    )

    assert codes(scenario.decide(between, scenario.request())) == {"REC-002"}


def test_the_later_of_two_open_spells_counts() -> None:
    """The new LEA's claim counts before the event of the old spell's end."""
    claimed = scenario.records_after(
        scenario.claimed(scenario.CADDO, date(2017, 1, 5), "second claim"), after=scenario.open_record()
    )

    assert owner(Known(claimed), TODAY) == scenario.CADDO


REQUESTED = scenario.after(scenario.open_record(), scenario.request())
CONSENTED = scenario.after(REQUESTED, scenario.parent_says())
COMPLETED = scenario.after(CONSENTED, scenario.report())
Dated = tuple[str, list[Record], Callable[[date], Command]]
DONE: list[Dated] = [
    ("permission_requested_on", scenario.open_record(), lambda day: scenario.request(on=day)),
    ("referred_on", scenario.open_record(), lambda day: scenario.request(referred_on=day)),
    ("decided_on", REQUESTED, lambda day: scenario.parent_says(on=day)),
    ("report_disseminated_on", CONSENTED, lambda day: scenario.report(on=day)),
    ("determined_on", COMPLETED, lambda day: scenario.determine("AUT", on=day)),
    (
        "received_by_appraisal_on",
        scenario.open_record(),
        lambda day: scenario.request(received_by_appraisal_on=day),
    ),
    ("begun_on", scenario.evaluated(), scenario.reevaluate),
    ("parent_signed_on", scenario.evaluated(), scenario.waive),
    ("approved_on", CONSENTED, lambda day: scenario.extend(on=day)),
    ("occurred_on", CONSENTED, lambda day: scenario.exception(on=day)),
    ("closed_on", CONSENTED, scenario.close),
    ("day", scenario.evaluated(), lambda day: scenario.correct_date(day=day)),
    ("referred_on", scenario.open_record(), lambda day: scenario.part_c(referred_on=day)),
]
AHEAD: list[Dated] = [
    ("until", CONSENTED, lambda day: scenario.extend(None, day)),
    (
        "agreed_due_on",
        CONSENTED,
        lambda day: scenario.exception(EvaluationExceptionKind.ENROLLED_ELSEWHERE, agreed_due_on=day),
    ),
    ("meeting_on", scenario.open_record(), lambda day: scenario.draft(meeting_on=day)),
    ("begin_on", scenario.open_record(), lambda day: scenario.draft(begin_on=day)),
    ("begin_on", scenario.submitted(), lambda day: scenario.amend(begin_on=day)),
]
DONE += [
    ("signed_on", scenario.drafted(), lambda day: scenario.make_official(on=day)),
    ("exited_on", scenario.submitted(), lambda day: scenario.leave(day)),
    ("entered_on", scenario.submitted(), lambda day: scenario.correct(entered_on=day)),
    ("exited_on", scenario.submitted(), lambda day: scenario.correct(exited_on=day)),
    ("refused_on", scenario.evaluated(), lambda day: scenario.refuse(day)),
    ("revoked_on", scenario.submitted(), lambda day: scenario.revoke(day)),
    ("notice_on", scenario.submitted(), lambda day: scenario.revoke(notice_on=day)),
]
YEAR_AHEAD = TODAY + timedelta(days=366)


def found(history: list[Record], command: Command) -> set[tuple[str, str | None]]:
    """The codes and fields of the findings of a refusal."""
    decision = scenario.decide(history, command)
    return {(f.code, f.field) for f in decision.findings} if isinstance(decision, Refused) else set()


@pytest.mark.parametrize(("field", "history", "command"), AHEAD, ids=[field for field, *_ in AHEAD])
def test_every_date_of_a_plan_lies_between_birth_and_a_year_ahead(
    field: str, history: list[Record], command: Callable[[date], Command]
) -> None:
    """The service refuses a date before birth or more than a year from today, at every stage."""
    for stage in (history, scenario.evaluated()):
        assert ("REC-003", field) in found(stage, command(scenario.BORN - timedelta(days=1)))
        assert ("REC-004", field) in found(stage, command(YEAR_AHEAD + timedelta(days=1)))
        for day in (scenario.BORN, YEAR_AHEAD):
            assert not {("REC-003", field), ("REC-004", field)} & found(stage, command(day))


@pytest.mark.parametrize(("field", "history", "command"), AHEAD, ids=[field for field, *_ in AHEAD])
def test_a_date_too_far_ahead_is_refused_before_anything_is_known(
    field: str, history: list[Record], command: Callable[[date], Command]
) -> None:
    """The service refuses a command at once if no later event could make it valid."""
    assert ("REC-004", field) in found([], command(YEAR_AHEAD + timedelta(days=1)))


@pytest.mark.parametrize(("field", "history", "command"), DONE, ids=[field for field, *_ in DONE])
def test_a_thing_done_lies_between_birth_and_today(
    field: str, history: list[Record], command: Callable[[date], Command]
) -> None:
    """The service refuses the date of a thing done that is after today, known student or not."""
    tomorrow = TODAY + timedelta(days=1)
    for stage in (history, []):
        assert ("MSG-049", field) in found(stage, command(tomorrow))
    assert ("REC-003", field) in found(history, command(scenario.BORN - timedelta(days=1)))
    for day in (scenario.BORN, TODAY):
        assert not {("REC-003", field), ("MSG-049", field)} & found(history, command(day))


def test_of_other_services_ieps_keeps_what_its_rules_need() -> None:
    """ieps keeps the student's birth date, the existence of a guardian, and the LEA of each spell."""
    spell = ended(scenario.claimed(), date(2017, 1, 31))
    known = Known(
        scenario.records_after(
            scenario.added(), scenario.corrected(date(2009, 1, 1)), scenario.guardian_saved(), spell
        )
    )

    assert known.one(KnownStudent) == KnownStudent(student_id=STUDENT, revision=2, birth_on=date(2009, 1, 1))
    assert [set(type(guardian).model_fields) for guardian in known.all(KnownGuardian)] == [
        {"student_id", "revision", "guardian_id", "belongs_to", "moved_to"}
    ]
    [kept] = known.all(KnownSpell)
    assert (kept.revision, kept.lea, kept.end_on) == (spell.revision, "017", date(2017, 1, 31))
