"""The header `Prefer` (RFC 7240): how long a request waits for an outcome, and whether it is a dry run."""

import re
from typing import Annotated

from fastapi import Header, Request

from contracts import errors
from services.chassis.answering.problems import Problem

_WAIT = re.compile(r"\bwait=(\d{1,3})\b")
_LONGEST_WAIT = 30
_DRY_RUN = "dry-run"

DRY_RUN_APPLIED = {"Preference-Applied": _DRY_RUN}
"""The headers of the answer to a dry run."""

_WAITING = f"`wait=5` waits up to 5 seconds for the final outcome; {_LONGEST_WAIT} at most."
Prefer = Annotated[str | None, Header(description=_WAITING)]
PreferOfCommand = Annotated[
    str | None,
    Header(
        description=f"{_WAITING} `{_DRY_RUN}`: the service answers what the command would get now, and"
        f" changes nothing. The answer has the header `Preference-Applied: {_DRY_RUN}` then."
    ),
]


def seconds_of(prefer: str | None) -> int:
    """How long the header `Prefer` asks to wait; 0 if it does not."""
    return min(int(found[1]), _LONGEST_WAIT) if (found := _WAIT.search(prefer or "")) else 0


def is_dry_run(request: Request) -> bool:
    """Whether a request is a dry run. Problem 422: it says so in other words, such as `dryrun`.

    Such a request is not taken in earnest.
    """
    asked = {one for one in _preferences(request) if one.startswith("dry")}
    if asked - {_DRY_RUN}:
        problem = f"write `{_DRY_RUN}`, without a value"
        raise Problem(422, [errors.FIELD_INVALID.broken(at="prefer", problem=problem, where="/docs")])
    return bool(asked)


async def refuse_dry_run(request: Request) -> None:
    """Problem 422: the request would change something, and has no dry run."""
    if request.method not in ("GET", "HEAD") and is_dry_run(request):
        raise Problem(422, [errors.NO_DRY_RUN.broken(at="prefer")])


def _preferences(request: Request) -> list[str]:
    """The preferences of all headers `Prefer` in small letters, without their parameters."""
    given = ",".join(request.headers.getlist("prefer"))
    return [one.partition(";")[0].strip().lower() for one in given.split(",")]
