"""The states in events: a model for each kind, and its row for reports."""

import json
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from benchmarks.rivals.students import Person

STATES = """
    CREATE TABLE states (
        subject text, source text, sequence int, event_id uuid NOT NULL, name text NOT NULL,
        kind text NOT NULL, record_id text NOT NULL, revision int NOT NULL, at timestamptz NOT NULL,
        body text NOT NULL, PRIMARY KEY (subject, source, sequence)
    )
"""

_StudentId = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z-]{1,20}$")]
_Long = Annotated[str, StringConstraints(min_length=1, max_length=8000)]


class _Piece(BaseModel):
    model_config = ConfigDict(frozen=True)


class State(_Piece):
    """A state of any kind. `table` and `columns`: its row for reports. A blank `table`: it has none."""

    kind: ClassVar[str] = "other"
    table: ClassVar[str] = ""
    columns: ClassVar[str] = ""
    create: ClassVar[str] = ""

    revision: int = Field(ge=1)

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.create = f"CREATE TABLE {cls.table} (subject text, record_id text, revision int, {cls.columns})"

    @property
    def record_id(self) -> str:
        """Tells the student's records of a kind apart."""
        return ""

    def counted(self) -> tuple[Any, ...]:
        """The values of `columns`."""
        return ()


class _OfStudent(State):
    student_id: _StudentId


def _race(person: Person) -> str:
    """One race or ethnicity, as the federal government counts it."""
    if person.hispanic or "HI7" in person.races:
        return "HI7"
    return "MISSING" if not person.races else person.races[0] if len(person.races) == 1 else "MU7"


class _Alias(_Piece):
    lea: _Code
    local_student_id: _Text


class Identity(_OfStudent):
    """Who bears a State ID."""

    kind = "identity"

    person: Person
    aliases: tuple[_Alias, ...] = ()


class _Profile(_Piece):
    grade: _Code | None = None
    home_language: _Text = "English"
    english_learner: bool = False
    surrogate_parent: bool = False
    medicaid: bool = False


class Student(_OfStudent):
    """A student of special education."""

    kind, table = "student", "students"
    columns = "birth_on date, sex text, race text, grade text, english_learner boolean"

    person: Person
    identity_revision: int
    profile: _Profile
    added_by: _Code

    def counted(self) -> tuple[Any, ...]:
        person, profile = self.person, self.profile
        return person.birth_on, person.sex, _race(person), profile.grade, profile.english_learner


class _GuardianDetails(_Piece):
    first_name: _Name
    last_name: _Name
    relationship: _Text = "parent"
    phone: _Name | None = None
    email: _Text | None = None
    address: _Text | None = None


class Guardian(_OfStudent):
    """A parent or guardian."""

    kind = "guardian"

    guardian_id: UUID
    guardian: _GuardianDetails

    @property
    def record_id(self) -> str:
        return str(self.guardian_id)


class _Stay(_Piece):
    school: _Code
    begin_on: date


class Spell(_OfStudent):
    """A time in the jurisdiction of one LEA."""

    kind, table = "spell", "spells"
    columns = "lea text, begin_on date, end_on date, schools jsonb"

    spell_id: UUID
    lea: _Code
    begin_on: date
    end_on: date | None = None
    schools: tuple[_Stay, ...]
    local_student_id: _Text | None = None

    @property
    def record_id(self) -> str:
        return str(self.spell_id)

    def counted(self) -> tuple[Any, ...]:
        schools = json.dumps([[stay.school, stay.begin_on.isoformat()] for stay in self.schools])
        return self.lea, self.begin_on, self.end_on, schools


class Transfer(_OfStudent):
    """A claim on a student whom another LEA owns."""

    kind, table = "transfer", "transfers"
    columns = "state text, from_lea text, to_lea text, begin_on date"

    claim_id: UUID
    state: _Text
    from_lea: _Code
    to_lea: _Code
    begin_on: date

    @property
    def record_id(self) -> str:
        return str(self.claim_id)

    def counted(self) -> tuple[Any, ...]:
        return self.state, self.from_lea, self.to_lea, self.begin_on


class TransferAnswer(_OfStudent):
    """Whether open services stand in the way of a transfer."""

    kind = "transfer_answer"

    claim_id: UUID
    state: _Text
    from_lea: _Code
    to_lea: _Code
    begin_on: date
    open_services: tuple[dict[str, Any], ...] = ()

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


class _Exceptionality(_Piece):
    code: _Code
    primary: bool = False
    details: tuple[_Text, ...] = ()


class Evaluation(_OfStudent):
    """An evaluation."""

    kind, table = "evaluation", "evaluations"
    columns = (
        "lea text, stage text, permission_requested_on date, parent_decision text, decided_on date,"
        " report_disseminated_on date, determined_on date, primary_code text, exceptionalities jsonb"
    )

    evaluation_id: UUID
    lea: _Code
    stage: _Text
    referred_on: date | None = None
    permission_requested_on: date
    coordinator_id: _Text | None = None
    parent_decision: _Text | None = None
    decided_on: date | None = None
    report_disseminated_on: date | None = None
    determined_on: date | None = None
    exceptionalities: tuple[_Exceptionality, ...] = ()

    @property
    def record_id(self) -> str:
        return str(self.evaluation_id)

    def counted(self) -> tuple[Any, ...]:
        found = self.exceptionalities
        return (
            *(self.lea, self.stage, self.permission_requested_on, self.parent_decision, self.decided_on),
            *(self.report_disseminated_on, self.determined_on),
            next((one.code for one in found if one.primary), None),
            json.dumps([one.code for one in found]),
        )


class _PlannedService(_Piece):
    service_code: _Code
    begin_on: date
    end_on: date | None = None
    sessions: int = Field(ge=1, le=99)
    frequency: _Text
    minutes_per_session: int = Field(ge=1, le=600)
    setting: _Text
    delivery: _Text
    extended_school_year: bool = False


class _SpecialFactor(_Piece):
    factor: _Text
    plan: _Long | None = None


class _Goal(_Piece):
    domain: _Text
    text: _Long
    measurable: bool = False


class _Assessment(_Piece):
    assessment: _Text
    on: date


class _Agency(_Piece):
    agency: _Text
    invited_on: date | None = None


class _Break(_Piece):
    break_began_on: date
    break_ended_on: date
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()


class _Form(_Piece):
    """Any form of an IEP: one model has the fields of all of them."""

    form: Literal[
        "GSI", "IPL", "GTI", "ACC", "ALT", "TRN", "GRD", "ESY", "PRG", "LRE", "SIT", "SVP", "AMD", "SIG"
    ]
    participants: tuple[_Text, ...] = ()
    strengths: _Long | None = None
    parent_concerns: _Long | None = None
    evaluation_results: _Long | None = None
    district_assessments: _Long | None = None
    special_factors: tuple[_SpecialFactor, ...] = ()
    area: _Text | None = None
    present_level: _Long | None = None
    annual_goal: _Long | None = None
    objectives: tuple[_Long, ...] = ()
    progress_measured_by: _Text | None = None
    progress_reported: _Text | None = None
    areas: tuple[_Text, ...] = ()
    instruction: tuple[_Text, ...] = ()
    assessment: tuple[_Text, ...] = ()
    personnel_supports: tuple[_Text, ...] = ()
    none_needed: bool = False
    alternate_assessment: bool = False
    significant_cognitive_disability: bool | None = None
    alternate_standards: bool | None = None
    extensive_supports: bool | None = None
    parent_informed_on: date | None = None
    goals: tuple[_Goal | _Long, ...] = ()
    assessments: tuple[_Assessment, ...] = ()
    courses_of_study: _Long | None = None
    linked_goal_areas: tuple[_Text, ...] = ()
    student_invited_on: date | None = None
    agency_likely: bool | None = None
    agencies: tuple[_Agency, ...] = ()
    agency_consent_on: date | None = None
    diploma_pathway: _Text | None = None
    expected_on: date | None = None
    adjustments: tuple[_Text, ...] = ()
    screened_on: date | None = None
    eligible: bool | None = None
    criterion: _Text | None = None
    breaks: tuple[_Break, ...] = ()
    evidence: _Long | None = None
    decided_on: date | None = None
    parent_notified_on: date | None = None
    services: tuple[_PlannedService | _Text, ...] | _Long | None = None
    environment: _Code | None = None
    percent_in_regular_class: int | None = None
    justification: _Long | None = None
    at_home_school: bool | None = None
    school: _Code | None = None
    reason: _Long | None = None
    transportation: bool | None = None
    private_school: _Text | None = None
    consulted_on: date | None = None
    informed_on: date | None = None
    contact_method: _Text | None = None
    explanation: _Long | None = None
    parent_signed_on: date | None = None
    lea_signed_on: date | None = None
    parent_consents: bool | None = None


class IEP(_OfStudent):
    """The header of an IEP."""

    kind, table = "iep", "ieps"
    columns = (
        "lea text, iep_type text, stage text, meeting_on date, begin_on date, environment text,"
        " amendment int, submitted boolean"
    )

    iep_id: UUID
    lea: _Code
    iep_type: _Text
    stage: _Text
    meeting_on: date
    begin_on: date
    signed_on: date | None = None
    forms: tuple[_Code, ...] = ()
    areas: tuple[_Text, ...] = ()
    contents_revision: int = Field(ge=1)
    environment: _Code | None = None
    amends: UUID | None = None
    amendment: int = 0

    @property
    def record_id(self) -> str:
        return str(self.iep_id)

    def counted(self) -> tuple[Any, ...]:
        return (
            *(self.lea, self.iep_type, self.stage, self.meeting_on, self.begin_on, self.environment),
            *(self.amendment, self.stage == "submitted"),
        )


class Contents(_OfStudent):
    """The contents of an IEP."""

    kind = "iep_contents"

    iep_id: UUID
    lea: _Code
    official: bool = False
    forms: tuple[_Form, ...] = ()

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class Activity(_OfStudent):
    """A time in special education."""

    kind, table = "sped_activity", "sped_activities"
    columns = "lea text, entered_on date, exited_on date"

    activity_id: UUID
    lea: _Code
    iep_id: UUID
    entered_on: date
    exited_on: date | None = None

    @property
    def record_id(self) -> str:
        return str(self.activity_id)

    def counted(self) -> tuple[Any, ...]:
        return self.lea, self.entered_on, self.exited_on


class _Terms(_Piece):
    service_code: _Code
    begin_on: date
    sessions: int = Field(ge=1)
    frequency: _Text = "week"
    minutes_per_session: int = Field(ge=1)
    setting: _Text = "general"
    delivery: _Text = "direct"
    recipient: _Text = "student"
    provider_id: _Text | None = None
    teacher_of_record: _Text | None = None
    extended_school_year: bool = False


class Service(_OfStudent):
    """A service that a student receives."""

    kind, table = "service", "services"
    columns = "lea text, iep_id uuid, service_code text, begin_on date, end_on date, reason text"

    service_id: UUID
    iep_id: UUID
    lea: _Code
    terms: _Terms
    end_on: date | None = None
    termination_reason: _Code | None = None

    @property
    def record_id(self) -> str:
        return str(self.service_id)

    def counted(self) -> tuple[Any, ...]:
        terms = self.terms
        return (
            *(self.lea, self.iep_id, terms.service_code, terms.begin_on, self.end_on),
            self.termination_reason,
        )


COUNTED: tuple[type[State], ...] = (Student, Spell, Evaluation, IEP, Activity, Service, Transfer)
"""The kinds that reports count."""

_NAMES: dict[type[State], str] = {
    Identity: "IdentityAssigned IdentityCorrected",
    Student: "StudentAdded ProfileSaved StudentCorrected",
    Guardian: "GuardianSaved",
    Spell: "StudentClaimed JurisdictionEnded SchoolTransferred SchoolTransferCorrected",
    Transfer: "TransferRequested TransferCompleted TransferRefused",
    TransferAnswer: "TransferCleared TransferBlocked TransferReleased",
    Evaluation: "EvaluationRequested ParentDecisionRecorded EvaluationCompleted EligibilityDetermined",
    IEP: "IEPDrafted IEPFormsSaved IEPMadeOfficial IEPSubmitted IEPAmendmentBegun",
    Contents: "IEPContentsMadeOfficial",
    Activity: "SpedActivityBegun",
    Service: "ServiceAdded FirstSessionGiven ServiceTerminated",
}
MODELS = {name: model for model, names in _NAMES.items() for name in names.split()}
"""The model of each event by name. For any other event the floor reads the revision only."""
