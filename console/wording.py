"""A finding as a person reads it: with days in the reader's form, and without words about JSON."""

import json
import re
from datetime import date

from pydantic import JsonValue

from console import days
from contracts import errors
from contracts.catalog import commands
from contracts.errors import Finding

_ISO = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_OF_A_FORM = re.compile(r"forms\.[A-Z]{3}(?:\[.*\])?\.(.+)", re.DOTALL)
_COMMANDS = re.compile(rf" \((?:{'|'.join(commands())})\b[^)]*\)")
_OF_JSON = (
    (", in quotation marks", ""),
    (", without quotation marks and without a decimal point", ""),
    (", without quotation marks", ""),
    ("write the day as 2018-01-08", "write the date as 10/1/2026"),
)


def wrong(finding: Finding) -> str:
    """What is wrong."""
    if finding.code == errors.FIELD_INVALID.code and (problem := finding.facts.get("problem")):
        for words, plain in _OF_JSON:
            problem = problem.replace(words, plain)
        return f"{problem[:1].upper()}{problem[1:]}."
    return _with_days(finding.message, finding)


def remedy(finding: Finding) -> str:
    """What to do about it."""
    if finding.code == errors.FIELD_INVALID.code:
        return "Correct the field."
    return without_commands(_with_days(finding.solution, finding))


def said(finding: Finding) -> str:
    """Both, as two sentences."""
    return f"{wrong(finding)} {remedy(finding)}"


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


def _with_days(sentence: str, finding: Finding) -> str:
    """The sentence with days as people write them, also where a fact is a list with days in it."""
    for fact in set(_ISO.findall(" ".join(finding.facts.values()))):
        if day := days.read_day(fact, date.min):
            sentence = sentence.replace(fact, days.shown(day))
    return sentence
