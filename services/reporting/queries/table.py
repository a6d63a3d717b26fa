"""The child count as tables: a row for each disability, a column for each environment."""

from collections.abc import Iterable

from pydantic import BaseModel

from contracts.codes import ENVIRONMENTS
from services.reporting.domain.definitions import age_groups
from services.reporting.domain.layout import Breakdown
from services.reporting.queries.child_count import ChildCount, CountedCell


class TableRow(BaseModel):
    """A disability (blank: all): its total, and its children by environment, in the order of the columns."""

    disability: str | None
    total: int
    children: list[int]


class AgeGroupTable(BaseModel):
    """Disability by environment for an age group. The last row has the totals."""

    age_group: str
    environments: list[str]
    labels: list[str]
    rows: list[TableRow]


def table(count: ChildCount) -> list[AgeGroupTable]:
    """The count's disability-by-environment tables."""
    found = {
        (cell.age_group, cell.disability, cell.environment): cell.children for cell in _totals(count.cells)
    }
    return [
        AgeGroupTable(
            age_group=group.name,
            environments=list(group.environments),
            labels=[ENVIRONMENTS[environment].label for environment in group.environments],
            rows=[
                TableRow(
                    disability=disability,
                    total=found[group.name, disability, None],
                    children=[found[group.name, disability, place] for place in group.environments],
                )
                for disability in (*count.disabilities, None)
            ],
        )
        for group in age_groups(count.as_of)
    ]


def _totals(cells: Iterable[CountedCell]) -> Iterable[CountedCell]:
    return (cell for cell in cells if cell.breakdown is Breakdown.TOTAL)
