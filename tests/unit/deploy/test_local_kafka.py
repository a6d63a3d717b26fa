"""What Kafka is told when its directory is prepared."""

from uuid import UUID

from deploy.local.kafka import cluster_id

_DASHED, _PLAIN = UUID(int=62 << 122 | 1), UUID(int=1)


def test_no_clusters_name_looks_like_an_option() -> None:
    """The first start never fails by chance: a name that begins with a dash is drawn again."""
    drawn = iter([_DASHED, _DASHED, _PLAIN])
    assert cluster_id(drawn.__next__) == "AAAAAAAAAAAAAAAAAAAAAQ"
    assert next(drawn, None) is None
