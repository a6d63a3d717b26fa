"""A finding as a person reads it: forms, fields and days in words, and nothing about JSON or commands.

`page`: the address of the page that shows the finding. On a page of an IEP each named form is a link to it.
"""

import json
import re
from datetime import date
from urllib.parse import urlencode

from markupsafe import Markup, escape
from pydantic import JsonValue

from console import days
from console.words import FORMS, form_name, label_of, named_label
from contracts import errors
from contracts.catalog import commands
from contracts.errors import Finding

_ISO = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_OF_A_FORM = re.compile(r"forms\.[A-Z]{3}(?:\[.*\])?\.(.+)", re.DOTALL)
_COMMANDS = re.compile(rf" \((?:`\w+` of )?(?:{'|'.join(commands())})\b[^)]*\)")
_FORM = re.compile(rf"\bform ({'|'.join(FORMS)})\b(?:\[(.*)\])?", re.DOTALL)
_FIELD = re.compile(r"`?\b([a-z]+(?:_[a-z]+)+)\b`?")
_FACT = re.compile(r"\{([a-z_]+)[^}]*\}")
_IEP = re.compile(r"/students/[^/?#]+/ieps/[0-9a-f-]{36}")
_OF_JSON = (
    ("at least 1 items", "at least one"),
    ("at least 1 characters", "at least one character"),
    (", in quotation marks", ""),
    (", without quotation marks and without a decimal point", ""),
    (", without quotation marks", ""),
    ("write the day as 2018-01-08", "write the date as 10/1/2026"),
)


def wrong(finding: Finding, page: str = "") -> str:
    """What is wrong."""
    if finding.code == errors.FIELD_INVALID.code and (problem := finding.facts.get("problem")):
        for words, plain in _OF_JSON:
            problem = problem.replace(words, plain)
        return f"{problem[:1].upper()}{with_days(problem[1:])}."
    if finding.code == errors.REVISION_MOVED.code:
        return "Somebody else has saved the record since you opened it."
    return _with_forms(_with_days(finding.message, finding), page)


def remedy(finding: Finding, page: str = "") -> str:
    """What to do about it."""
    if finding.code == errors.FIELD_INVALID.code:
        return "Correct the field." if finding.field else "Correct the form."
    if finding.code == errors.REVISION_MOVED.code:
        return "Look at what they saved, then send yours again."
    return _with_forms(_with_fields(without_commands(_with_days(finding.solution, finding))), page)


def said(finding: Finding, page: str = "") -> str:
    """Both, as two sentences."""
    space = Markup(" ") if page else " "
    return space.join((wrong(finding, page), remedy(finding, page)))


def input_of(finding: Finding) -> str:
    """The input of an IEP form to which a finding belongs: `forms.PRG.services.0.begin_on` is
    `forms.0.services.0.begin_on`. Blank: the finding is about the whole form."""
    found = _OF_A_FORM.fullmatch(finding.field or "")
    return f"forms.0.{found[1]}" if found else ""


def worded(value: JsonValue) -> str:
    """A value before or after a change, in words."""
    if value in (None, "", []):
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False).replace('"', "")


def without_commands(text: str) -> str:
    """A solution without the names of commands in parentheses: a page has a button or a link instead."""
    return _COMMANDS.sub("", text)


def with_days(text: str) -> str:
    """A text with each day as a table shows it."""
    return _ISO.sub(lambda found: days.shown(found[0]), text)


def of_rule(text: str) -> str:
    """A sentence of a rule itself, with the names of its facts: `The form [form] is missing.`"""
    return _with_forms(_with_fields(without_commands(_FACT.sub(_fact, text))), "")


def _fact(found: re.Match[str]) -> str:
    """The name of a fact in a rule's sentence, as people read it: `[begin date]`."""
    return f"[{found[1].replace('_', ' ')}]"


def place(path: str) -> str:
    """A field that a rule names, in words: `begin_on` is *Begin date*; a form's field follows its form."""
    parts = path.split(".")
    names = [form_name(part) if part in FORMS else label_of(part) for part in parts if part != "forms"]
    return ": ".join(names) or label_of(path)


def _with_forms(sentence: str, page: str) -> str:
    """The sentence with forms by their names; on a page of an IEP each is a link."""
    if iep := _IEP.match(page):
        linked = _FORM.sub(lambda found: _linked(found, iep[0]), escape(sentence))
        return Markup(linked)
    return _FORM.sub(lambda found: f"form {form_name(found[1], found[2])}", sentence)


def _linked(found: re.Match[str], iep: str) -> str:
    area = Markup(found[2]).unescape() if found[2] else ""
    address = f"{iep}/forms/{found[1]}" + (f"?{urlencode({'area': area})}" if area else "")
    return Markup('form <a href="{}">{}</a>').format(address, form_name(found[1], area))


def _with_fields(solution: str) -> str:
    """The solution with the labels of the fields that it names, as the form shows them."""
    return _FIELD.sub(lambda found: f"“{label}”" if (label := named_label(found[1])) else found[0], solution)


def _with_days(sentence: str, finding: Finding) -> str:
    """The sentence with days as people write them, also where a fact is a list with days in it."""
    for fact in set(_ISO.findall(" ".join(finding.facts.values()))):
        if day := days.read_day(fact, date.min):
            sentence = sentence.replace(fact, days.shown(day))
    return sentence
