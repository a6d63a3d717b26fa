"""Records whose headers' names are not UTF-8: aiokafka reads none of a batch that holds one, and would stop.

Only such a batch is read again here, byte by byte in Python, with what is no UTF-8 written as an escape.
"""

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy

_MAGIC_AT = 16
_WITH_HEADERS = 2


def read_every_header() -> None:
    """From now on no consumer of this process stops at the name of a header."""
    fetcher.MemoryRecords, fetcher.PartitionRecords = _Kept, _Records


class _Kept:
    """Records as aiokafka reads them, and their bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        records = MemoryRecords(data)
        self.has_next, self.next_batch = records.has_next, records.next_batch
        self.size_in_bytes = records.size_in_bytes


class _Records(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka ships no types
    """A partition's part of a fetch; where a name cannot be read, the rest is read with escapes."""

    _records: Any

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except UnicodeDecodeError:
            self._records = _Escaped(self._records.data)
            self._records_iterator = self._unpack_records()  # which passes over what was given already
            return super().__next__()


class _Escaped(_MemoryRecordsPy):  # type: ignore[misc]
    def next_batch(self) -> Any:
        data = self._next_slice
        batch = super().next_batch()
        return _EscapedBatch(data) if data[_MAGIC_AT] >= _WITH_HEADERS else batch


class _EscapedBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    _buffer: Any

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Bytes(self._buffer)


class _Bytes(bytearray):
    """Bytes of which every piece becomes a text."""

    def __getitem__(self, where: Any) -> Any:
        found = super().__getitem__(where)
        return _Bytes(found) if isinstance(where, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, "backslashreplace")
