"""The child count as people look at it: disabilities down, environments across."""

from collections.abc import Mapping

from rich import box
from rich.table import Table
from rich.text import Text

from contracts.codes import EXCEPTIONALITIES
from deploy.demo.counting import Count
from deploy.demo.living import Plan
from deploy.population.cells import CellKey
from deploy.population.codes import GROUPS, AgeGroup, Disability, Environment
from deploy.population.compare import Comparison

WIDE = 120
"""Characters across which every table fits."""

_HEADINGS: Mapping[str, str] = {
    "RC80": "regular\n80 % +",
    "RC79TO40": "regular\n40–79 %",
    "RC39": "regular\n< 40 %",
    "SS": "separate\nschool",
    "RF": "resident.\nfacility",
    "HH": "home or\nhospital",
    "CF": "correct.\nfacility",
    "PPPS": "private\nschool",
    "REC10YSVCS": "regular\n10 h +,\nthere",
    "REC10YOTHLOC": "regular\n10 h +,\nelsewhere",
    "REC09YSVCS": "regular\n< 10 h,\nthere",
    "REC09YOTHLOC": "regular\n< 10 h,\nelsewhere",
    "SC": "separate\nclass",
    "H": "home",
    "SPL": "provider's\nplace",
}
"""What the environments are called on top of a narrow column; regular: class, or early childhood program."""


def counted(count: Count, comparison: Comparison, plan: Plan, group: AgeGroup, width: int) -> Table:
    """Disabilities down, environments across, of one age group. What is not as published is red.

    On a screen of less than 120 characters the environments are called by their codes.
    """
    wrong = {difference.cell.key for difference in comparison.differences}
    rows = [disability for disability in _labels() if disability in plan.selection.disabilities]
    table = Table(
        title=f"Students with disabilities, ages {group.replace('-', '–')}, {plan.as_of:%-d %B %Y}",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        header_style="cyan",
        show_footer=True,
        collapse_padding=True,
        footer_style="bold",
    )
    table.add_column("disability", footer="all of these", no_wrap=True)
    for environment in (*GROUPS[group].environments, None):
        children = sum(count.cells.get(_key(group, row, environment), 0) for row in rows)
        heading = _HEADINGS[environment] if environment and width >= WIDE else environment
        table.add_column(heading or "all", justify="right", footer=f"{children:,}")
    for row in rows:
        keys = [_key(group, row, environment) for environment in (*GROUPS[group].environments, None)]
        table.add_row(_labels()[row], *(_number(count.cells.get(key, 0), key in wrong) for key in keys))
    return table


def _key(group: AgeGroup, disability: Disability, environment: Environment | None) -> CellKey:
    return CellKey(group, disability, environment, "total", "")


def _number(children: int, wrong: bool) -> Text:
    style = "bold red" if wrong else "" if children else "dim"
    return Text(f"{children:,}" if children or wrong else "·", style)


def _labels() -> Mapping[Disability, str]:
    """The federal disabilities by their codes, in the order of their names."""
    named: dict[Disability, str] = {}
    for code in EXCEPTIONALITIES.values():
        if code.edfacts:
            named.setdefault(Disability(code.edfacts), code.label.split(":")[0])
    return dict(sorted(named.items(), key=lambda item: item[1]))
