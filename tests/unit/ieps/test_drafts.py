"""Drafts of IEPs and their forms."""

from datetime import date

import pytest

from contracts.decision import Accepted, Known, Refused
from contracts.forms import AmendmentForm, FormCode, InstructionalPlan, Placement
from contracts.ieps import IEP, IEPContents, IEPDrafted, IEPFormsSaved, IEPStage, RemoveIEPForm
from contracts.message import Command, Event, Record
from tests.unit.ieps import scenario
from tests.unit.scenario import STUDENT, codes, id_named, new_records

AMENDMENT_FORM = AmendmentForm(informed_on=scenario.MET, contact_method="letter", explanation="Nothing.")


def _iep(history: list[Record], under: str = "IEP") -> IEP:
    found = Known(history).get(IEP, id_named(under))
    assert found is not None
    return found


def _remove(form: FormCode, area: str | None = None, under: str = "IEP") -> RemoveIEPForm:
    return RemoveIEPForm(student_id=STUDENT, iep_id=id_named(under), form=form, area=area)


def _plan(area: str, goal: str = "A goal.") -> InstructionalPlan:
    return InstructionalPlan(area=area, annual_goal=goal)


def test_a_draft_begins_with_whatever_is_ready() -> None:
    """An LEA may draft an IEP without any form, before the student is found eligible."""
    contents, drafted = new_records(scenario.decide(scenario.open_record(), scenario.draft(forms=())))

    assert isinstance(drafted, IEPDrafted)
    assert (drafted.stage, drafted.forms, drafted.environment) == (IEPStage.DRAFT, (), None)
    assert isinstance(contents, IEPContents)
    assert (contents.forms, contents.revision, drafted.contents_revision) == ((), 1, 1)


def test_what_the_forms_of_a_draft_say_is_not_published() -> None:
    """The events of a draft name its forms and none of their contents."""
    history = scenario.after(
        scenario.drafted(), scenario.save(_plan("reading", "A secret goal.")), _remove(FormCode.ESY)
    )
    events = [record for record in history if isinstance(record, Event)]
    headers = [event for event in events if isinstance(event, IEPDrafted | IEPFormsSaved)]

    assert [type(header) for header in headers] == [IEPDrafted, IEPFormsSaved, IEPFormsSaved]
    assert not [event for event in events if isinstance(event, IEPContents)]
    assert not [event for event in events if "goal" in event.model_dump_json()]
    assert headers[1].forms == ("GSI", "IPL", "IPL", "ACC", "ESY", "PRG", "LRE", "SIG")
    assert headers[1].areas == ("mathematics", "reading")


def test_a_draft_that_somebody_else_has_changed() -> None:
    """The service refuses a save or removal based on an older revision of a form, and names the changed
    fields."""
    history = scenario.after(scenario.drafted(), scenario.save(_plan("reading", "Another goal.")))
    saving = scenario.save(_plan("reading")).model_copy(update={"on_revision": 1})
    removing = _remove(FormCode.ESY).model_copy(update={"on_revision": 1})
    for command, fields in ((saving, "forms.0.annual_goal"), (removing, "form")):
        decision = scenario.decide(history, command)
        assert isinstance(decision, Refused)
        (finding,) = decision.findings
        assert (finding.code, finding.facts["record"], finding.facts["fields"]) == (
            "MSG-031",
            f"iep/{id_named('IEP')}",
            fields,
        )
        new_records(scenario.decide(history, command.model_copy(update={"on_revision": 2})))


def test_the_header_names_the_revision_of_its_contents() -> None:
    """The header's `contents_revision` shows that another user has saved a form meanwhile."""
    history = scenario.drafted()
    for command in (
        scenario.save(_plan("reading")),
        _remove(FormCode.IPL, "reading"),
        scenario.make_official(),
    ):
        before = _iep(history).contents_revision
        history = scenario.after(history, command)
        assert _iep(history).contents_revision == scenario.contents(history).revision == before + 1

    history = scenario.after(history, scenario.submit())
    assert _iep(history).contents_revision == scenario.contents(history).revision


def test_the_environment_is_what_the_placement_form_says() -> None:
    """The IEP's environment follows the placement form when the LEA saves, replaces or removes it."""
    history = scenario.after(scenario.open_record(), scenario.draft(forms=()))
    seen = []
    for command in (
        scenario.save(Placement(environment="RC80")),
        scenario.save(Placement(environment="SS")),
        _remove(FormCode.LRE),
    ):
        history = scenario.after(history, command)
        seen.append(_iep(history).environment)

    assert seen == ["RC80", "SS", None]
    assert _iep(scenario.after(scenario.open_record(), scenario.draft())).environment == "RC80"


def test_saving_replaces_a_form_and_keeps_the_others() -> None:
    """A saved form replaces the earlier one. Each area has its own instructional plan."""
    history = scenario.after(
        scenario.open_record(),
        scenario.draft(forms=(_plan("reading"), _plan("mathematics"))),
        scenario.save(_plan("Reading", "A better goal."), Placement(environment="RC80")),
    )

    assert scenario.contents(history).forms == (
        _plan("mathematics"),
        _plan("Reading", "A better goal."),
        Placement(environment="RC80"),
    )
    assert isinstance(history[-1], IEPFormsSaved)


def test_removing_takes_out_one_form() -> None:
    """Removing a form, or the instructional plan of an area, keeps the other forms."""
    history = scenario.after(
        scenario.open_record(),
        scenario.draft(forms=(_plan("reading"), _plan("mathematics"))),
        _remove(FormCode.IPL, "READING"),
    )

    assert scenario.contents(history).forms == (_plan("mathematics"),)


def test_what_is_not_there_cannot_be_removed() -> None:
    """The service refuses to remove a form that the draft does not have."""
    history = scenario.after(scenario.open_record(), scenario.draft(forms=(_plan("reading"),)))

    assert codes(scenario.decide(history, _remove(FormCode.LRE))) == {"IEP-013"}
    assert codes(scenario.decide(history, _remove(FormCode.AMD))) == {"IEP-013"}
    assert codes(scenario.decide(history, _remove(FormCode.IPL, "writing"))) == {"IEP-013"}


def test_an_instructional_plan_is_named_by_its_area() -> None:
    """A command that removes an instructional plan must name its area."""
    history = scenario.after(scenario.open_record(), scenario.draft(forms=(_plan("reading"),)))

    assert codes(scenario.decide(history, _remove(FormCode.IPL))) == {"IEP-014"}
    assert codes(scenario.decide(scenario.submitted(), _remove(FormCode.IPL))) == {"IEP-008", "IEP-014"}


def test_no_form_twice_in_one_command() -> None:
    """The service refuses a command that has a form twice."""
    twice = (_plan("reading"), _plan("Reading"))
    history = scenario.after(scenario.open_record(), scenario.draft(forms=()))

    assert codes(scenario.decide(scenario.open_record(), scenario.draft(forms=twice))) == {"IEP-011"}
    assert codes(scenario.decide(history, scenario.save(*twice))) == {"IEP-011"}
    assert codes(scenario.decide(scenario.submitted(), scenario.save(*twice))) == {"IEP-008", "IEP-011"}
    assert codes(scenario.decide(scenario.submitted(), scenario.amend(forms=(AMENDMENT_FORM,)))) == {
        "IEP-011"
    }


def test_the_amendments_form_belongs_to_amendments() -> None:
    """An IEP that amends nothing takes no Amendments form."""
    history = scenario.after(scenario.open_record(), scenario.draft(forms=()))

    assert codes(scenario.decide(scenario.open_record(), scenario.draft(forms=(AMENDMENT_FORM,)))) == {
        "IEP-012"
    }
    assert codes(scenario.decide(history, scenario.save(AMENDMENT_FORM))) == {"IEP-012"}


def test_an_amendment_keeps_its_amendments_form() -> None:
    """The Amendments form of an amendment can be replaced and not removed."""
    history = scenario.after(scenario.submitted(), scenario.amend())

    assert codes(scenario.decide(history, _remove(FormCode.AMD, under="amendment"))) == {"IEP-015"}
    assert isinstance(scenario.decide(history, scenario.save(AMENDMENT_FORM, under="amendment")), Accepted)
    assert isinstance(scenario.decide(history, _remove(FormCode.LRE, under="amendment")), Accepted)


def test_an_iep_begins_on_or_after_its_meeting() -> None:
    """An IEP cannot begin before the team meeting."""
    too_early = scenario.draft(meeting_on=date(2017, 5, 15), begin_on=date(2017, 5, 14))

    assert codes(scenario.decide(scenario.open_record(), too_early)) == {"IEP-009"}


def test_an_iep_id_is_used_once() -> None:
    """The service refuses an id that another IEP or amendment of the student has."""
    history = scenario.after(scenario.submitted(), scenario.amend())

    assert codes(scenario.decide(history, scenario.draft())) == {"IEP-006"}
    assert codes(scenario.decide(history, scenario.draft("amendment"))) == {"IEP-006"}
    assert "IEP-006" in codes(scenario.decide(history, scenario.amend("IEP", "amendment")))


CHANGES = [scenario.save(_plan("reading")), _remove(FormCode.LRE)]


@pytest.mark.parametrize("change", [*CHANGES, scenario.make_official()], ids=lambda c: type(c).__name__)
@pytest.mark.parametrize(
    "history", [scenario.after(scenario.drafted(), scenario.make_official()), scenario.submitted()]
)
def test_only_a_draft_can_be_changed(history: list[Record], change: Command) -> None:
    """An official or submitted IEP cannot change or become official again."""
    decision = scenario.decide(history, change)

    assert isinstance(decision, Refused)
    assert codes(decision) == {"IEP-008"}


@pytest.mark.parametrize("command", [*CHANGES, scenario.make_official(), scenario.submit(), scenario.amend()])
def test_nothing_happens_to_an_iep_nobody_drafted(command: Command) -> None:
    """No LEA can change, make official, submit or amend an IEP that does not exist."""
    assert codes(scenario.decide(scenario.evaluated(), command)) == {"IEP-007"}
