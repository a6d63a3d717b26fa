"""The examples of CONNECTING.md, against real Kafka, real PostgreSQL and the real service."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from services.students.app import SERVICE
from tests.architecture.system import ROOT
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.integration.running import Bench, bench, running
from tests.toolchains import JAVA, NODE, maven_jars, need, npm_packages

CLIENTS = ROOT / "clients"
PAGE = (ROOT / "CONNECTING.md").read_text(encoding="utf-8")
INCLUDED = dict(
    re.findall(r"^\*\*`(clients/[^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)
SECONDS = 90
_STARTED: list[Process] = []
"""The examples that run; none outlives its test."""


def python() -> Sequence[str]:
    return [sys.executable, str(CLIENTS / "python" / "add_student.py")]


def javascript() -> Sequence[str]:
    need(*NODE)
    npm_packages(CLIENTS / "javascript")
    return ["node", str(CLIENTS / "javascript" / "add_student.mjs")]


def java() -> Sequence[str]:
    need(*JAVA)
    maven_jars(CLIENTS / "java")
    return ["java", "-cp", str(CLIENTS / "java/target/dependency/*"), str(CLIENTS / "java/AddStudent.java")]


EXAMPLES = {"1000000011": python, "1000000012": javascript, "1000000013": java}


@pytest.fixture
async def table(
    kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Path
) -> AsyncIterator[Bench]:
    """The students service, running."""
    async with bench(kafka.bootstrap, topic_prefix, database, tmp_path) as made, running(made, SERVICE):
        yield made
        for example in _STARTED:
            if example.returncode is None:
                example.kill()
            await example.wait()
        _STARTED.clear()


async def started(table: Bench, command: Sequence[str], student: str) -> Process:
    """Start an example as its reader would."""
    settings = {
        "SER_KAFKA": table.kafka,
        "SER_TOPIC_PREFIX": table.prefix,
        "SER_TOKEN": table.token(),
        "GROUP": f"{table.prefix}{student}",
    }
    example = await asyncio.create_subprocess_exec(
        *command, student, env=os.environ | settings, stdout=PIPE, stderr=PIPE
    )
    _STARTED.append(example)
    return example


async def line(example: Process) -> str:
    """The next line that the example prints. The test fails if it ends instead."""
    assert example.stdout is not None
    printed = (await asyncio.wait_for(example.stdout.readline(), SECONDS)).decode().strip()
    assert printed, (await example.stderr.read()).decode() if example.stderr else ""
    return printed


async def ended(example: Process) -> tuple[int, str]:
    """The exit code, and what the example printed since."""
    out, _ = await asyncio.wait_for(example.communicate(), SECONDS)
    assert example.returncode is not None
    return example.returncode, out.decode().strip()


@pytest.mark.parametrize("student", EXAMPLES, ids=lambda student: EXAMPLES[student].__name__)
async def test_an_example_adds_a_student(table: Bench, student: str) -> None:
    """An example sends a command, sees it held for the identity, and reads its event."""
    command = EXAMPLES[student]()

    example = await started(table, command, student)
    assert await line(example) == "held STU-001"
    bridge = await started(table, [sys.executable, str(CLIENTS / "python" / "assign_identity.py")], student)
    assert await ended(bridge) == (0, "")
    printed = {await line(example), await line(example)}
    assert printed == {"accepted", "StudentAdded revision 1, sequence 1"}
    assert (await ended(example))[0] == 0

    again = await started(table, command, student)
    assert await ended(again) == (1, "refused STU-002")


def test_the_page_shows_the_examples() -> None:
    """The page shows the tested examples, letter by letter."""
    files = {path for kind in ("*.py", "*.mjs", "*.java", "pom.xml") for path in CLIENTS.glob(f"*/{kind}")}
    assert {ROOT / name for name in INCLUDED} == files
    for name, text in INCLUDED.items():
        assert text == (ROOT / name).read_text(encoding="utf-8"), name
