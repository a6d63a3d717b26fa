"""What becomes of a student's rows when one of them is refused, unread, or there already."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from contracts.errors import Rule
from contracts.message import Command
from contracts.outcome import Outcome, Status
from intake.guide import example
from intake.planning import Placed, Planned, plan
from intake.record_types import RECORD_TYPES
from intake.sending.attempts import Attempt
from intake.sending.subject import Judged, Sender, Subject
from intake.verdicts import Verdict
from services.chassis.decoding.bodies import read_command
from services.ieps.domain.iep_rules import IEP_KNOWN
from services.jurisdiction.domain.rules import ALREADY_OWNER, SERVICES_OPEN
from tests.unit.intake.files import read

NAMES = ("students", "claims", "ieps", "iep_plans")


class Services(Sender):
    """Services that refuse some commands, each for one rule, and accept all others."""

    refusals: Mapping[str, Rule] = {}

    async def outcome(self, attempt: Attempt) -> Outcome:
        """The outcome of a command."""
        name = attempt.planned.step.command
        rule = self.refusals.get(name)
        facts = dict.fromkeys(("owner", "since", "iep", "services"), "?")
        findings = (rule.broken(**facts),) if rule else ()
        status = Status.REFUSED if rule else Status.ACCEPTED
        return Outcome.given("1000000001", name, attempt.command_id, status, findings)


async def judged(folder: Path, files: dict[str, str], **refusals: Rule) -> dict[str, Judged]:
    """What becomes of the row of each file of a student."""
    submission = read(folder, {f"{name}.csv": text for name, text in files.items()})
    every = [(file.record_type, row) for file in submission.files for row in file.rows()]
    placed = [Placed("017", kind, row, number) for number, (kind, row) in enumerate(every, 1)]
    subject = Subject(placed)
    attempts = [Attempt(one, one.command_id(1), _command(one)) for one in plan(subject.good)]
    services: Any = type("These", (Services,), {"refusals": refusals})
    unused: Any = None
    found = await subject.send(attempts, services(unused, unused, unused, 1.0, "017", uuid4(), unused))
    return {one.record_type.name: found[one.number] for one in placed if one.number in found}


def _command(planned: Planned) -> Command:
    name = planned.step.command
    command = read_command({name: planned.step.entry}, name, json.dumps(planned.body).encode())
    assert isinstance(command, Command)
    return command


def examples(*names: str) -> dict[str, str]:
    """The examples of some files: one student."""
    return {name: example(RECORD_TYPES[name]) for name in names}


async def test_everything_hangs_on_the_claim(tmp_path: Path) -> None:
    """Another LEA keeps the student: the later rows are skipped, because of the claim. The earlier ones are
    accepted."""
    found = await judged(tmp_path, examples(*NAMES), ClaimJurisdiction=SERVICES_OPEN)
    assert found["students"].verdict is Verdict.ACCEPTED
    assert found["claims"].verdict is Verdict.REFUSED
    assert {found[name] for name in ("ieps", "iep_plans")} == {Judged(Verdict.SKIPPED, because=2)}


async def test_a_claim_that_is_there_blocks_nothing(tmp_path: Path) -> None:
    """The LEA has the student already, by a claim made online: the later rows are sent."""
    found = await judged(tmp_path, examples(*NAMES), ClaimJurisdiction=ALREADY_OWNER)
    assert found["claims"].verdict is Verdict.REFUSED
    assert {found[name].verdict for name in ("ieps", "iep_plans")} == {Verdict.ACCEPTED}


async def test_a_piece_comes_back_with_its_row(tmp_path: Path) -> None:
    """An IEP is refused: its plan is skipped because of it, so both come back and are sent again together."""
    found = await judged(tmp_path, examples("ieps", "iep_plans"), DraftIEP=IEP_KNOWN)
    assert found["ieps"].verdict is Verdict.REFUSED
    assert found["iep_plans"] == Judged(Verdict.SKIPPED, because=1)


async def test_an_iep_without_a_plan_that_cannot_be_read(tmp_path: Path) -> None:
    """A plan of an IEP cannot be read: the IEP is not sent without it."""
    files = examples("ieps", "iep_plans")
    files["iep_plans"] = files["iep_plans"].replace(",speech,", ",NULL,")
    found = await judged(tmp_path, files)
    assert found["ieps"] == Judged(Verdict.SKIPPED, because=2)


async def test_a_plan_whose_iep_cannot_be_read(tmp_path: Path) -> None:
    """An IEP cannot be read: its plan is skipped because of it."""
    files = examples("ieps", "iep_plans")
    files["ieps"] = files["ieps"].replace("2017-08-21", "21.8.")
    found = await judged(tmp_path, files)
    assert found["iep_plans"] == Judged(Verdict.SKIPPED, because=1)
