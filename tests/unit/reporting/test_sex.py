"""The sex of each student."""

import pytest

from services.reporting.domain.race import MISSING
from services.reporting.domain.sex import federal_sex
from tests.unit.reporting.events import Child

ANNA = Child("1000000001")


@pytest.mark.parametrize("sex", ["F", "M"])
def test_what_the_federal_files_know(sex: str) -> None:
    """Sex F and M are counted as recorded."""
    assert federal_sex(ANNA.changed(sex=sex).person) == sex


@pytest.mark.parametrize("sex", ["X", "U", "f", "Female", "", None])
def test_anything_else_is_missing(sex: str | None) -> None:
    """A student with any other sex, or none, counts as missing."""
    assert federal_sex(ANNA.changed(sex=sex).person) == MISSING
