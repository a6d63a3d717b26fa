"""The directory of an LEA's school sites, and the claims and school transfers that use it."""

from datetime import date
from typing import Any

import pytest

from contracts.access import STATE, Role
from contracts.decision import Decision, Refused, Waiting
from contracts.jurisdiction import RegisterSchoolSites, SchoolSite, SchoolSitesRegistered
from contracts.message import Record
from services.jurisdiction.domain import DECIDERS, REACTIONS
from tests.unit.events import AUGUST, JEFFERSON, ORLEANS, SEPTEMBER, added, claimed, directory
from tests.unit.jurisdiction.events import claim, school_transfer
from tests.unit.scenario import actor, codes, decide_with, new_records, react_with

OFFICE = actor(STATE, Role.STATE)


def registration(*sites: SchoolSite, lea: str = ORLEANS) -> RegisterSchoolSites:
    """A command to register school sites."""
    return RegisterSchoolSites(lea=lea, sites=sites)


def site(number: str = "006", lea: str = ORLEANS, **changes: Any) -> SchoolSite:
    """A site that the state made up for a test."""
    given = {"label": "Made-up School", "open_on": date(2010, 8, 1), "made_up": True} | changes
    return SchoolSite(school=f"{lea}{number}", **given)


def register(command: RegisterSchoolSites, *past: Record, by: Any = OFFICE) -> Decision:
    """The decision on a registration."""
    return decide_with(DECIDERS, past, command, by=by)


def history() -> list[Record]:
    """The student was added."""
    return list(react_with(REACTIONS, [], added()))  # type: ignore[arg-type]


def test_sites_are_registered() -> None:
    """The state adds a site to an LEA's directory."""
    (entered,) = new_records(register(registration(site()), directory()))
    assert isinstance(entered, SchoolSitesRegistered)
    assert (entered.subject, entered.revision) == ("lea/036", 2)
    assert [one.school[3:] for one in entered.sites] == ["001", "002", "003", "004", "005", "006"]


def test_a_site_is_closed() -> None:
    """An LEA that registers a site again replaces its entry, for example with a last day."""
    (entered,) = new_records(register(registration(site("003", closed_on=AUGUST)), directory()))
    assert isinstance(entered, SchoolSitesRegistered)
    assert [one.closed_on for one in entered.sites] == [None, None, AUGUST, None, None]


def test_a_directory_that_somebody_else_has_changed() -> None:
    """Jurisdiction refuses sites based on an older directory, and names the differences."""
    (changed,) = new_records(register(registration(site("003", label="Another Name")), directory()))
    command = registration(site("003"), site("007"))
    decision = register(command.model_copy(update={"on_revision": 1}), changed)
    assert isinstance(decision, Refused)
    (finding,) = decision.findings
    assert (finding.code, finding.facts["record"], finding.facts["now"]) == (
        "MSG-031",
        "school_directory",
        "2",
    )
    assert finding.facts["fields"].startswith("sites.0.label, sites.1.school")
    new_records(register(command.model_copy(update={"on_revision": 2}), changed))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (registration(site(lea=JEFFERSON)), "JUR-007"),
        (registration(site(closed_on=date(2010, 7, 31))), "JUR-019"),
        (registration(site(), site()), "JUR-020"),
        (registration(site(lea="888"), lea="888"), "REC-006"),
    ],
)
def test_what_is_wrong_with_a_registration(command: RegisterSchoolSites, code: str) -> None:
    """A site has its LEA's code, closes after it opened, and is named once; the LEA is one of the state's."""
    assert codes(register(command)) == {code}


def test_only_the_state_registers() -> None:
    """An LEA cannot register school sites."""
    assert codes(register(registration(site()), by=actor(ORLEANS))) == {"ACC-004"}


def test_an_unknown_school() -> None:
    """Jurisdiction refuses a claim at once if the LEA has no such school."""
    command = claim().model_copy(update={"school": "036999"})
    assert codes(decide_with(DECIDERS, [directory(), *history()], command, by=actor(ORLEANS))) == {"JUR-016"}


def test_a_closed_school() -> None:
    """Jurisdiction refuses to move a student to a school that is closed on that day."""
    past = [directory(closed_on=AUGUST), claimed()]
    assert codes(decide_with(DECIDERS, past, school_transfer(begin_on=SEPTEMBER), by=actor(ORLEANS))) == {
        "JUR-017"
    }


@pytest.mark.parametrize("command", [claim(), school_transfer()], ids=["claim", "school transfer"])
def test_an_lea_without_a_directory(command: Any) -> None:
    """While the state has registered no school of an LEA, claims and school transfers wait for it."""
    past = history() if command.__class__.__name__.startswith("Claim") else [claimed()]
    decision = decide_with(DECIDERS, past, command, by=actor(ORLEANS))
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"JUR-018"}
