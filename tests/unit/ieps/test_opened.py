"""A command loads only the IEP headers and contents that its decision needs."""

import pytest

from contracts.activities import SpedActivity
from contracts.decision import Known, NotOpened, Unread
from contracts.ieps import IEP, IEPContents
from contracts.message import EVERY, Record
from tests.unit.ieps import scenario
from tests.unit.scenario import id_named


def test_a_decision_sees_only_what_its_command_opens() -> None:
    """A decision that reads an IEP which its command did not load fails. It never takes the IEP
    for missing."""
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
    """A command that loads every IEP may read any one of them, or one that does not exist."""
    known = Known(scenario.submitted()).beside({}, {("iep", EVERY)})

    assert len(known.all(IEP)) == 1
    assert known.get(IEP, id_named("IEP")) is not None
    assert known.get(IEP, id_named("other")) is None


def test_a_record_that_is_not_asked_for_is_not_read() -> None:
    """A command about one IEP does not read the headers of the student's other IEPs."""

    def read() -> Record:
        raise AssertionError("the record is not asked for")

    known = Known(scenario.submitted())
    known.learn(Unread("iep", "another", 3, read))

    assert known.get(IEP, id_named("IEP")) is not None
    assert known.copy().revision("iep", "another") == 3
    with pytest.raises(AssertionError, match="not asked for"):
        known.all(IEP)


def test_a_record_is_read_when_it_is_asked_for() -> None:
    """A loaded header is parsed once, at its first use. A newer state replaces it."""
    iep = Known(scenario.submitted()).get(IEP, id_named("IEP"))
    assert iep is not None
    known = Known()
    assert known.learn(Unread(iep.kind, iep.record_id, iep.revision, lambda: iep))
    assert not known.learn(iep)

    assert (known.get(IEP, iep.iep_id), known.all(IEP), [*known]) == (iep, [iep], [iep])
    assert known.learn(IEP.of(iep))
    assert known.revision(iep.kind, iep.record_id) == iep.revision + 1
