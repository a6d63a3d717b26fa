"""The contents of an IEP: its forms. The header repeats some of their fields."""

from typing import Any

from contracts.codes import EnvironmentCode
from contracts.decision import Known
from contracts.forms import Form, FormCode, InstructionalPlan, Placement
from contracts.ieps import IEP, IEPContents

Forms = tuple[Form, ...]


def contents_of(known: Known, iep: IEP) -> IEPContents:
    """The contents of an IEP. `OPENS` must name them for the message."""
    contents = known.get(IEPContents, iep.iep_id)
    assert contents is not None, "every IEP has contents; `OPENS` names the messages that need them"
    return contents


def described(contents: IEPContents) -> dict[str, Any]:
    """The fields of the header that come from the contents."""
    return {
        "contents_revision": contents.revision,
        "forms": tuple(FormCode(form.form) for form in contents.forms),
        "areas": tuple(form.area for form in contents.forms if isinstance(form, InstructionalPlan)),
        "environment": environment_of(contents.forms),
    }


def environment_of(forms: Forms) -> EnvironmentCode | None:
    """The educational environment in the placement form. None: no form, or no environment in it."""
    return next((form.environment for form in forms if isinstance(form, Placement)), None)
