"""Which headers and contents of IEPs a command asks for."""

import pytest

from contracts.decision import Known, NotOpened, Unread
from contracts.ieps import IEP, IEPContents, SpedActivity
from contracts.message import EVERY, Record
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


def test_a_record_that_is_not_asked_for_is_not_read() -> None:
    """A command about one IEP costs the same beside thirty-six: the headers of the others are not read."""

    def read() -> Record:
        raise AssertionError("the record is not asked for")

    known = Known(scenario.submitted())
    known.learn(Unread("iep", "another", 3, read))

    assert known.get(IEP, id_named("IEP")) is not None
    assert known.copy().revision("iep", "another") == 3
    with pytest.raises(AssertionError, match="not asked for"):
        known.all(IEP)


def test_a_record_is_read_when_it_is_asked_for() -> None:
    """What was loaded unread is the same record for every question, and a newer state takes its place."""
    iep = Known(scenario.submitted()).get(IEP, id_named("IEP"))
    assert iep is not None
    known = Known()
    assert known.learn(Unread(iep.kind, iep.record_id, iep.revision, lambda: iep))
    assert not known.learn(iep)

    assert (known.get(IEP, iep.iep_id), known.all(IEP), [*known]) == (iep, [iep], [iep])
    assert known.learn(IEP.of(iep))
    assert known.revision(iep.kind, iep.record_id) == iep.revision + 1
