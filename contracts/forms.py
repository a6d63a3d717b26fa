"""The forms of an IEP.

The rules of `ieps` say which forms an IEP needs. The form codes are this project's own.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.codes import EnvironmentCode, ServiceCode
from contracts.message import Value
from contracts.terms import Delivery, Frequency, Setting
from contracts.types import Choice, Day, LongText, OrBlank, Percent, SchoolCode, ShortText


class FormCode(Choice):
    """The forms by their codes, in the order of the IEP."""

    GSI = "GSI"
    IPL = "IPL"
    GTI = "GTI"
    ACC = "ACC"
    ALT = "ALT"
    TRN = "TRN"
    GRD = "GRD"
    ESY = "ESY"
    PRG = "PRG"
    LRE = "LRE"
    SIT = "SIT"
    SVP = "SVP"
    AMD = "AMD"
    SIG = "SIG"


class Factor(Choice):
    """A special factor that the team considers (LAC 28:XCVII.303.A)."""

    BEHAVIOR = "behavior"
    LIMITED_ENGLISH = "limited English"
    BRAILLE = "braille"
    COMMUNICATION = "communication"
    HEARING = "deaf or hard of hearing"
    TECHNOLOGY = "assistive technology"


class SpecialFactor(Value):
    """A special factor that applies to the student, and what the team plans for it."""

    factor: Factor
    plan: OrBlank[LongText | None] = None


class GeneralInformation(Value):
    """General Student Information: who met, and what the team knows of the student."""

    form: Literal["GSI"] = "GSI"
    participants: tuple[ShortText, ...] = Field(
        default=(), description="Roles of those who met, not their names."
    )
    strengths: OrBlank[LongText | None] = None
    parent_concerns: OrBlank[LongText | None] = None
    evaluation_results: OrBlank[LongText | None] = None
    district_assessments: OrBlank[LongText | None] = Field(
        default=None, description="Results of assessments of the state and the LEA."
    )
    special_factors: tuple[SpecialFactor, ...] = Field(default=(), description="Those that apply.")


class InstructionalPlan(Value):
    """One area of instruction: where the student stands, and the goal for the year."""

    form: Literal["IPL"] = "IPL"
    area: ShortText
    present_level: OrBlank[LongText | None] = None
    annual_goal: OrBlank[LongText | None] = None
    objectives: tuple[LongText, ...] = ()
    progress_measured_by: OrBlank[ShortText | None] = Field(
        default=None, description="How the LEA measures progress toward the goal."
    )
    progress_reported: OrBlank[ShortText | None] = Field(
        default=None, description="When the LEA reports progress to the parent, such as: with report cards."
    )


class GiftedTalented(Value):
    """The plan of a gifted or talented student."""

    form: Literal["GTI"] = "GTI"
    areas: tuple[ShortText, ...] = Field(default=(), description="Areas of giftedness or talent.")
    strengths: OrBlank[LongText | None] = None
    services: OrBlank[LongText | None] = None
    goals: tuple[LongText, ...] = ()


class Accommodations(Value):
    """Supports in instruction and assessment; `none_needed` says that the team considered and found none."""

    form: Literal["ACC"] = "ACC"
    instruction: tuple[ShortText, ...] = ()
    assessment: tuple[ShortText, ...] = ()
    personnel_supports: tuple[ShortText, ...] = Field(
        default=(), description="Supports for those who work with the student, such as training."
    )
    none_needed: bool = False
    alternate_assessment: bool = Field(
        default=False, description="The student takes the alternate assessment; the form ALT says why."
    )


class AlternateAssessment(Value):
    """Why the student takes the alternate assessment. Each criterion is answered with yes or no."""

    form: Literal["ALT"] = "ALT"
    significant_cognitive_disability: bool | None = None
    alternate_standards: bool | None = Field(
        default=None, description="The student learns by alternate academic standards."
    )
    extensive_supports: bool | None = Field(
        default=None, description="The student needs extensive, individual instruction and supports."
    )
    parent_informed_on: OrBlank[Day | None] = Field(
        default=None, description="When the LEA told the parent what follows for the diploma."
    )
    explanation: OrBlank[LongText | None] = Field(
        default=None, description="Why the regular assessment does not fit, and the alternate one does."
    )


class GoalDomain(Choice):
    """What a postsecondary goal is about (34 CFR 300.320(b))."""

    EDUCATION = "education and training"
    EMPLOYMENT = "employment"
    INDEPENDENT_LIVING = "independent living"


class PostsecondaryGoal(Value):
    """What the student will do after high school."""

    domain: GoalDomain
    text: LongText
    measurable: bool = Field(default=False, description="Whether the team found the goal measurable.")


class TransitionAssessment(Value):
    """An age-appropriate assessment on which postsecondary goals rest."""

    assessment: ShortText
    on: Day


class InvitedAgency(Value):
    """An agency that is likely to provide or pay for transition services."""

    agency: ShortText
    invited_on: OrBlank[Day | None] = None


class Transition(Value):
    """Transition services, for an IEP in effect when the student turns 16."""

    form: Literal["TRN"] = "TRN"
    goals: tuple[PostsecondaryGoal, ...] = Field(default=(), description="Postsecondary goals.")
    assessments: tuple[TransitionAssessment, ...] = ()
    services: tuple[ShortText, ...] = Field(default=(), description="Transition services and activities.")
    courses_of_study: OrBlank[LongText | None] = None
    linked_goal_areas: tuple[ShortText, ...] = Field(
        default=(), description="The instructional plans whose annual goals serve the transition."
    )
    student_invited_on: OrBlank[Day | None] = None
    agency_likely: bool | None = Field(
        default=None, description="Whether an agency is likely to provide or pay for transition services."
    )
    agencies: tuple[InvitedAgency, ...] = ()
    agency_consent_on: OrBlank[Day | None] = Field(
        default=None, description="When the parent, or the student of age, consented to invite agencies."
    )


class DiplomaPathway(Choice):
    """The way to leave high school. The names are this project's own."""

    UNIVERSITY = "university diploma"
    CAREER = "career diploma"
    ALTERNATE = "alternate diploma"
    CERTIFICATE = "certificate"


class Graduation(Value):
    """Adjusted requirements for graduation from high school."""

    form: Literal["GRD"] = "GRD"
    diploma_pathway: OrBlank[DiplomaPathway | None] = None
    expected_on: OrBlank[Day | None] = None
    adjustments: tuple[ShortText, ...] = ()
    reason: OrBlank[LongText | None] = None


class ESYSCriterion(Choice):
    """The criteria of eligibility for extended school year services (LAC 28:XCVII.705)."""

    REGRESSION = "regression-recoupment"
    CRITICAL_POINT = "critical point of instruction"
    SPECIAL = "special circumstances"


Score = Annotated[int, Field(ge=0, le=100_000)]


class BreakScores(Value):
    """A break in instruction, and the student's scores in the two weeks before and after it."""

    break_began_on: Day
    break_ended_on: Day
    before: tuple[Score, ...] = ()
    after: tuple[Score, ...] = ()


class ExtendedSchoolYear(Value):
    """Screening for extended school year services, and the evidence if the student is eligible."""

    form: Literal["ESY"] = "ESY"
    screened_on: OrBlank[Day | None] = None
    eligible: bool | None = None
    criterion: OrBlank[ESYSCriterion | None] = None
    breaks: tuple[BreakScores, ...] = ()
    evidence: OrBlank[LongText | None] = None
    decided_on: OrBlank[Day | None] = None
    parent_notified_on: OrBlank[Day | None] = None


class PlannedService(Value):
    """A service the team decided on. It is recorded with `provision` by a command of its own."""

    service_code: ServiceCode
    begin_on: Day
    end_on: OrBlank[Day | None] = Field(default=None, description="Last day; blank: while the IEP lasts.")
    sessions: int = Field(ge=1, le=99, description="Sessions per `frequency`.")
    frequency: OrBlank[Frequency] = Frequency.WEEK
    minutes_per_session: int = Field(ge=1, le=600)
    setting: OrBlank[Setting] = Setting.GENERAL
    delivery: OrBlank[Delivery] = Delivery.DIRECT
    extended_school_year: bool = False


class ProgramServices(Value):
    """Program/Services: what the student is to receive."""

    form: Literal["PRG"] = "PRG"
    services: tuple[PlannedService, ...] = ()


class Placement(Value):
    """Placement in the least restrictive environment."""

    form: Literal["LRE"] = "LRE"
    environment: OrBlank[EnvironmentCode | None] = None
    percent_in_regular_class: Percent | None = None
    justification: OrBlank[LongText | None] = None
    at_home_school: bool | None = Field(
        default=None,
        description="Whether the student attends the school of children without disabilities of the same"
        " address. If not, the form SIT says why.",
    )


class SiteDetermination(Value):
    """Why the student attends a school other than the home school."""

    form: Literal["SIT"] = "SIT"
    school: SchoolCode
    reason: OrBlank[LongText | None] = None
    transportation: bool | None = Field(
        default=None, description="Whether the student needs special transportation to that school."
    )


class ServicesPlan(Value):
    """The services plan of a student whom the parents placed in a private school."""

    form: Literal["SVP"] = "SVP"
    private_school: OrBlank[ShortText | None] = None
    services: OrBlank[LongText | None] = None
    consulted_on: OrBlank[Day | None] = Field(
        default=None, description="When the LEA consulted the private school."
    )


class ContactMethod(Choice):
    """How the LEA reached the parent."""

    MEETING = "meeting"
    TELEPHONE = "telephone"
    LETTER = "letter"
    EMAIL = "e-mail"
    IN_PERSON = "in person"


class AmendmentForm(Value):
    """What an amendment changes, and how the LEA informed the parent."""

    form: Literal["AMD"] = "AMD"
    informed_on: Day
    contact_method: ContactMethod
    explanation: LongText


class Signatures(Value):
    """Who signed; the parent's consent precedes the first provision of services."""

    form: Literal["SIG"] = "SIG"
    parent_signed_on: OrBlank[Day | None] = None
    lea_signed_on: OrBlank[Day | None] = None
    parent_consents: bool | None = Field(
        default=None, description="Whether the parent consents to the first services."
    )


Form = Annotated[
    GeneralInformation
    | InstructionalPlan
    | GiftedTalented
    | Accommodations
    | AlternateAssessment
    | Transition
    | Graduation
    | ExtendedSchoolYear
    | ProgramServices
    | Placement
    | SiteDetermination
    | ServicesPlan
    | AmendmentForm
    | Signatures,
    Field(discriminator="form"),
]
