"""Which headers and contents of IEPs a command asks for."""

import pytest

from contracts.decision import Known, NotOpened
from contracts.ieps import IEP, IEPContents, SpedActivity
from contracts.message import EVERY
from tests.unit.ieps import scenario
from tests.unit.scenario import id_named


def test_a_decision_sees_only_what_its_command_opens() -> None:
    """Code that looks at an IEP which its command did not ask for fails; it never takes it for missing."""
    name = str(id_named("IEP"))
    known = Known(scenario.submitted()).beside({}, {("iep", name)})

    assert known.get(IEP, name) is not None
    for unopened in (
        lambda: known.get(IEP, id_named("other")),
        lambda: known.all(IEP),
        lambda: known.get(IEPContents, name),
    ):
        with pytest.raises(NotOpened):
            unopened()
    assert len(known.all(SpedActivity)) == 1


def test_a_decision_that_opens_every_iep_sees_each() -> None:
    """A command that asks for every IEP may ask for one, too, and for one that does not exist."""
    known = Known(scenario.submitted()).beside({}, {("iep", EVERY)})

    assert len(known.all(IEP)) == 1
    assert known.get(IEP, id_named("IEP")) is not None
    assert known.get(IEP, id_named("other")) is None
