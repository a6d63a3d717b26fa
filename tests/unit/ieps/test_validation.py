"""Validation: green, yellow or red for each form of an IEP."""

from datetime import date, timedelta

import pytest

from contracts.calendars import Calendar
from contracts.counting import Calendars
from contracts.decision import Accepted, Known, Refused
from contracts.forms import (
    Accommodations,
    AmendmentForm,
    ExtendedSchoolYear,
    Form,
    FormCode,
    GeneralInformation,
    InstructionalPlan,
    Placement,
    ProgramServices,
    Signatures,
    SiteDetermination,
)
from contracts.ieps import IEP, IEPContents, IEPType
from contracts.message import Record
from services.ieps.domain.validation import Light, Validation, validate
from tests.unit.ieps import scenario
from tests.unit.scenario import TODAY, codes, id_named

DAY = timedelta(days=1)


def validated(history: list[Record], under: str = "IEP", today: date = TODAY) -> Validation:
    """The validation of the IEP on a day, by the calendars of the history."""
    known = Known(record for record in history if not isinstance(record, Calendar))
    iep = known.get(IEP, id_named(under))
    assert iep is not None
    calendars = Calendars(record for record in history if isinstance(record, Calendar))
    return validate(known, iep, today, calendars)


def with_forms(**changed: Form | None) -> list[Record]:
    """A complete draft for an evaluated student, with these changes."""
    return scenario.drafted(forms=scenario.complete_forms(**changed))


def signed(**changed: object) -> Signatures:
    """The signatures of a complete IEP, with these changes."""
    form = Signatures(parent_signed_on=scenario.MET, lea_signed_on=scenario.MET, parent_consents=True)
    return form.model_copy(update=changed)


def found(validation: Validation) -> list[tuple[str, str | None]]:
    """The codes and places of the findings."""
    return [(finding.code, finding.field) for finding in validation.findings]


def test_a_complete_iep_is_green() -> None:
    """A complete IEP shows green lights only and becomes official without a warning."""
    history = with_forms()
    validation = validated(history)

    assert validation.light is Light.GREEN
    assert [(result.form, result.area) for result in validation.results] == [
        (None, None),
        (FormCode.GSI, None),
        (FormCode.IPL, "mathematics"),
        (FormCode.ACC, None),
        (FormCode.ESY, None),
        (FormCode.PRG, None),
        (FormCode.LRE, None),
        (FormCode.SIG, None),
    ]
    decision = scenario.decide(history, scenario.make_official())
    assert isinstance(decision, Accepted)
    assert decision.warnings == ()


@pytest.mark.parametrize("form", ["GSI", "IPL", "ACC", "ESY", "PRG", "LRE", "SIG"])
def test_required_forms_are_missed(form: str) -> None:
    """Each required form that is missing shows red, and the IEP cannot be made official."""
    history = with_forms(**{form: None})
    validation = validated(history)

    assert [(r.form, r.light) for r in validation.results if r.findings] == [(form, Light.RED)]
    assert found(validation) == [("IEP-101", f"forms.{form}")]
    assert codes(scenario.decide(history, scenario.make_official())) == {"IEP-101"}


def test_an_empty_draft_lacks_everything() -> None:
    """An empty draft shows every required form as red at once."""
    validation = validated(scenario.drafted(forms=()))

    assert [code for code, _ in found(validation)] == ["IEP-101"] * 7


LACKING: list[tuple[Form, set[str]]] = [
    (
        GeneralInformation(district_assessments="None at this age."),
        {"participants", "strengths", "parent_concerns", "evaluation_results"},
    ),
    (
        InstructionalPlan(area="mathematics", objectives=("One.",)),
        {"present_level", "annual_goal", "progress_measured_by", "progress_reported"},
    ),
    (ExtendedSchoolYear(), {"screened_on", "eligible"}),
    (ProgramServices(), {"services"}),
    (Placement(), {"environment", "justification"}),
    (SiteDetermination(school="017002"), {"reason"}),
    (Signatures(parent_signed_on=scenario.MET, parent_consents=True), {"lea_signed_on"}),
]


@pytest.mark.parametrize(("form", "missing"), LACKING, ids=[form.form for form, _ in LACKING])
def test_each_form_has_contents_of_its_own(form: Form, missing: set[str]) -> None:
    """An incomplete form shows red and names each missing content."""
    history = with_forms(**{form.form: form})
    validation = validated(history)

    assert {code for code, _ in found(validation)} == {"IEP-102"}
    assert {(field or "").split(".")[-1] for _, field in found(validation)} == missing
    assert [(r.form, r.light) for r in validation.results if r.findings] == [(form.form, Light.RED)]
    assert isinstance(scenario.decide(history, scenario.make_official()), Refused)


@pytest.mark.parametrize(
    ("code", "field", "place"),
    [
        ("IPL", "objectives", "forms.IPL[mathematics].objectives"),
        ("GSI", "district_assessments", "forms.GSI.district_assessments"),
    ],
)
def test_what_is_advised_warns_and_passes(code: str, field: str, place: str) -> None:
    """Missing objectives or assessments show yellow, and the IEP becomes official with a warning."""
    form = next(form for form in scenario.complete_forms() if form.form == code)
    blank = form.model_copy(update={field: type(form).model_fields[field].default})
    history = with_forms(**{code: blank})
    validation = validated(history)

    assert found(validation) == [("IEP-103", place)]
    assert validation.light is Light.YELLOW
    decision = scenario.decide(history, scenario.make_official())
    assert isinstance(decision, Accepted)
    assert codes(decision) == {"IEP-103"}


@pytest.mark.parametrize(
    "form", [Accommodations(), Accommodations(instruction=("extended time",), none_needed=True)]
)
def test_accommodations_are_named_or_declined(form: Form) -> None:
    """The team names accommodations or says that the student needs none, and not both."""
    assert found(validated(with_forms(ACC=form))) == [("IEP-105", "forms.ACC.none_needed")]
    assert validated(with_forms(ACC=Accommodations(none_needed=True))).light is Light.GREEN


@pytest.mark.parametrize(("sixteen_on", "needed"), [(date(2018, 5, 21), True), (date(2018, 5, 22), False)])
def test_transition_is_planned_before_sixteen(sixteen_on: date, needed: bool) -> None:
    """An IEP in effect on the sixteenth birthday plans the transition; one that ends before need not."""
    born = sixteen_on.replace(year=sixteen_on.year - 16)

    validation = validated(scenario.drafted(born=born))
    assert found(validation) == ([("IEP-104", "forms.TRN")] if needed else [])


def test_no_finding_tells_a_birth_date() -> None:
    """A finding says that the student turns 16, and never the birth date."""
    born = date(2002, 5, 21)
    text = validated(scenario.drafted(born=born)).model_dump_json()
    assert "IEP-104" in text
    assert f"{born:%m-%d}" not in text
    planned = validated(scenario.drafted(born=born, forms=scenario.complete_forms(TRN=scenario.TRANSITION)))
    assert planned.light is Light.GREEN


def test_the_parent_consents_before_the_first_services() -> None:
    """Without the parent's signature the LEA provides no first services, and none before its date."""
    unsigned = with_forms(SIG=signed(parent_signed_on=None))
    late = with_forms(SIG=signed(parent_signed_on=scenario.BEGINS + DAY))

    assert found(validated(unsigned)) == [("IEP-121", "forms.SIG.parent_signed_on")]
    assert found(validated(late)) == [("IEP-122", "forms.SIG.parent_signed_on")]
    assert codes(scenario.decide(unsigned, scenario.make_official())) == {"IEP-121"}


@pytest.mark.parametrize(("consents", "code"), [(None, "IEP-124"), (False, "IEP-125")])
def test_a_signature_is_not_consent(consents: bool | None, code: str) -> None:
    """The parent who signs also says whether the LEA may provide the first services."""
    history = with_forms(SIG=signed(parent_consents=consents))

    assert found(validated(history)) == [(code, "forms.SIG.parent_consents")]
    assert codes(scenario.decide(history, scenario.make_official())) == {code}


def test_in_a_review_the_parents_signature_may_be_missing() -> None:
    """A review without the parent's signature passes with a warning."""
    review = scenario.draft(
        "review",
        IEPType.REVIEW,
        date(2018, 5, 10),
        date(2018, 5, 14),
        forms=scenario.complete_forms(
            SIG=Signatures(lea_signed_on=date(2018, 5, 10)),
            PRG=ProgramServices(services=(scenario.planned(begin_on=date(2018, 5, 14)),)),
        ),
    )
    history = scenario.after(scenario.submitted(), review)
    validation = validated(history, "review", date(2018, 5, 10))

    assert found(validation) == [("IEP-123", "forms.SIG.parent_signed_on")]
    assert validation.light is Light.YELLOW
    signed = scenario.make_official("review", date(2018, 5, 10))
    decision = scenario.decide(history, signed, on=date(2018, 5, 10))
    assert isinstance(decision, Accepted)
    assert codes(decision) == {"IEP-123"}


def test_nobody_signs_before_the_meeting() -> None:
    """The service refuses a signature dated before the meeting, on the form and in the command."""
    early = scenario.MET - DAY
    history = with_forms(SIG=signed(parent_signed_on=early, lea_signed_on=early))

    assert found(validated(history)) == [
        ("IEP-010", "forms.SIG.parent_signed_on"),
        ("IEP-010", "forms.SIG.lea_signed_on"),
    ]
    assert codes(scenario.decide(with_forms(), scenario.make_official(on=early))) == {"IEP-010"}


def test_an_amendment_needs_its_form() -> None:
    """An amendment without the Amendments form, as older records may have it, shows red."""
    history = scenario.after(scenario.submitted(), scenario.amend())
    contents = scenario.contents(history, "amendment")
    without = tuple(form for form in contents.forms if not isinstance(form, AmendmentForm))
    bare = IEPContents.of(contents, forms=without)

    assert found(validated([*history, bare], "amendment")) == [("IEP-101", "forms.AMD")]
    assert validated(history, "amendment").light is Light.GREEN


def test_a_refusal_lists_everything_red_and_yellow() -> None:
    """The refusal to make a draft official names all its mistakes."""
    history = with_forms(
        GSI=None,
        ACC=Accommodations(),
        LRE=Placement(environment="RC80", justification="Because."),
    )

    assert codes(scenario.decide(history, scenario.make_official())) == {"IEP-101", "IEP-105", "IEP-114"}


def test_a_submitted_iep_can_still_be_looked_at() -> None:
    """Validation of a submitted IEP checks its forms only."""
    assert validated(scenario.submitted()).light is Light.GREEN


CORRECTED = scenario.records_after(scenario.corrected(date(2015, 1, 1)), after=scenario.drafted())
RED = {
    "IEP-104": scenario.drafted(born=date(2002, 5, 21)),
    "IEP-111": CORRECTED,
    "IEP-113": with_forms(
        LRE=Placement(environment="RC80", percent_in_regular_class=79, justification="Because.")
    ),
    "IEP-141": CORRECTED,
}


@pytest.mark.parametrize("code", RED)
def test_a_red_iep_is_not_made_official(code: str) -> None:
    """The command's refusal has the same findings as validation."""
    decision = scenario.decide(RED[code], scenario.make_official())
    assert isinstance(decision, Refused)
    assert code in codes(decision)
