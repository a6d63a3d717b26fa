"""Help: a page for each rule code, made from the rules themselves."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from console.answers import DescribedRule
from console.queries import RULES
from console.rules import RULES as OWN
from console.screens import screen
from console.visits import NoPage, Visit, Visiting

router = APIRouter()


@screen(router, "/help")
async def index(visit: Visiting, code: str = "") -> Response:
    """Every code with its sentence; `code` narrows the list."""
    rules = await every_rule(visit)
    wanted = code.strip().upper()
    shown = [one for name, one in sorted(rules.items()) if wanted in name or wanted in one.message.upper()]
    return await visit.page("help/list.html", title="Help", rules=shown, wanted=code)


@screen(router, "/help/{code}")
async def rule(visit: Visiting, code: str) -> Response:
    """One rule: what it means, what to do, its source."""
    found = (await every_rule(visit)).get(code.upper())
    if found is None:
        raise NoPage
    return await visit.page("help/rule.html", title=f"What {found.code} means", rule=found)


async def every_rule(visit: Visit) -> Mapping[str, DescribedRule]:
    """All rules by code, those of the console too. They are kept for the life of the process."""
    known = visit.app.known_rules
    missing = [name for name in RULES if name not in visit.app.rules_of]
    answers = await asyncio.gather(*(visit.ask(RULES[name]) for name in missing))
    for name, answer in zip(missing, answers, strict=True):
        if answer.given is not None:
            known.update({one.code: one for one in answer.given})
            visit.app.rules_of.add(name)
    return known


def own_rules() -> dict[str, DescribedRule]:
    """The console's own rules."""
    return {
        one.code: DescribedRule(
            code=one.code,
            severity=one.severity,
            message=one.message,
            solution=one.solution,
            source=one.source,
            fields=(),
        )
        for one in OWN.values()
    }
