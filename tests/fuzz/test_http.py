"""A service answers any HTTP request as its OpenAPI document promises."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis.core
import pytest
import requests
import schemathesis
from aiokafka import AIOKafkaProducer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.vendor import pretty
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok

from deploy.local.waiting import run_blocking
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import EACH_SERVICE
from tests.fuzz.amount import Progress, amount, say, trying
from tests.fuzz.judging import judge_refusal
from tests.fuzz.kafka_messages import STUDENT
from tests.fuzz.system import System

SMALL = 60
Operation = APIOperation[Any, Any, Any, Any]
_KNOWN = {"student_id": STUDENT, "lea": "017"}
_BEARERS = ("owner", "owner", "owner", "other LEA", "state", "nobody", "forger")
_NAMES = (
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


@pytest.fixture(scope="module")
def started(system: System) -> System:
    """A system with one student."""

    async def live() -> None:
        async with AIOKafkaProducer(bootstrap_servers=system.kafka, acks="all") as producer:
            await system.live_a_little(producer)

    run_blocking(live())
    return system


def operations(url: str) -> Iterator[tuple[Operation, GenerationMode]]:
    """Every operation of a service, with valid requests, and with invalid ones where that is possible."""
    for found in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        yield operation, GenerationMode.POSITIVE
        if list(operation.iter_parameters()) or list(operation.body):
            yield operation, GenerationMode.NEGATIVE


def promised() -> list[Any]:
    """The parts of an answer that the test compares with the document."""
    load_all_checks()
    # schemathesis silences how hypothesis prints what failed, in every test of the process.
    vars(hypothesis.core)["RepresentationPrinter"] = pretty.RepresentationPrinter
    return CHECKS.get_by_names(list(_NAMES))


@EACH_SERVICE
def test_any_request_is_answered(service: ServiceDefinition, started: System) -> None:
    """With a token, without, or with another LEA's: no request meets a defect, every answer is as the
    document says, and every refusal says what is wrong and what to do."""
    url = started.processes[service.name].url
    offered = list(operations(url))
    each = max(1, amount(SMALL) // len(offered))
    progress = Progress(f"requests to {service.name}", each * len(offered))
    answers: Counter[int] = Counter()
    authorization = {who: f"Bearer {started.token(who)}" for who in ("owner", "other LEA", "state")}
    authorization |= {"forger": "Bearer e30.e30.c2ln"}
    checks = promised()
    with requests.Session() as session:
        for operation, mode in offered:

            @trying(each, exactly=True)
            @given(operation.as_strategy(mode), st.sampled_from(_BEARERS), st.booleans())
            def request(case: Case[Any], who: str, known: bool) -> None:
                progress.step()
                if known:
                    for name in _KNOWN.keys() & case.path_parameters.keys():
                        case.path_parameters[name] = _KNOWN[name]
                headers = {"Authorization": authorization[who]} if who in authorization else {}
                answer = case.call(base_url=url, session=session, headers=headers)
                answers[answer.status_code] += 1
                judge(case, answer, checks)

            request()
    assert not started.fallen()
    say(f"{service.name}: " + ", ".join(f"{status} {times:,}" for status, times in sorted(answers.items())))


def judge(case: Case[Any], answer: Response, checks: list[Any]) -> None:
    """An answer is what the document promises; Kafka and PostgreSQL are there, so nothing is unavailable."""
    assert answer.status_code < 500, f"{answer.status_code} {answer.text}\n{case.as_curl_command()}"
    case.validate_response(answer, checks=checks)
    if answer.status_code >= 400:
        judge_refusal(answer.headers, answer.json())
