"""The student of the ieps tests, eight years old, owned by East Baton Rouge, and messages about it."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.access import Actor
from contracts.activities import (
    CorrectSpedActivity,
    ExitSpecialEducation,
    RefuseInitialServices,
    RevokeConsent,
    VoidSpedActivity,
)
from contracts.calendars import ExtensionKind
from contracts.decision import Decision, Known
from contracts.evaluations import (
    AssignCoordinator,
    BeginReevaluation,
    CloseEvaluation,
    CloseReason,
    CompleteEvaluation,
    CorrectEvaluation,
    DelayReason,
    DetermineEligibility,
    EvaluationDate,
    EvaluationExceptionKind,
    Exceptionality,
    ExplainDelay,
    ExtendEvaluation,
    ParentDecision,
    RecordEvaluationException,
    RecordParentDecision,
    RecordPartCTransition,
    RecordTriennialWaiver,
    ReevaluationReason,
    RequestEvaluation,
)
from contracts.forms import (
    Accommodations,
    AmendmentForm,
    ExtendedSchoolYear,
    Form,
    GeneralInformation,
    InstructionalPlan,
    Placement,
    PlannedService,
    PostsecondaryGoal,
    ProgramServices,
    ServicesPlan,
    Signatures,
    Transition,
    TransitionAssessment,
)
from contracts.ieps import (
    AmendIEP,
    ApproveIEPDeletion,
    DeclineIEPDeletion,
    DiscardIEP,
    DraftIEP,
    IEPContents,
    IEPType,
    MakeIEPOfficial,
    RequestIEPDeletion,
    SaveIEPForms,
    SubmitIEP,
)
from contracts.jurisdiction import StudentClaimed
from contracts.message import EVERY, Command, Event, Record
from contracts.students import GuardianDetails, GuardianSaved, StudentAdded, StudentCorrected
from services.ieps.domain import DECIDERS, OPENS, REACTIONS, activities
from tests.unit import events as said_of
from tests.unit import scenario
from tests.unit.scenario import STUDENT, TODAY, decide_with, id_named, new_records

EAST_BATON_ROUGE, CADDO = "017", "009"
BORN = date(2008, 11, 20)
ASKED, CONSENTED = date(2017, 2, 1), date(2017, 2, 8)
REPORTED, DETERMINED = date(2017, 5, 2), date(2017, 5, 4)
MET, BEGINS = date(2017, 5, 15), date(2017, 5, 22)
LEFT = date(2017, 6, 30)
AGAIN = date(2017, 8, 14)

TRANSITION = Transition(
    goals=(
        PostsecondaryGoal(
            domain="education and training", text="Attends a culinary school.", measurable=True
        ),
        PostsecondaryGoal(domain="employment", text="Works in a bakery.", measurable=True),
    ),
    assessments=(TransitionAssessment(assessment="interest inventory", on=date(2017, 4, 18)),),
    services=("visits to bakeries",),
    courses_of_study="Culinary arts.",
    linked_goal_areas=("mathematics",),
    student_invited_on=date(2017, 5, 1),
    agency_likely=False,
)


def added(born: date = BORN) -> StudentAdded:
    """An LEA added the student."""
    return said_of.added(born, by=EAST_BATON_ROUGE)


def corrected(born: date) -> StudentCorrected:
    """eScholar corrected the birth date."""
    return StudentCorrected.of(added(), person=added(born).person, identity_revision=2)


def guardian_saved() -> GuardianSaved:
    """A parent was saved."""
    details = GuardianDetails(first_name="Parent", last_name="Student")
    return GuardianSaved(student_id=STUDENT, revision=1, guardian_id=id_named("the parent"), guardian=details)


def claimed(
    lea: str = EAST_BATON_ROUGE, begin_on: date = date(2016, 8, 10), under: str = "first claim"
) -> StudentClaimed:
    """An LEA owns the student."""
    return said_of.claimed(lea, begin_on, under)


def records_after(*events: Event, after: Sequence[Record] = ()) -> list[Record]:
    """The records of ieps after `after` and then these events."""
    return scenario.records_after(REACTIONS, *events, after=after)


def open_record(born: date = BORN) -> list[Record]:
    """Student added, guardian saved, owned by East Baton Rouge: evaluations and IEPs are open."""
    return records_after(added(born), guardian_saved(), claimed())


def decide(history: Sequence[Record], command: Command, **how: Any) -> Decision:
    """The decision of ieps on a command."""
    return decide_with(DECIDERS, opened(history, command), command, **how)


def opened(history: Collection[Record], command: Command) -> list[Record]:
    """The history as the command's decider gets it: without the records that `OPENS` does not name."""
    opens = OPENS.get(type(command))
    seen = {(model.kind, str(record_id)) for model, record_id in (opens(command) if opens else ())}
    closed = (record for record in history if record.by_name or record.apart)
    unseen = {id(one) for one in closed if not seen & {(one.kind, one.record_id), (one.kind, EVERY)}}
    return [record for record in history if id(record) not in unseen]


def after(
    history: Sequence[Record], *commands: Command, by: Actor | None = None, on: date = TODAY
) -> list[Record]:
    """The history after these commands. The test fails if ieps refuses one."""
    past = list(history)
    for command in commands:
        past += new_records(decide(past, command, by=by, on=on))
    return past


def request(under: str = "evaluation", on: date = ASKED, **more: Any) -> RequestEvaluation:
    """Ask the parent for permission to evaluate."""
    return RequestEvaluation(
        student_id=STUDENT, evaluation_id=id_named(under), permission_requested_on=on, **more
    )


def parent_says(
    decision: ParentDecision = ParentDecision.CONSENTED, on: date = CONSENTED, under: str = "evaluation"
) -> RecordParentDecision:
    """Record the parent's decision."""
    return RecordParentDecision(
        student_id=STUDENT, evaluation_id=id_named(under), decision=decision, decided_on=on
    )


def report(on: date = REPORTED, under: str = "evaluation") -> CompleteEvaluation:
    """Record that the report was disseminated."""
    return CompleteEvaluation(student_id=STUDENT, evaluation_id=id_named(under), report_disseminated_on=on)


def determine(*codes: str, on: date = DETERMINED, under: str = "evaluation") -> DetermineEligibility:
    """Record these exceptionalities, the first of them primary."""
    return finding(
        *(Exceptionality(code=code, primary=code is codes[0]) for code in codes), on=on, under=under
    )


def finding(*found: Exceptionality, on: date = DETERMINED, under: str = "evaluation") -> DetermineEligibility:
    """Record these exceptionalities."""
    return DetermineEligibility(
        student_id=STUDENT, evaluation_id=id_named(under), determined_on=on, exceptionalities=found
    )


def determine_by_report(*codes: str, under: str = "re-evaluation") -> DetermineEligibility:
    """Record these exceptionalities, the first of them primary, without a day of their own."""
    return determine(*codes, under=under).model_copy(update={"determined_on": None})


def reevaluate(
    on: date = AGAIN,
    under: str = "re-evaluation",
    reason: ReevaluationReason = ReevaluationReason.THREE_YEARS,
) -> BeginReevaluation:
    """Begin a re-evaluation."""
    return BeginReevaluation(student_id=STUDENT, evaluation_id=id_named(under), reason=reason, begun_on=on)


def waive(on: date = AGAIN, under: str = "waiver") -> RecordTriennialWaiver:
    """Record that the parent signed a triennial waiver."""
    return RecordTriennialWaiver(student_id=STUDENT, evaluation_id=id_named(under), parent_signed_on=on)


def assign(under: str = "evaluation") -> AssignCoordinator:
    """Name another coordinator."""
    return AssignCoordinator(
        student_id=STUDENT, evaluation_id=id_named(under), coordinator_id="A-0207", coordinator_type=None
    )


def extend(
    business_days: int | None = 10,
    until: date | None = None,
    on: date = CONSENTED,
    under: str = "evaluation",
    agreed_on: date | None = None,
) -> ExtendEvaluation:
    """Extend an evaluation with the parent's agreement."""
    return ExtendEvaluation(
        student_id=STUDENT,
        evaluation_id=id_named(under),
        extension=ExtensionKind.PARENT_AGREED,
        business_days=business_days,
        until=until,
        approved_on=on,
        parent_agreed_on=agreed_on,
    )


def explain(
    reason: DelayReason = DelayReason.SCHEDULING, explanation: str | None = None, under: str = "evaluation"
) -> ExplainDelay:
    """Explain why an evaluation is late."""
    return ExplainDelay(
        student_id=STUDENT, evaluation_id=id_named(under), reason=reason, explanation=explanation
    )


def exception(
    kind: EvaluationExceptionKind = EvaluationExceptionKind.NOT_PRODUCED, on: date = CONSENTED, **more: Any
) -> RecordEvaluationException:
    """Record an exception from the limit of 60 business days."""
    return RecordEvaluationException(
        student_id=STUDENT, evaluation_id=id_named("evaluation"), exception=kind, occurred_on=on, **more
    )


def close(on: date = AGAIN, under: str = "evaluation") -> CloseEvaluation:
    """Close an evaluation because the student left."""
    return CloseEvaluation(
        student_id=STUDENT, evaluation_id=id_named(under), closed_on=on, reason=CloseReason.LEFT_STATE
    )


def correct_date(
    field: EvaluationDate = EvaluationDate.REPORT_DISSEMINATED,
    day: date = date(2017, 5, 3),
    under: str = "evaluation",
    **more: Any,
) -> CorrectEvaluation:
    """Correct a date of an evaluation."""
    return CorrectEvaluation(
        student_id=STUDENT, evaluation_id=id_named(under), field=field, day=day, reason="Mistyped.", **more
    )


def part_c(**facts: Any) -> RecordPartCTransition:
    """Record what early intervention did."""
    return RecordPartCTransition(student_id=STUDENT, **{"served": True, **facts})


def reevaluated(*codes: str) -> list[Record]:
    """The student was found eligible, and a re-evaluation then found these exceptionalities, or none."""
    again = (reevaluate(), report(AGAIN, "re-evaluation"), determine_by_report(*codes))
    return after(evaluated(), *again)


def evaluated(*codes: str, born: date = BORN) -> list[Record]:
    """The initial evaluation ended. It found autism, unless other codes are given."""
    return after(open_record(born), request(), parent_says(), report(), determine(*(codes or ("AUT",))))


def not_eligible() -> list[Record]:
    """The initial evaluation found no exceptionality."""
    return after(open_record(), request(), parent_says(), report(), determine())


def planned(code: str = "SPI", begin_on: date = BEGINS, **more: Any) -> PlannedService:
    """A service of five hours a week, unless it says otherwise."""
    terms: dict[str, Any] = {"sessions": 5, "minutes_per_session": 60} | more
    return PlannedService(service_code=code, begin_on=begin_on, **terms)


def complete_forms(**changed: Form | None) -> tuple[Form, ...]:
    """Every required form, complete. `changed` replaces forms by their codes; None leaves one out."""
    forms: dict[str, Form | None] = {
        "GSI": GeneralInformation(
            participants=("parent", "teacher", "LEA representative"),
            strengths="Reads for pleasure.",
            parent_concerns="Mathematics.",
            evaluation_results="Autism.",
            district_assessments="Mathematics: below the benchmark of the grade.",
        ),
        "IPL": InstructionalPlan(
            area="mathematics",
            present_level="Adds to 20.",
            annual_goal="Adds to 100 in 8 of 10 trials.",
            objectives=("Adds to 50.",),
            progress_measured_by="weekly probes",
            progress_reported="with each report card",
        ),
        "ACC": Accommodations(instruction=("extended time",)),
        "ESY": ExtendedSchoolYear(screened_on=MET, eligible=False),
        "PRG": ProgramServices(services=(planned(),)),
        "LRE": Placement(
            environment="RC80", percent_in_regular_class=85, justification="Needs a small group for one hour."
        ),
        "SIG": Signatures(parent_signed_on=MET, lea_signed_on=MET, parent_consents=True),
    }
    return tuple(form for form in (forms | changed).values() if form)


def services_plan() -> tuple[Form, ...]:
    """The forms of a complete services plan."""
    return complete_forms(
        LRE=Placement(environment="PPPS", justification="The parents chose a parochial school."),
        SVP=ServicesPlan(
            private_school="a parochial school", services="An hour of instruction a week.", consulted_on=MET
        ),
        ACC=None,
        ESY=None,
    )


def draft(
    under: str = "IEP",
    iep_type: IEPType = IEPType.INITIAL,
    meeting_on: date = MET,
    begin_on: date = BEGINS,
    forms: tuple[Form, ...] | None = None,
    **more: Any,
) -> DraftIEP:
    """Begin an IEP, complete unless its forms are given."""
    return DraftIEP(
        student_id=STUDENT,
        iep_id=id_named(under),
        iep_type=iep_type,
        meeting_on=meeting_on,
        begin_on=begin_on,
        forms=complete_forms() if forms is None else forms,
        **more,
    )


def save(*forms: Form, under: str = "IEP") -> SaveIEPForms:
    """Save forms of a draft."""
    return SaveIEPForms(student_id=STUDENT, iep_id=id_named(under), forms=forms)


def make_official(under: str = "IEP", on: date = MET, late_reason: str | None = None) -> MakeIEPOfficial:
    """Make a draft official."""
    return MakeIEPOfficial(student_id=STUDENT, iep_id=id_named(under), signed_on=on, late_reason=late_reason)


def discard(under: str = "IEP") -> DiscardIEP:
    """Discard a draft."""
    return DiscardIEP(student_id=STUDENT, iep_id=id_named(under))


def request_deletion(under: str = "IEP", reason: str = "Of another student.") -> RequestIEPDeletion:
    """Request the deletion of an IEP."""
    return RequestIEPDeletion(student_id=STUDENT, iep_id=id_named(under), reason=reason)


def approve_deletion(under: str = "IEP") -> ApproveIEPDeletion:
    """Approve the deletion of an IEP."""
    return ApproveIEPDeletion(student_id=STUDENT, iep_id=id_named(under))


def decline_deletion(under: str = "IEP") -> DeclineIEPDeletion:
    """Decline the deletion of an IEP."""
    return DeclineIEPDeletion(student_id=STUDENT, iep_id=id_named(under), reason="It is this student's.")


def leave(on: date = LEFT, reason: str = "MVO", **more: Any) -> ExitSpecialEducation:
    """Record the exit from special education."""
    return ExitSpecialEducation(student_id=STUDENT, exited_on=on, reason=reason, **more)


def activity_begun_by(under: str = "IEP") -> UUID:
    """The id of the sped activity that an IEP began."""
    return activities.id_of_entry(id_named(under))


def correct(under: str = "IEP", **more: Any) -> CorrectSpedActivity:
    """Correct the sped activity that an IEP began."""
    return CorrectSpedActivity(
        student_id=STUDENT, activity_id=activity_begun_by(under), explanation="A typing error.", **more
    )


def void(under: str = "IEP") -> VoidSpedActivity:
    """Void the sped activity that an IEP began."""
    return VoidSpedActivity(
        student_id=STUDENT, activity_id=activity_begun_by(under), explanation="Of another student."
    )


def refuse(on: date = DETERMINED, under: str = "refusal") -> RefuseInitialServices:
    """Record that the parent refused the first services."""
    return RefuseInitialServices(student_id=STUDENT, consent_id=id_named(under), refused_on=on)


def revoke(on: date = LEFT, notice_on: date | None = LEFT, under: str = "revocation") -> RevokeConsent:
    """Record that the parent revoked the consent."""
    return RevokeConsent(student_id=STUDENT, consent_id=id_named(under), revoked_on=on, notice_on=notice_on)


def submit(under: str = "IEP") -> SubmitIEP:
    """Submit an official IEP."""
    return SubmitIEP(student_id=STUDENT, iep_id=id_named(under))


def amend(
    amends: str = "IEP",
    under: str = "amendment",
    begin_on: date = date(2017, 9, 18),
    forms: tuple[Form, ...] = (),
) -> AmendIEP:
    """Begin an amendment."""
    return AmendIEP(
        student_id=STUDENT,
        iep_id=id_named(under),
        amends=id_named(amends),
        begin_on=begin_on,
        amendment=AmendmentForm(
            informed_on=MET, contact_method="telephone", explanation="More time for mathematics."
        ),
        forms=forms,
    )


def contents(history: Sequence[Record], under: str = "IEP") -> IEPContents:
    """The contents of an IEP, as they are now."""
    found = Known(history).get(IEPContents, id_named(under))
    assert found is not None
    return found


def drafted(*, of: str = "AUT", born: date = BORN, **how: Any) -> list[Record]:
    """The student was evaluated and an IEP drafted."""
    return after(evaluated(of, born=born), draft(**how))


def submitted() -> list[Record]:
    """The initial IEP was submitted."""
    return after(drafted(), make_official(), submit())
