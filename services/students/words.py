"""A typed name as words, and the similar words in names.

Similar are: one or two typing errors away, the same sound, the same beginning, a short form (Bill, William).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.students import store
from services.students.nicknames import also_called

MOST_WORDS = 8
"""The search ignores the words after these."""
LONGEST_WORD = 40
"""The search ignores the letters of a typed word after these."""

_MOST_JOINED = 3
_SHORT = 3
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_ON_THE_OTHER_SIDE = 0.9
_SURE = 0.8
_NICKNAME = 0.85

Hits = Mapping[int, Mapping[str, float]]
"""For each typed word, by its position: the similar words in names, and the likeness (1: equal)."""


class Side(Enum):
    """The part of the name in which a typed word belongs."""

    GIVEN = "given"
    FAMILY = "family"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed word, spelled as the index spells names."""

    word: str
    side: Side

    @property
    def telling(self) -> bool:
        """Whether a name must contain the word. Initials, particles and suffixes only improve the rank."""
        return len(self.word) >= _SHORT and self.word not in _SUFFIXES


async def read(database: AsyncConnection, *, text: str, first: str, last: str) -> Sequence[Typed]:
    """Split what is typed into words. In `text` a comma separates the family name from the given names."""
    before, comma, after = text.partition(",")
    parts = {"before": before, "after": after, "first": first, "last": last}
    cut = (await database.execute(store.WORDS, {name: _clean(part) for name, part in parts.items()})).one()
    if comma:
        words = [*_of(cut.before, Side.FAMILY), *_of(cut.after, Side.GIVEN)]
    else:
        words = list(_sided(cut.before))
    words += [*_of(cut.first, Side.GIVEN), *_of(cut.last, Side.FAMILY)]
    return words[:MOST_WORDS]


def _clean(part: str) -> str:
    return part.replace("\0", " ")


def _of(words: Sequence[str], side: Side) -> Iterator[Typed]:
    for word in words:
        yield Typed(word[:LONGEST_WORD], side)


def _sided(words: Sequence[str]) -> Iterator[Typed]:
    for place, word in enumerate(words):
        if len(words) == 1 or 0 < place < len(words) - 1:
            yield from _of([word], Side.EITHER)
        else:
            yield from _of([word], Side.FAMILY if place else Side.GIVEN)


def needed(words: Sequence[Typed]) -> Sequence[int]:
    """The positions of the words that a name must contain."""
    return [place for place, typed in enumerate(words) if typed.telling] or list(range(len(words)))


def one_missing(words: Sequence[Typed], needed: Sequence[int]) -> Sequence[Sequence[int]]:
    """The sets of words that suffice if no student has all: one word left out, never a given name alone."""
    alternatives = ([place for place in needed if place != missing] for missing in needed)
    return [rest for rest in alternatives if any(words[place].side is not Side.GIVEN for place in rest)]


async def similar(database: AsyncConnection, words: Sequence[Typed], needed: Sequence[int]) -> Hits:
    """The words in names that are similar to a typed word, or to neighboring typed words joined into one."""
    hits: dict[int, dict[str, float]] = {place: {typed.word: 1.0} for place, typed in enumerate(words)}
    sought = {"places": list(needed), "words": [words[place].word for place in needed]}
    for place, word, likeness in (await database.execute(store.NEAR, sought)).all():
        hits[place][word] = float(likeness)
    for place, typed in enumerate(words):
        for name in also_called(typed.word) if typed.side is not Side.FAMILY else ():
            hits[place][name] = max(hits[place].get(name, 0.0), _NICKNAME)
    runs = list(_runs(len(words)))
    joined = {
        "places": list(range(len(runs))),
        "words": ["".join(words[place].word for place in run) for run in runs],
    }
    for number, word, likeness in (await database.execute(store.ONE_SLIP, joined)).all() if runs else ():
        for place in runs[number]:
            hits[place][word] = max(hits[place].get(word, 0.0), float(likeness))
    return hits


def _runs(length: int) -> Iterator[range]:
    for size in range(2, _MOST_JOINED + 1):
        for first in range(length - size + 1):
            yield range(first, first + size)


def sure(hits: Hits) -> Hits:
    """The hits that are very similar."""
    return {
        place: {word: like for word, like in near.items() if like >= _SURE} for place, near in hits.items()
    }


def columns(words: Sequence[Typed], hits: Hits) -> dict[str, list[Any]]:
    """The hits as the columns of a table. A longer typed word has a larger weight."""
    letters = sum(len(typed.word) for typed in words)
    rows = [
        (place, word, likeness * len(words[place].word) / letters)
        for place, near in hits.items()
        for word, likeness in near.items()
    ]
    return {
        "places": [place for place, _, _ in rows],
        "words": [word for _, word, _ in rows],
        "in_given": [worth * _fit(words[place].side, Side.GIVEN) for place, _, worth in rows],
        "in_family": [worth * _fit(words[place].side, Side.FAMILY) for place, _, worth in rows],
    }


def _fit(typed: Side, held: Side) -> float:
    return 1.0 if typed in (held, Side.EITHER) else _ON_THE_OTHER_SIDE
