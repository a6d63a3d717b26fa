"""Which forms a plan needs, and the forms that only some plans have."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted
from contracts.forms import (
    Accommodations,
    AlternateAssessment,
    Form,
    GeneralInformation,
    GiftedTalented,
    Graduation,
    Placement,
    ServicesPlan,
    SiteDetermination,
    SpecialFactor,
)
from contracts.ieps import PlanKind
from contracts.message import Record
from services.ieps.domain.validation import Light
from tests.unit.ieps import scenario
from tests.unit.ieps.scenario import MET
from tests.unit.ieps.test_validation import found, validated, with_forms
from tests.unit.scenario import codes

DAY = timedelta(days=1)
GIFTED = GiftedTalented(
    areas=("music",), strengths="Plays by ear.", services="Two hours a week.", goals=("Plays two pieces.",)
)
ALTERNATE = AlternateAssessment(
    significant_cognitive_disability=True,
    alternate_standards=True,
    extensive_supports=True,
    parent_informed_on=MET,
    explanation="Learns by alternate standards.",
)
GRADUATION = Graduation(
    diploma_pathway="career diploma",
    expected_on=date(2019, 5, 17),
    adjustments=("a portfolio in place of the state test",),
    reason="The test measures a skill that the disability affects.",
)
AWAY = Placement(
    environment="RC80", percent_in_regular_class=85, justification="A small group.", at_home_school=False
)
SITE = SiteDetermination(school="017002", reason="The home school has no such class.", transportation=False)
TAKES_ALTERNATE = Accommodations(instruction=("extended time",), alternate_assessment=True)
PRIVATE = ServicesPlan(private_school="a school", services="An hour a week.", consulted_on=MET)


def gifted(*forms: Form) -> list[Record]:
    """The draft of a gifted/talented IEP for a gifted student, with these forms more."""
    kept = tuple(form for form in scenario.complete_forms() if form.form in ("GSI", "PRG", "LRE", "SIG"))
    command = scenario.draft(plan_kind=PlanKind.GIFTED, forms=(*kept, *forms))
    return scenario.after(scenario.evaluated("GFT"), command)


def private(*forms: Form) -> list[Record]:
    """The draft of a services plan with these forms."""
    command = scenario.draft(plan_kind=PlanKind.SERVICES_PLAN, forms=forms)
    return scenario.after(scenario.evaluated(), command)


def test_a_gifted_plan_needs_the_form_of_its_kind() -> None:
    """A plan for gifts and talents has the form GTI, and no instructional plan or accommodations."""
    assert validated(gifted(GIFTED)).light is Light.GREEN
    assert found(validated(gifted())) == [("IEP-101", "forms.GTI")]
    assert [field for _, field in found(validated(gifted(GiftedTalented())))] == [
        f"forms.GTI.{field}" for field in ("areas", "strengths", "services", "goals")
    ]


def test_a_services_plan_needs_the_form_of_its_kind() -> None:
    """A services plan has the form SVP, and no screening for the summer."""
    forms = scenario.services_plan()
    without = tuple(form for form in forms if form.form != "SVP")
    blank = (*without, ServicesPlan())

    assert validated(private(*forms)).light is Light.GREEN
    assert found(validated(private(*without))) == [("IEP-101", "forms.SVP")]
    assert found(validated(private(*blank))) == [
        ("IEP-102", "forms.SVP.private_school"),
        ("IEP-102", "forms.SVP.services"),
        ("IEP-103", "forms.SVP.consulted_on"),
    ]


def test_transition_is_for_ieps() -> None:
    """A services plan of a student of 16 needs no transition form."""
    born = date(2001, 5, 1)
    command = scenario.draft(plan_kind=PlanKind.SERVICES_PLAN, forms=scenario.services_plan())
    history = scenario.after(scenario.evaluated("AUT", born=born), command)
    assert found(validated(history)) == []


MISSING: list[tuple[str, str, dict[str, Form]]] = [
    ("IEP-115", "forms.SIT", {"LRE": AWAY}),
    ("IEP-119", "forms.ALT", {"ACC": TAKES_ALTERNATE}),
]


@pytest.mark.parametrize(("code", "field", "forms"), MISSING)
def test_a_form_is_called_for_by_another(code: str, field: str, forms: dict[str, Form]) -> None:
    """Another school calls for the form SIT, and the alternate assessment for the form ALT."""
    history = with_forms(**forms)

    assert found(validated(history)) == [(code, field)]
    assert codes(scenario.decide(history, scenario.make_official())) == {code}
    both = with_forms(**forms, **{"ALT": ALTERNATE} if "ACC" in forms else {"SIT": SITE})
    assert validated(both).light is Light.GREEN


WARNED: list[tuple[str, str, dict[str, Form]]] = [
    ("IEP-110", "forms.SVP", {"SVP": PRIVATE}),
    (
        "IEP-116",
        "forms.LRE.at_home_school",
        {"LRE": AWAY.model_copy(update={"at_home_school": True}), "SIT": SITE},
    ),
    (
        "IEP-117",
        "forms.SIT.transportation",
        {"LRE": AWAY, "SIT": SITE.model_copy(update={"transportation": True})},
    ),
    ("IEP-118", "forms.LRE.environment", {"LRE": Placement(environment="PPPS", justification="Chosen.")}),
    ("IEP-140", "forms.GRD", {"GRD": GRADUATION}),
    ("IEP-161", "forms.ACC.alternate_assessment", {"ALT": ALTERNATE}),
]


@pytest.mark.parametrize(("code", "field", "forms"), WARNED)
def test_forms_that_disagree_warn(code: str, field: str, forms: dict[str, Form]) -> None:
    """Two forms that say different things, or a form of another kind of plan, are warned of."""
    history = with_forms(**forms)

    assert found(validated(history)) == [(code, field)]
    decision = scenario.decide(history, scenario.make_official())
    assert isinstance(decision, Accepted)
    assert codes(decision) == {code}


def test_each_criterion_of_the_alternate_assessment_is_met() -> None:
    """A criterion that does not apply is red; one that nobody answered is missed."""
    unfit = ALTERNATE.model_copy(update={"alternate_standards": False})
    history = with_forms(ACC=TAKES_ALTERNATE, ALT=unfit)

    assert found(validated(history)) == [("IEP-120", "forms.ALT.alternate_standards")]
    assert codes(scenario.decide(history, scenario.make_official())) == {"IEP-120"}
    blank = validated(with_forms(ACC=TAKES_ALTERNATE, ALT=AlternateAssessment()))
    assert [code for code, _ in found(blank)] == ["IEP-102"] * 5


def test_adjusted_graduation_has_its_reason() -> None:
    """In high school the form GRD gives the pathway, the adjustments and the reason."""
    born = date(2001, 5, 1)

    def judged(form: Graduation) -> list[tuple[str, str | None]]:
        forms = scenario.complete_forms(TRN=scenario.TRANSITION, GRD=form)
        return found(validated(scenario.drafted(born=born, forms=forms)))

    assert judged(GRADUATION) == []
    assert judged(Graduation()) == [
        ("IEP-102", "forms.GRD.diploma_pathway"),
        ("IEP-102", "forms.GRD.adjustments"),
        ("IEP-102", "forms.GRD.reason"),
        ("IEP-103", "forms.GRD.expected_on"),
    ]


def test_a_special_factor_has_a_plan() -> None:
    """The team plans something for each special factor that applies."""
    general = next(form for form in scenario.complete_forms() if isinstance(form, GeneralInformation))
    factors = (SpecialFactor(factor="braille", plan="Books in braille."), SpecialFactor(factor="behavior"))
    form = general.model_copy(update={"special_factors": factors})

    assert found(validated(with_forms(GSI=form))) == [("IEP-102", "forms.GSI.special_factors.1.plan")]


@pytest.mark.parametrize(
    ("informed_on", "code"), [(MET - DAY, "IEP-162"), (MET, None), (date(2017, 9, 19), "IEP-163")]
)
def test_the_parent_learns_of_an_amendment_in_time(informed_on: date, code: str | None) -> None:
    """The parent is informed after the team met (else red), and before the amendment begins (else yellow)."""
    amend = scenario.amend()
    form = amend.amendment.model_copy(update={"informed_on": informed_on})
    history = scenario.after(scenario.submitted(), amend.model_copy(update={"amendment": form}))
    day = date(2017, 9, 20)

    assert found(validated(history, "amendment", day)) == ([(code, "forms.AMD.informed_on")] if code else [])
    decision = scenario.decide(history, scenario.make_official("amendment", day), on=day)
    assert isinstance(decision, Accepted) is (code != "IEP-162")
    assert codes(decision) == ({code} if code else set())


def test_nothing_in_a_form_was_done_in_the_future() -> None:
    """A signature, an invitation or a score of tomorrow is refused; a service of tomorrow is not."""
    history = scenario.drafted(born=date(2001, 5, 1), forms=scenario.complete_forms(TRN=scenario.TRANSITION))
    places = [field for code, field in found(validated(history, today=date(2017, 4, 1))) if code == "MSG-049"]

    assert places == [
        "forms.TRN.student_invited_on",
        "forms.TRN.assessments.0.on",
        "forms.ESY.screened_on",
        "forms.SIG.parent_signed_on",
        "forms.SIG.lea_signed_on",
    ]
    assert found(validated(history, today=MET)) == []
