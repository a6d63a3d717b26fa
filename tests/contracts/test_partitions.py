"""The partition of a key, for senders in any language."""

import json
from pathlib import Path
from random import Random

import pytest
from aiokafka.partitioner import DefaultPartitioner, murmur2

from contracts import partitions
from contracts.partitions import partition_of

FIXTURES = json.loads((Path(partitions.__file__).parent / "partitions.json").read_text(encoding="utf-8"))
_as_clients_do = DefaultPartitioner()


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture["key"])
def test_the_fixtures(fixture: dict[str, str | int]) -> None:
    """Our table of keys has the partitions that Kafka's own clients choose."""
    key = str(fixture["key"])
    for count in (4, 24):
        every = list(range(count))
        assert (
            fixture[f"of_{count}"] == partition_of(key, count) == _as_clients_do(key.encode(), every, every)
        )


def test_any_key() -> None:
    """Keys of every length have the hash that Kafka's clients compute."""
    draw = Random(8)
    keys = [draw.randbytes(length) for length in range(40) for _ in range(20)]
    assert [partitions.murmur2(key) for key in keys] == [murmur2(key) for key in keys]
