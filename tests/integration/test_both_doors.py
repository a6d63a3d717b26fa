"""The same command gets the same outcome through Kafka and through HTTP."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from contracts.access import Role
from contracts.errors import Finding
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Outcome, Status
from services.chassis.answering.problems import ProblemDetails
from services.jurisdiction.app import SERVICE
from tests.engines import KafkaServer
from tests.integration.running import RunningService, bench, running
from tests.unit.chassis.memory_service import claim, student_added

_CLAIMS: dict[str, tuple[dict[str, Any], str, tuple[Role, ...]]] = {
    "in order": ({}, "017", ()),
    "before birth": ({"begin_on": date(1999, 1, 1)}, "017", ()),
    "years ahead, in another LEA's school": ({"begin_on": date(2040, 1, 1), "school": "026001"}, "017", ()),
    "with a Social Security number": ({"local_student_id": "123-45-6789"}, "017", ()),
    "by a reader": ({}, "017", (Role.READER,)),
    "by the state": ({}, "LA", ()),
    "by nobody's LEA": ({}, "999", ()),
}


async def test_both_doors_give_the_same_verdict(
    kafka: KafkaServer, topic_prefix: str, database: Callable[[str], str], tmp_path: Path
) -> None:
    """A correct claim, and claims with every kind of mistake, get the same answer through both doors."""
    async with (
        bench(kafka.bootstrap, topic_prefix, database, tmp_path) as own_bench,
        running(own_bench, SERVICE) as (service,),
    ):
        for number, (changes, lea, roles) in enumerate(_CLAIMS.values()):
            students = [str(4_000_000_000 + 2 * number + door) for door in (0, 1)]
            for student in students:
                await own_bench.publish(student_added(student))
            token = own_bench.token(lea, *roles)
            sent = await service.final(await own_bench.send(claim(students[0], **changes), token=token))
            posted = await _posted(service, claim(students[1], **changes), token)
            assert (sent.status, sent.findings) == posted


async def _posted(
    service: RunningService, command: ClaimJurisdiction, token: str
) -> tuple[Status, tuple[Finding, ...]]:
    """The answer over HTTP: the command's outcome, or the door's own refusal."""
    headers = {"Authorization": f"Bearer {token}", "Prefer": "wait=20"}
    path = f"/commands/{type(command).__name__}"
    answer = await service.http.post(path, headers=headers, content=command.model_dump_json())
    if answer.headers["content-type"] == "application/problem+json":
        return Status.REFUSED, ProblemDetails.model_validate_json(answer.content).findings
    outcome = Outcome.model_validate_json(answer.content)
    return outcome.status, outcome.findings
