"""The contents of an IEP: its forms. They are stored apart and loaded for the commands that `OPENS` names."""

from collections.abc import Iterator
from typing import Any

from contracts.codes import EnvironmentCode
from contracts.decision import Known
from contracts.forms import Form, FormName, InstructionalPlan, Placement
from contracts.ieps import IEP, AmendIEP, IEPContents, MakeIEPOfficial, RemoveIEPForm, SaveIEPForms

Forms = tuple[Form, ...]
Opened = Iterator[tuple[type[IEPContents], object]]


def of_its_iep(command: SaveIEPForms | RemoveIEPForm | MakeIEPOfficial) -> Opened:
    """The contents of the IEP that the command is about."""
    yield IEPContents, command.iep_id


def of_the_amended(command: AmendIEP) -> Opened:
    """The contents of the IEP that is amended."""
    yield IEPContents, command.amends


def contents_of(known: Known, iep: IEP) -> IEPContents:
    """The contents of an IEP. They must have been opened."""
    contents = known.get(IEPContents, iep.iep_id)
    assert contents is not None, "every IEP has contents; `OPENS` names the commands that need them"
    return contents


def described(contents: IEPContents) -> dict[str, Any]:
    """What the header says of its contents."""
    return {
        "contents_revision": contents.revision,
        "forms": tuple(map(_named, contents.forms)),
        "environment": environment_of(contents.forms),
    }


def environment_of(forms: Forms) -> EnvironmentCode | None:
    """The educational environment the placement form has, if it has one."""
    return next((form.environment for form in forms if isinstance(form, Placement)), None)


def _named(form: Form) -> FormName:
    area = form.area if isinstance(form, InstructionalPlan) else None
    return FormName.model_validate({"form": form.form, "area": area})
