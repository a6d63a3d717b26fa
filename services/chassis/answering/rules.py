"""The rules over HTTP: all of them, and one by its code. Everybody may read them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from contracts import errors
from contracts.errors import CODE_FORM, Rule, Severity
from contracts.message import Value
from services.chassis.answering.problems import NotFound, documented


class DescribedRule(Value):
    """A rule: what is wrong, and what to do about it, with {facts} in braces."""

    code: str
    severity: Severity
    message: str
    solution: str
    source: str
    fields: tuple[str, ...] = Field(
        description="The fields at which findings of this rule stand, as far as they are known beforehand."
    )

    @classmethod
    def of(cls, rule: Rule) -> "DescribedRule":
        """The rule as its reader gets it."""
        return cls(
            code=rule.code,
            severity=rule.severity,
            message=rule.message,
            solution=rule.solution,
            source=rule.source,
            fields=rule.fields,
        )


def rule_routes(own: Mapping[str, Rule]) -> APIRouter:
    """The service's own rules, and those of every service."""
    router = APIRouter()
    known = {code: DescribedRule.of(rule) for code, rule in sorted({**errors.RULES, **own}.items())}

    @router.get("/rules", summary="Every rule of this service: code, sentence, solution, source, fields")
    async def rules() -> list[DescribedRule]:
        return list(known.values())

    @router.get("/rules/{code}", summary="One rule, by its code", responses=documented(404, 422))
    async def rule(code: Annotated[str, Path(pattern=CODE_FORM)]) -> DescribedRule:
        if code not in known:
            raise NotFound(errors.RULE_UNKNOWN.broken(code=code))
        return known[code]

    return router
