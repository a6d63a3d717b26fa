"""How many messages of each kind are on the topics."""

from collections import Counter

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from contracts.catalog import BRIDGE, CATALOG, Entry, Kind

IDENTITIES = "identity"


class Traffic:
    """Counts by the ends of the topics, from which nothing is ever thrown away."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._kinds = {entry.topic(prefix): _kind(entry) for entry in CATALOG}
        self._consumer = AIOKafkaConsumer(
            *self._kinds,
            bootstrap_servers=bootstrap,
            client_id="ser-demo-traffic",
            group_id=None,
            enable_auto_commit=False,
        )
        self._places: list[TopicPartition] = []

    async def start(self) -> None:
        await self._consumer.start()
        self._places = list(self._consumer.assignment())
        self._consumer.pause(*self._places)

    async def stop(self) -> None:
        await self._consumer.stop()

    async def by_kind(self) -> Counter[str]:
        """Messages by kind: identity, command, event, outcome, dead letter."""
        counts: Counter[str] = Counter()
        for place, end in (await self._consumer.end_offsets(self._places)).items():
            counts[self._kinds[place.topic]] += end
        return counts

    async def said(self) -> int | None:
        """Events and identities, some perhaps twice; None while Kafka does not answer."""
        try:
            counts = await self.by_kind()
        except (KafkaError, TimeoutError):
            return None
        return counts[IDENTITIES] + counts[Kind.EVENT]


def _kind(entry: Entry) -> str:
    return IDENTITIES if entry.owner == BRIDGE else entry.kind.value
