"""Validation is quick enough to run at each keystroke that saves a form."""

import time
from datetime import date
from random import Random
from statistics import median

from contracts.deadlines import NO_CALENDARS
from contracts.decision import Known
from contracts.ieps import IEP
from services.ieps.domain.validation import validate
from tests.unit.ieps import scenario
from tests.unit.ieps.realistic import every_form
from tests.unit.scenario import TODAY, id_named

_PLANS = 30
_MOST_SECONDS = 0.05
"""Ten times what validation may take on an idle machine. `python -m benchmarks validation` measures it."""


def test_a_large_iep_is_validated_at_once() -> None:
    """An IEP with every form and 30 goals is validated within 50 ms, also on a busy machine."""
    forms = every_form(Random(1), scenario.MET, scenario.BEGINS, _PLANS)
    known = Known(scenario.drafted(born=date(2001, 5, 1), forms=forms))
    iep = known.get(IEP, id_named("IEP"))
    assert iep is not None

    def seconds() -> float:
        began = time.perf_counter()
        results = validate(known, iep, TODAY, NO_CALENDARS).results
        assert len(results) > _PLANS
        return time.perf_counter() - began

    assert median(seconds() for _ in range(20)) < _MOST_SECONDS
