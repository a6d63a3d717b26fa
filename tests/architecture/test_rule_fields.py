"""A rule names the fields at which its findings stand."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from contracts import errors
from contracts.errors import Rule
from tests.architecture.system import ROOT
from tests.architecture.test_rules import RULES

SOURCES = sorted([*ROOT.glob("contracts/*.py"), *ROOT.glob("services/**/*.py")])


def findings(path: Path) -> Iterator[tuple[Rule, ast.expr]]:
    """Each rule that a module calls broken, with the field that it names there."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if is_finding(node)]
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)) if calls else None
    for call in calls:
        rule = meant(module, call.func.value)  # type: ignore[attr-defined]
        if isinstance(rule, Rule):
            yield from ((rule, one.value) for one in call.keywords if one.arg == "at")  # type: ignore[attr-defined]


def is_finding(node: ast.AST) -> bool:
    """Whether this is a call such as `rules.NOT_THERE.broken(…)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "broken"


def meant(module: ModuleType | None, name: ast.expr) -> object:
    """What a name, or a name in another module, means in a module; None for a local one."""
    match name:
        case ast.Name(id=short):
            return getattr(module, short, None)
        case ast.Attribute(value=ast.Name(id=other), attr=short):
            return getattr(getattr(module, other, None), short, None)
        case _:
            return None


@pytest.fixture(scope="module")
def named() -> dict[str, set[str | None]]:
    """The fields that the code names for each rule, by its code. None: a field that the code works out."""
    fields: dict[str, set[str | None]] = defaultdict(set)
    for path in SOURCES:
        for rule, field in findings(path):
            fields[rule.code].add(field.value if isinstance(field, ast.Constant) else None)  # type: ignore[arg-type]
    return fields


@pytest.mark.parametrize("code", RULES)
def test_a_rule_names_its_fields(code: str, named: dict[str, set[str | None]]) -> None:
    """A rule of one service names a field at which its findings stand, and no rule names another field."""
    literal, declared = named[code] - {None}, set(RULES[code].fields)
    assert declared or not literal or code in errors.RULES, f"{code}: add `fields` {literal}"
    assert declared <= literal or None in named[code], f"{code}: no finding stands at {declared - literal}"
