"""The table of the child count: a row for each disability, a column for each environment."""

import re
from collections.abc import Mapping

from rich import box
from rich.table import Table
from rich.text import Text

from contracts.codes import EXCEPTIONALITIES
from deploy.demo.demonstration import Plan
from deploy.demo.reporting import ChildCount
from deploy.population.cells import CellKey, Comparison
from deploy.population.codes import EARLY_CHILDHOOD, GROUPS, SCHOOL_AGE, AgeGroup, Disability, Environment

_LONGEST_LABEL = 22
_LAST_WORD = re.compile(r"(?<= \w{3})\w+$")

WIDE = 120
"""A width in characters at which every table fits."""

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
"""Headings of the environments on a wide screen. `regular`: regular class or early childhood program."""

_SHORT: Mapping[str, str] = {
    "RC80": "≥80",
    "RC79TO40": "40–79",
    "RC39": "<40",
    "SS": "sep.",
    "RF": "res.",
    "HH": "hosp.",
    "CF": "corr.",
    "PPPS": "priv.",
    "REC10YSVCS": "≥10h",
    "REC10YOTHLOC": "≥10h*",
    "REC09YSVCS": "<10h",
    "REC09YOTHLOC": "<10h*",
    "SC": "class",
    "H": "home",
    "SPL": "prov.",
}
"""Headings of the environments on a narrow screen."""

_LEGENDS: Mapping[AgeGroup, str] = {
    SCHOOL_AGE: "≥80, 40–79, <40: percent of the day in the regular class; sep.: separate school;"
    " res.: residential facility; hosp.: home or hospital; corr.: correctional facility;"
    " priv.: placed in a private school by the parents",
    EARLY_CHILDHOOD: "≥10h, <10h: hours a week in a regular early childhood program, services there"
    " (*: elsewhere); class: separate class; sep.: separate school; res.: residential facility;"
    " prov.: provider's place",
}
"""What the short headings mean."""


def draw_count_table(
    count: ChildCount, comparison: Comparison, plan: Plan, group: AgeGroup, width: int
) -> Table:
    """The table of one age group. A count that differs from the published cell is red.

    On a screen of less than 120 characters the headings are short, and a legend explains them.
    """
    wide = width >= WIDE
    wrong = {difference.cell.key for difference in comparison.differences}
    rows = [disability for disability in _labels() if disability in plan.selection.disabilities]
    table = Table(
        title=f"Students with disabilities, ages {group.replace('-', '–')}, {plan.as_of:%-d %B %Y}",
        title_style="bold",
        caption=None if wide else _LEGENDS[group],
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        header_style="cyan",
        show_footer=True,
        show_edge=False,
        padding=0,
        footer_style="bold",
    )
    table.add_column("disability", footer="all of these", no_wrap=True)
    for environment in (*GROUPS[group].environments, None):
        children = sum(count.cells.get(_key(group, row, environment), 0) for row in rows)
        heading = (_HEADINGS if wide else _SHORT)[environment] if environment else "all"
        table.add_column(heading, justify="right", footer=f"{children:,}", no_wrap=True)
    for row in rows:
        keys = [_key(group, row, environment) for environment in (*GROUPS[group].environments, None)]
        table.add_row(_named(row, wide), *(_number(count.cells.get(key, 0), key in wrong) for key in keys))
    return table


def _key(group: AgeGroup, disability: Disability, environment: Environment | None) -> CellKey:
    return CellKey(group, disability, environment, "total", "")


def _number(children: int, wrong: bool) -> Text:
    style = "bold red" if wrong else "" if children else "dim"
    return Text(f"{children:,}" if children or wrong else "·", style)


def _named(disability: Disability, wide: bool) -> str:
    label = _labels()[disability]
    return label if wide or len(label) <= _LONGEST_LABEL else _LAST_WORD.sub(".", label)


def _labels() -> Mapping[Disability, str]:
    """The federal disabilities by their codes, in the order of their names."""
    named: dict[Disability, str] = {}
    for code in EXCEPTIONALITIES.values():
        if code.edfacts:
            named.setdefault(Disability(code.edfacts), code.label.split(":")[0])
    return dict(sorted(named.items(), key=lambda item: item[1]))
