"""A record whose header has a name that is not UTF-8, which clients in other languages can write."""

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy


class _Name(str):
    """A header's name that is written as other bytes than its own."""

    __slots__ = ("written",)
    written: bytes

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.written


async def put_with_header_name(producer: AIOKafkaProducer, topic: str, name: bytes) -> None:
    """Put such a record on partition 0 of a topic."""
    header = _Name("any")
    header.written = name
    batch = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(  # the one in C takes nothing but plain texts
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=16_384,
    )
    batch.append(key=b"key", value=b"value", timestamp=None, headers=[(header, b"")])
    await (await producer.send_batch(batch, topic, partition=0))
