"""Beginning a draft with the forms of another IEP, and the unfinished IEP of another LEA."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted, Known, Refused
from contracts.forms import Accommodations, FormCode
from contracts.ieps import IEP, IEPContents, IEPDrafted, IEPType, PlanKind, RemoveIEPForm
from contracts.message import Command, Record
from tests.unit.ieps import scenario
from tests.unit.ieps.test_deletions import OTHER
from tests.unit.scenario import STUDENT, actor, codes, id_named, new_records

CADDO = actor("009")
OFFICIAL = scenario.after(scenario.drafted(), scenario.make_official())


def moved(history: list[Record]) -> list[Record]:
    """The student has moved to Caddo."""
    return scenario.records_after(scenario.claimed("009", date(2017, 6, 1), "second claim"), after=history)


def test_a_review_begins_with_last_years_forms() -> None:
    """A draft begins with the forms of last year's IEP, without signatures. Given forms replace copied
    ones."""
    changed = Accommodations(instruction=("calculator",))
    met = scenario.MET + timedelta(days=90)
    command = scenario.draft("review", IEPType.REVIEW, met, met, forms=(changed,), copies=id_named("IEP"))
    contents, drafted = new_records(scenario.decide(scenario.submitted(), command))

    assert isinstance(drafted, IEPDrafted)
    assert isinstance(contents, IEPContents)
    assert drafted.copied_from == id_named("IEP")
    assert drafted.forms == ("GSI", "IPL", "ACC", "ESY", "PRG", "LRE")
    assert changed in contents.forms
    before = scenario.contents(scenario.submitted()).forms
    assert {form for form in contents.forms if form not in before} == {changed}


def test_only_an_iep_of_the_student_is_copied() -> None:
    """The service refuses to copy an unknown or a deleted IEP. A discarded draft may be copied."""
    copying = scenario.draft("new", copies=id_named("IEP"))
    decision = scenario.decide(scenario.evaluated(), copying)
    assert isinstance(decision, Refused)
    assert [(one.code, one.field) for one in decision.findings] == [("IEP-007", "copies")]

    requested = scenario.after(scenario.submitted(), scenario.request_deletion())
    deleted = scenario.after(requested, scenario.approve_deletion(), by=OTHER)
    assert codes(scenario.decide(deleted, copying)) == {"IEP-022"}
    discarded = scenario.after(scenario.drafted(), scenario.discard())
    assert isinstance(scenario.decide(discarded, copying), Accepted)


def test_two_ieps_of_one_meeting() -> None:
    """A second IEP of one team meeting warns, and names the first. A discarded one is no twin."""
    decision = scenario.decide(scenario.drafted(), scenario.draft("new"))
    assert isinstance(decision, Accepted)
    assert [(one.code, one.facts["twin"]) for one in decision.warnings] == [("IEP-021", str(id_named("IEP")))]

    discarded = scenario.after(scenario.drafted(), scenario.discard())
    assert codes(scenario.decide(discarded, scenario.draft("new"))) == set()


UNFINISHED: list[tuple[list[Record], Command]] = [
    (scenario.drafted(), scenario.save(*scenario.complete_forms())),
    (scenario.drafted(), RemoveIEPForm(student_id=STUDENT, iep_id=id_named("IEP"), form=FormCode.ESY)),
    (scenario.drafted(), scenario.make_official()),
    (OFFICIAL, scenario.submit()),
]


@pytest.mark.parametrize(("history", "command"), UNFINISHED, ids=["save", "remove", "official", "submit"])
def test_another_leas_iep_is_not_finished(history: list[Record], command: Command) -> None:
    """The new LEA neither changes, signs nor submits the IEP that the old LEA began."""
    assert codes(scenario.decide(moved(history), command, by=CADDO)) == {"IEP-020"}
    assert isinstance(scenario.decide(history, command), Accepted)


def test_another_leas_iep_is_adopted() -> None:
    """The new LEA begins an IEP of its own with the forms, and discards the draft that the old LEA left."""
    met = date(2017, 6, 5)
    adopting = scenario.draft(
        "adopted", IEPType.INITIAL, met, met, forms=(), copies=id_named("IEP"), plan_kind=PlanKind.IEP
    )
    history = scenario.after(moved(scenario.drafted()), adopting, scenario.discard(), by=CADDO)

    adopted = Known(history).get(IEP, id_named("adopted"))
    assert adopted is not None
    assert (adopted.lea, adopted.forms) == ("009", ("GSI", "IPL", "ACC", "ESY", "PRG", "LRE"))
