"""Jinja2's templates, and the words and filters that they know."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import days, differences, report_forms, wording, words
from console.rules import RULES as CONSOLE_RULES
from contracts import codes
from contracts.roles import Role

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def environment() -> Environment:
    """The templates of the console."""
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "said": wording.said,
        "with_days": wording.with_days,
        "worded": wording.worded,
        "without_commands": wording.without_commands,
        "of_rule": wording.of_rule,
        "place": wording.place,
        "field": words.path_label,
        "wrong": wording.wrong,
        "remedy": wording.remedy,
        "input_of": wording.input_of,
        "day": days.shown,
        "day_in_words": days.in_words,
        "at_time": days.at_time,
        "cell": report_forms.cell,
        "lea": codes.LEAS.label,
        "service": codes.SERVICES.label,
        "exceptionality": codes.EXCEPTIONALITIES.label,
        "detail": codes.EXCEPTIONALITY_DETAILS.label,
        "environment": codes.ENVIRONMENTS.label,
        "grade": codes.GRADES.label,
        "disability": lambda code: words.DISABILITIES.get(code, code),
        "race": codes.RACES.label,
        "reason": codes.TERMINATION_REASONS.label,
        "exit_reason": codes.EXIT_REASONS.label,
        "role": lambda role: words.ROLES.get(str(role), str(role)),
        "command": words.command_label,
        "iep_name": words.iep_name,
        "changed_form": differences.form_of,
        "changed_field": differences.field_of,
        "age_group": lambda name: words.AGE_GROUPS.get(name, name),
        "capital": words.capital,
        "count_of": words.count_of,
        "sender": words.sender,
        "unit": words.unit,
        "source": words.source,
        "part": lambda service: words.SERVICES.get(service, service),
    }
    found.globals |= {
        "static": static_address,
        "Role": Role,
        "FORMS": words.FORMS,
        "LEAS": codes.LEAS,
        "CONSOLE_RULES": CONSOLE_RULES,
    }
    return found


@cache
def static_address(name: str) -> str:
    """The address of a static file. It holds a hash of the contents, so a browser may keep the file."""
    stem, dot, ending = name.rpartition(".")
    return f"/static/{stem}.{_hash(name)}{dot}{ending}"


@cache
def _hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def static_files() -> Mapping[str, Path]:
    """The static files by their addresses."""
    names = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()]
    return {static_address(name): STATIC / name for name in names if name.endswith((".css", ".js", ".svg"))}


def render(templates: Environment, name: str, context: Mapping[str, Any]) -> str:
    """The page, or the part of one, as HTML."""
    return templates.get_template(name).render(context)
