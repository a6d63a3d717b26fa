"""The console has a word for each value that a service can name."""

from collections.abc import Collection, Iterable

import pytest

from console import words
from console.pages.counts import MEND
from console.pages.home import KINDS
from console.pages.iep_forms import MODELS
from contracts import catalog
from contracts.forms import FormCode
from contracts.roles import Role
from services.reporting.domain.due import LISTED
from services.reporting.domain.rules import Step


@pytest.mark.parametrize(
    ("named", "every"),
    [
        (words.SERVICES, catalog.SERVICES),
        (words.ROLES, Role),
        (words.FORMS, FormCode),
        (MODELS, FormCode),
        (KINDS, LISTED),
        (MEND, Step),
    ],
    ids=["services", "roles", "IEP forms", "models of IEP forms", "kinds of due dates", "steps of the count"],
)
def test_each_value_has_its_word(named: Collection[str], every: Iterable[str]) -> None:
    """None is missing, and none is left over from an earlier contract."""
    assert {str(one) for one in named} == {str(one) for one in every}
