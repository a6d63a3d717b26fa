"""The forms of an IEP.

The rules of `ieps` say which forms an IEP needs. The form codes are this project's own.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.codes import EnvironmentCode, ServiceCode
from contracts.message import Value
from contracts.types import Choice, Day, LongText, OrBlank, Percent, SchoolCode, ShortText


class FormCode(Choice):
    """The forms by their codes."""

    GSI = "GSI"
    IPL = "IPL"
    ACC = "ACC"
    TRN = "TRN"
    ESY = "ESY"
    PRG = "PRG"
    LRE = "LRE"
    SIT = "SIT"
    AMD = "AMD"
    SIG = "SIG"


class GeneralInformation(Value):
    """General Student Information: who met, and what the team knows of the student."""

    form: Literal["GSI"] = "GSI"
    participants: tuple[ShortText, ...] = Field(
        default=(), description="Roles of those who met, not their names."
    )
    strengths: OrBlank[LongText | None] = None
    parent_concerns: OrBlank[LongText | None] = None
    evaluation_results: OrBlank[LongText | None] = None
    special_factors: tuple[ShortText, ...] = ()


class InstructionalPlan(Value):
    """One area of instruction: where the student stands, and the goal for the year."""

    form: Literal["IPL"] = "IPL"
    area: ShortText
    present_level: OrBlank[LongText | None] = None
    annual_goal: OrBlank[LongText | None] = None
    objectives: tuple[LongText, ...] = ()


class Accommodations(Value):
    """Supports in instruction and assessment; `none_needed` says that the team considered and found none."""

    form: Literal["ACC"] = "ACC"
    accommodations: tuple[ShortText, ...] = ()
    none_needed: bool = False


class Transition(Value):
    """Transition services, for an IEP in effect when the student turns 16."""

    form: Literal["TRN"] = "TRN"
    postsecondary_goals: OrBlank[LongText | None] = None
    courses_of_study: OrBlank[LongText | None] = None
    agencies: tuple[ShortText, ...] = ()
    student_invited: bool = False


class ExtendedSchoolYear(Value):
    """Screening for extended school year services."""

    form: Literal["ESY"] = "ESY"
    screened_on: OrBlank[Day | None] = None
    eligible: bool | None = None
    criterion: OrBlank[ShortText | None] = None


class PlannedService(Value):
    """A service the team decided on. It is recorded with `provision` by a command of its own."""

    service_code: ServiceCode
    minutes_per_week: int = Field(ge=1, le=3000)
    begin_on: Day


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


class SiteDetermination(Value):
    """Why the student attends a school other than the home school."""

    form: Literal["SIT"] = "SIT"
    school: SchoolCode
    reason: OrBlank[LongText | None] = None


class AmendmentForm(Value):
    """What an amendment changes, and how the LEA informed the parent."""

    form: Literal["AMD"] = "AMD"
    parent_informed_by: ShortText
    explanation: LongText


class Signatures(Value):
    """Who signed; the parent's consent precedes the first provision of services."""

    form: Literal["SIG"] = "SIG"
    parent_signed_on: OrBlank[Day | None] = None
    lea_signed_on: OrBlank[Day | None] = None


Form = Annotated[
    GeneralInformation
    | InstructionalPlan
    | Accommodations
    | Transition
    | ExtendedSchoolYear
    | ProgramServices
    | Placement
    | SiteDetermination
    | AmendmentForm
    | Signatures,
    Field(discriminator="form"),
]
