"""Made-up people. Their names are made of syllables and drawn as unevenly as real names.

Many people share a few names, and few people share most names. The names are more alike than real ones, so
they are the harder case for a search.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from contracts.identity import Person

_GIVEN_NAMES, _FAMILY_NAMES = 12_000, 60_000

_STARTS: tuple[str, ...] = (
    *"bcdfghjklmnprstvwz",
    *("br", "ch", "cl", "dr", "gr", "pr", "qu", "sh", "st", "th", "tr"),
)
_VOWELS: tuple[str, ...] = (*"aeiouy", "ai", "ee", "ou", "ea")
_ENDS = ("", "n", "r", "l", "s", "x", "nd", "rt", "ll", "m", "tt", "ck")


@dataclass(frozen=True)
class Names:
    """A stock of names. The first names are drawn most often."""

    names: list[str]
    weights: list[float]

    @classmethod
    def made(cls, chance: Random, count: int) -> "Names":
        names: dict[str, None] = {}
        while len(names) < count:
            syllables = range(chance.choice((1, 2, 2, 2, 3, 3)))
            names["".join(_syllable(chance) for _ in syllables).capitalize()] = None
        return cls(list(names), list(accumulate(1 / (place + 10) for place in range(count))))

    def drawn(self, chance: Random) -> str:
        return self.names[bisect(self.weights, chance.random() * self.weights[-1])]


def _syllable(chance: Random) -> str:
    return chance.choice(_STARTS) + chance.choice(_VOWELS) + chance.choice(_ENDS)


def people(chance: Random, count: int) -> Iterator[Person]:
    """`count` people. Some have a middle name, two family names or a suffix."""
    given, family = Names.made(chance, _GIVEN_NAMES), Names.made(chance, _FAMILY_NAMES)
    for _ in range(count):
        last = family.drawn(chance)
        if chance.random() < 0.07:
            last += chance.choice("- ") + family.drawn(chance)
        yield Person(
            first_name=given.drawn(chance),
            middle_name=given.drawn(chance) if chance.random() < 0.7 else None,
            last_name=last,
            suffix="Jr" if chance.random() < 0.02 else None,
            birth_on=date(chance.randint(2000, 2014), chance.randint(1, 12), chance.randint(1, 28)),
            sex=chance.choice("FM"),
        )
