"""`ser bridge` on real Kafka: students learns what the file says, once."""

import csv
import io

import pytest

from deploy.bridge.command import SENT, bridge
from deploy.local.failure import Failure
from deploy.local.home import TREE
from tests.integration.running import Bench, RunningService, until

ADDRESSES = {"9000000002": ("9000000001", False), "9000000003": ("9000000003", True)}
EXAMPLE = TREE / "clients" / "bridge" / "identities.csv"


async def has_read(students: RunningService, messages: int) -> None:
    """Wait until the service has read so many messages."""

    async def look() -> bool | None:
        return True if sum((await students.reads()).values()) >= messages else None

    await until(look, f"{messages} messages are read")


async def identities(students: RunningService) -> dict[str, tuple[int, str]]:
    """Revision and birth date of each identity."""
    rows = await students.rows(
        "SELECT subject, revision, body #>> '{person,birth_on}' FROM records WHERE kind = 'identity'"
    )
    return {subject: (revision, born) for subject, revision, born in rows}


async def addresses(students: RunningService) -> dict[str, tuple[str, bool]]:
    """Which State ID stands for each, and whether it is retired."""
    rows = await students.rows("SELECT subject, body FROM records WHERE kind = 'state_id'")
    return {subject: (body["current_id"], body["retired"]) for subject, body in rows}


async def shared(students: RunningService) -> set[str]:
    """The State IDs of an open split."""
    rows = await students.rows("SELECT subject FROM records WHERE kind = 'shared'")
    return {subject for (subject,) in rows}


async def sent(own_bench: Bench) -> int:
    """Send the example file."""
    return await bridge(EXAMPLE, own_bench.kafka, own_bench.prefix)


async def test_a_file_sent_twice_says_it_once(
    students: RunningService, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each row gets the verdict *sent*. What the second run says again changes nothing."""
    expected = {
        "9000000001": (2, "2016-03-08"),
        "9000000002": (1, "2016-03-07"),
        "9000000003": (1, "2015-11-02"),
    }
    assert await sent(students.bench) == SENT
    printed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [one["verdict"] for one in printed] == ["sent"] * 7
    await has_read(students, 7)
    assert await identities(students) == expected
    assert await addresses(students) == ADDRESSES
    assert await shared(students) == {"9000000001", "9000000004"}
    assert await sent(students.bench) == SENT
    await has_read(students, 14)
    assert await identities(students) == expected
    assert await addresses(students) == ADDRESSES


async def test_kafka_that_does_not_answer_is_a_sentence() -> None:
    """Whoever runs it learns that the file may be sent again."""
    with pytest.raises(Failure, match="has not confirmed"):
        await bridge(EXAMPLE, "127.0.0.1:1", "")
