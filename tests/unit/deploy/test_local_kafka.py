"""The settings of a new Kafka."""

from uuid import UUID

from deploy.local.kafka import cluster_id

_DASHED, _PLAIN = UUID(int=62 << 122 | 1), UUID(int=1)


def test_no_cluster_id_looks_like_an_option() -> None:
    """A cluster id never begins with a dash, which Kafka's tools take for an option."""
    drawn = iter([_DASHED, _DASHED, _PLAIN])
    assert cluster_id(drawn.__next__) == "AAAAAAAAAAAAAAAAAAAAAQ"
    assert next(drawn, None) is None
