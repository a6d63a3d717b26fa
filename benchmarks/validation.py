"""How long the validation of a large IEP takes: `python -m benchmarks validation`.

The IEP has every form and 30 instructional plans, each as long as a real one. This project's calendars are
published, and counted anew for each validation. Nothing is loaded or stored.
"""

import asyncio
import time
from datetime import date
from random import Random

from benchmarks.options import Options
from benchmarks.results import Section, Table
from benchmarks.servers import Servers
from contracts.calendars import Calendar
from contracts.counting import Calendars
from contracts.decision import Known
from contracts.ieps import IEP
from deploy import seeding
from services.ieps.domain.validation import validate
from tests.unit.ieps import scenario
from tests.unit.ieps.realistic import every_form
from tests.unit.scenario import TODAY, id_named

_PLANS = 30
_TIMES = 1_000
_BORN = date(2001, 5, 1)


def validations(times: int) -> list[float]:
    """The milliseconds of so many validations, the shortest first."""
    forms = every_form(Random(1), scenario.MET, scenario.BEGINS, _PLANS)
    known = Known(scenario.drafted(born=_BORN, forms=forms))
    iep = known.get(IEP, id_named("IEP"))
    assert iep is not None, "the IEP was drafted"
    published = [
        Calendar.model_validate(command.model_dump() | {"revision": 1, "published_on": TODAY})
        for command in seeding.calendars()
    ]
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        validate(known, iep, TODAY, Calendars(published))
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


async def measure(servers: Servers, options: Options) -> Section:
    """Measure the validation of one large IEP. It needs no server and has one size."""
    taken = await asyncio.to_thread(validations, _TIMES)
    row = (f"every form, {_PLANS} goals", f"{taken[_TIMES // 2]:.2f}", f"{taken[_TIMES * 99 // 100]:.2f}")
    table = Table(("ms a validation (target: under 5)", "median", "99 %"), [row])
    return Section("Validation of an IEP", (), (table,))
