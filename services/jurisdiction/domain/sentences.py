"""Services in the sentence of a finding."""

from collections.abc import Sequence

from contracts.codes import SERVICES
from contracts.provision import OpenService

_MOST_NAMED = 20


def services_named(services: Sequence[OpenService], count: int) -> str:
    """The earliest services with their first days, and the number of the others. `count`: of them all."""
    named = [f"{SERVICES.label(one.service_code)} since {one.begin_on}" for one in services[:_MOST_NAMED]]
    more = count - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
