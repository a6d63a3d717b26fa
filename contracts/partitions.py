"""The partition of a key, as the Java client of Kafka chooses it: murmur2 of the key.

Every record of this system lies in that partition. `partitions.json` holds keys with their partitions, for
the tests of senders in other languages.
"""

from functools import lru_cache
from struct import iter_unpack

_SEED, _FACTOR = 0x9747B28C, 0x5BD1E995
_32_BITS = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


@lru_cache(200_000)
def partition_of(key: str, partitions: int) -> int:
    """The partition of a key on a topic with so many partitions."""
    return (murmur2(key.encode()) & _POSITIVE) % partitions


def murmur2(key: bytes) -> int:
    """The 32-bit murmur2 hash of a key, without a sign, with the seed that Kafka uses."""
    whole = len(key) & ~3
    found = _SEED ^ len(key)
    for (four,) in iter_unpack("<I", key[:whole]):
        mixed = four * _FACTOR & _32_BITS
        found = (found * _FACTOR & _32_BITS) ^ ((mixed ^ mixed >> 24) * _FACTOR & _32_BITS)
    if rest := key[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * _FACTOR & _32_BITS
    found = (found ^ found >> 13) * _FACTOR & _32_BITS
    return found ^ found >> 15
