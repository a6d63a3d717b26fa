"""Ends each family of faults: waits until the system has drained, checks the promises, notes the figures."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from contracts.catalog import SERVICES
from deploy.local.ports import LOOPBACK
from tests.faults.database_contents import contents_of, reporting_contents
from tests.faults.draining import wait_until_drained
from tests.faults.promises import Evidence, broken_promises, rereads
from tests.faults.proxied_system import ProxiedSystem
from tests.faults.topic_contents import Reader, TopicContents
from tests.faults.workload import Workload

# A spell of a student begins the day after the one before ends, or later after a closed one. Only the last
# may be open, and it is open or closed.
_UNTILED = """
SELECT subject || ': ' || string_agg(spell_days(body)::text, ', ')
FROM (
    SELECT subject, body,
        lead(day(body ->> 'begin_on')) OVER (PARTITION BY subject ORDER BY body ->> 'begin_on') AS next
    FROM records WHERE kind = 'spell' AND NOT isempty(spell_days(body))
) AS spells
GROUP BY subject
HAVING bool_or(next IS NOT NULL AND body ->> 'end_on' IS NULL)
    OR bool_or(next <= day(body ->> 'end_on'))
    OR bool_or(body ->> 'end_reason' IS NULL AND next IS DISTINCT FROM day(body ->> 'end_on') + 1)
"""


@dataclass(frozen=True)
class Figures:
    """One line of the table: injected faults, sent messages, seconds until drained, and notes."""

    family: str
    faults: int
    messages: int
    drain_seconds: float
    notes: str

    def __str__(self) -> str:
        return (
            f"{self.family:<52} {self.faults:>5} faults {self.messages:>7,} messages"
            f" drained after {self.drain_seconds:5.1f} s  {self.notes}"
        )


@dataclass
class Judge:
    """Checks a system after each family. It reads each message once and reports each fault once."""

    system: ProxiedSystem
    figures: list[Figures] = field(default_factory=list)
    _topics: TopicContents = field(default_factory=TopicContents)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reader = Reader(self.system.bootstrap)

    async def check(
        self, family: str, load: Workload, faults: int, *, must_reread: bool = False, words: str = ""
    ) -> Evidence:
        """The test fails if a promise is broken, no fault was injected, or no command was accepted."""
        seconds = await wait_until_drained(self.system)
        evidence = await self.gather(load)
        wrong = [words for words in broken_promises(evidence) if words not in self._known]
        self._known.update(wrong)
        assert not wrong, "\n".join(wrong)
        self._note(family, evidence, faults, seconds, words)
        if must_reread:
            assert rereads(evidence) > 0, "no message was read twice: the fault had no effect"
        return evidence

    def _note(self, family: str, evidence: Evidence, faults: int, seconds: float, words: str) -> None:
        load = evidence.load
        given = Counter(str(outcome.status) for outcome in load.final.values())
        assert faults > 0, "no fault was injected"
        assert load.messages > 0, "nothing was sent"
        assert given["accepted"] > 0, "nothing was accepted"
        notes = f"{given['accepted']:,} accepted, {given['refused']:,} refused{words and ', ' + words}"
        self.figures.append(Figures(family, faults, load.messages, seconds, notes))
        print(self.figures[-1])

    async def gather(self, load: Workload) -> Evidence:
        """The evidence for the checks, as it is now."""
        await self.read_topics()
        databases = {name: await contents_of(self.system, name) for name in SERVICES}
        evidence = Evidence(load, self._topics, databases, await reporting_contents(self.system))
        async with self.system.database("jurisdiction") as database:
            evidence.spells = [row[0] for row in await database.fetch(_UNTILED)]
        evidence.leaks = await self._leaks(load)
        return evidence

    async def read_topics(self) -> None:
        """Reads the unread messages of all topics."""
        async for raw in self.reader.unread_messages():
            self._topics.add(raw)

    async def _leaks(self, load: Workload) -> list[str]:
        """Logs, metrics and dead letters that contain a name or a birth date of the workload."""
        texts = {path.name: path.read_text(errors="replace") for path in self.system.logs()}
        texts["reasons of dead letters"] = "\n".join(
            letter["reason"] for _, letter in self._topics.dead_letters
        )
        for name in SERVICES:
            texts |= await self._answers(name)
            texts[f"metrics of {name}"] = await self._metrics(self.system.services[name].port)
        return found_in(texts, load.canaries)

    async def _answers(self, name: str) -> dict[str, str]:
        """What a service's database holds of its answers, of refusals, and of who looked at a record."""
        tables = {"ledger": "outcome::text", "access_log": "concat_ws(' ', viewer, scope, subject, what)"}
        if name == "reporting":
            tables |= {"refusals": "message"}
        async with self.system.database(name) as database:
            found = {
                table: await database.fetch(f"SELECT {what} FROM {table}") for table, what in tables.items()
            }
        return {f"{table} of {name}": "\n".join(row[0] for row in rows) for table, rows in found.items()}

    async def _metrics(self, port: int) -> str:
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.get(f"http://{LOOPBACK}:{port}/metrics")).raise_for_status().text


def found_in(texts: Mapping[str, str], canaries: Iterable[str]) -> list[str]:
    """The first canary in each of the texts."""
    words = re.compile("|".join(map(re.escape, sorted(canaries))))
    return [f"{where}: {hit.group()}" for where, text in texts.items() if (hit := words.search(text))]


def table(figures: Sequence[Figures]) -> list[str]:
    """All lines together, for the end of a run."""
    return [str(line) for line in figures]
