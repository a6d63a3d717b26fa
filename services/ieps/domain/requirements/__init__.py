"""What each form must contain (LAC 28:XCVII.303 and 305).

`case`: what the checks of a form know, and what every check says in the same way. `required`: which forms an
IEP needs. `ahead`: nothing was done in the future. One file for each group of forms: `general` (GSI),
`instruction` (IPL, GTI), `assessment` (ACC, ALT), `transition` (TRN), `graduation` (GRD), `summer` (ESY),
`services` (PRG), `placement` (LRE, SIT), `private` (SVP), `amendment` (AMD), `signatures` (SIG).
"""

from collections.abc import Iterator
from itertools import chain
from typing import assert_never

from contracts.errors import Finding
from contracts.forms import (
    Accommodations,
    AlternateAssessment,
    AmendmentForm,
    ExtendedSchoolYear,
    Form,
    GeneralInformation,
    GiftedTalented,
    Graduation,
    InstructionalPlan,
    Placement,
    ProgramServices,
    ServicesPlan,
    Signatures,
    SiteDetermination,
    Transition,
)
from services.ieps.domain.requirements import (
    amendment,
    assessment,
    general,
    graduation,
    instruction,
    placement,
    private,
    services,
    signatures,
    summer,
    transition,
)
from services.ieps.domain.requirements.ahead import ahead
from services.ieps.domain.requirements.case import Case
from services.ieps.domain.requirements.required import missing

__all__ = ["Case", "judge", "missing"]


def judge(form: Form, case: Case) -> Iterator[Finding]:
    """The errors and the warnings of one form."""
    return chain(_contents(form, case), ahead(form, case.today))


def _contents(form: Form, case: Case) -> Iterator[Finding]:  # noqa: C901 - one case a form, no more
    match form:
        case GeneralInformation():
            return general.judge(form)
        case InstructionalPlan():
            return instruction.judge(form)
        case GiftedTalented():
            return instruction.judge_gifted(form)
        case Accommodations():
            return assessment.judge(form)
        case AlternateAssessment():
            return assessment.judge_alternate(form, case)
        case Transition():
            return transition.judge(form, case)
        case Graduation():
            return graduation.judge(form, case)
        case ExtendedSchoolYear():
            return summer.judge(form, case)
        case ProgramServices():
            return services.judge(form, case)
        case Placement():
            return placement.judge(form, case)
        case SiteDetermination():
            return placement.judge_site(form, case)
        case ServicesPlan():
            return private.judge(form, case)
        case AmendmentForm():
            return amendment.judge(form, case)
        case Signatures():
            return signatures.judge(form, case)
        case _:
            assert_never(form)
