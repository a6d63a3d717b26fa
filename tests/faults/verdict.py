"""Calm, then judgement, then one line of figures: how every family of faults ends."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from contracts.catalog import SERVICES
from deploy.local.ports import LOOPBACK
from tests.faults.calm import calm
from tests.faults.heard import Heard, Reader
from tests.faults.judge import Case, broken, rereads
from tests.faults.kept import kept_by, reported
from tests.faults.stage import Stage
from tests.faults.workload import Workload

# A spell of a student begins the day after the one before ends; only the last is open.
_UNTILED = """
SELECT subject || ': ' || string_agg(spell_days(body)::text, ', ')
FROM (
    SELECT subject, body,
        lead(day(body ->> 'begin_on')) OVER (PARTITION BY subject ORDER BY body ->> 'begin_on') AS next
    FROM records WHERE kind = 'spell'
) AS spells
GROUP BY subject
HAVING count(*) FILTER (WHERE body ->> 'end_on' IS NULL) <> 1
    OR bool_or(next IS NOT NULL AND next IS DISTINCT FROM day(body ->> 'end_on') + 1)
    OR bool_or(next IS NULL AND body ->> 'end_on' IS NOT NULL)
"""


@dataclass(frozen=True)
class Figures:
    """One line: what was injected, what was processed, how long until calm, and what else is worth saying."""

    family: str
    faults: int
    messages: int
    calm_seconds: float
    said: str

    def __str__(self) -> str:
        return (
            f"{self.family:<52} {self.faults:>5} faults {self.messages:>7,} messages"
            f" calm after {self.calm_seconds:5.1f} s  {self.said}"
        )


@dataclass
class Court:
    """Judges a system again and again; what stands on its topics is read once, what is wrong told once."""

    stage: Stage
    figures: list[Figures] = field(default_factory=list)
    _heard: Heard = field(default_factory=Heard)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reader = Reader(self.stage.bootstrap)

    async def judge(
        self, family: str, load: Workload, faults: int, *, must_be_read_again: bool = False, words: str = ""
    ) -> Case:
        """The test fails if a promise is broken, if no fault was injected, or if nothing was processed."""
        seconds = await calm(self.stage)
        case = await self.case(load)
        wrong = [words for words in broken(case) if words not in self._known]
        self._known.update(wrong)
        assert not wrong, "\n".join(wrong)
        self._note(family, case, faults, seconds, words)
        if must_be_read_again:
            assert rereads(case) > 0, "no record was read twice: the fault did not do what it is for"
        return case

    def _note(self, family: str, case: Case, faults: int, seconds: float, words: str) -> None:
        load = case.load
        given = Counter(str(outcome.status) for outcome in load.final.values())
        assert faults > 0, "no fault was injected"
        assert load.messages > 0, "nothing was sent"
        assert given["accepted"] > 0, "nothing was accepted"
        said = f"{given['accepted']:,} accepted, {given['refused']:,} refused{words and ', ' + words}"
        self.figures.append(Figures(family, faults, load.messages, seconds, said))
        print(self.figures[-1])

    async def case(self, load: Workload) -> Case:
        """Everything a judgement looks at, as it is now."""
        await self.hear()
        kept = {name: await kept_by(self.stage, name) for name in SERVICES}
        case = Case(load, self._heard, kept, await reported(self.stage))
        async with self.stage.database("jurisdiction") as database:
            case.spells = [row[0] for row in await database.fetch(_UNTILED)]
        case.said_aloud = await self._said_aloud(load)
        return case

    async def hear(self) -> None:
        """Reads what stands on the topics and was not read yet."""
        async for raw in self.reader.up_to_now():
            self._heard.take(raw)

    async def _said_aloud(self, load: Workload) -> list[str]:
        """Where a name or a birth date of the workload can be read and must not."""
        texts = {path.name: path.read_text(errors="replace") for path in self.stage.logs()}
        texts["reasons of dead letters"] = "\n".join(letter["reason"] for _, letter in self._heard.letters)
        for name in SERVICES:
            texts |= await self._answers(name)
            texts[f"metrics of {name}"] = await self._metrics(self.stage.services[name].port)
        return found_in(texts, load.canaries)

    async def _answers(self, name: str) -> dict[str, str]:
        """What a service's database holds of its answers, of refusals, and of who looked at a record."""
        tables = {"ledger": "outcome::text", "access_log": "concat_ws(' ', viewer, scope, subject, what)"}
        if name == "reporting":
            tables |= {"refusals": "message"}
        async with self.stage.database(name) as database:
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
