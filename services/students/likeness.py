"""How alike two persons are by name, birth date and sex, and why, in words."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz.distance import OSA, JaroWinkler

from contracts.types import FIRST_DAY
from services.students.nicknames import also_called

_GIVEN, _FAMILY, _BIRTH = 0.35, 0.4, 0.25
_OTHER_SEX = 0.1
_NICKNAME = 0.95
_SWAPPED_NAMES = 0.9
_A_FEW_LETTERS = 2
_BIRTH_DATE_SLIP, _OTHER_BIRTH_DATE = 0.8, 0.0


@dataclass(frozen=True, slots=True)
class Bearer:
    """Name, birth date and sex of a person. Blank is what is not known."""

    first: str
    last: str
    birth_on: date
    sex: str | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two persons are: 1 is equal. `why` says what agrees and what differs."""

    share: float
    why: tuple[str, ...]
    same: bool


def compare(one: Bearer, other: Bearer) -> Likeness:
    """The likeness of two persons. `same`: same name, birth date and sex, accents and case apart."""
    named, of_name, same_name = _names(one, other)
    born, of_birth = _birth_dates(one.birth_on, other.birth_on)
    sex_differs = one.sex is not None and other.sex is not None and one.sex != other.sex
    share = named + _BIRTH * born - (_OTHER_SEX if sex_differs else 0)
    why = (*of_name, of_birth, *(["another sex"] if sex_differs else []))
    same = same_name and one.birth_on == other.birth_on and one.sex == other.sex
    return Likeness(max(share, 0.0), why, same)


def near_days(day: date, latest: date) -> Iterator[date]:
    """The day, and the days for which it may be mistaken: a digit wrong, day and month swapped, next day."""
    yield day
    seen = {day}
    for found in (*_neighbours(day), *_swapped(day), *_one_digit_wrong(day)):
        if found not in seen and FIRST_DAY <= found <= latest:
            seen.add(found)
            yield found


def _neighbours(day: date) -> Iterator[date]:
    if day > FIRST_DAY:
        yield day - timedelta(days=1)
    yield day + timedelta(days=1)


def _swapped(day: date) -> Iterator[date]:
    if day.day <= 12:  # the number of a month
        yield day.replace(month=day.day, day=day.month)


def _one_digit_wrong(day: date) -> Iterator[date]:
    written = day.isoformat()
    for at, digit in enumerate(written):
        if digit.isdigit():
            yield from _days(written[:at] + other + written[at + 1 :] for other in "0123456789")


def _days(texts: Iterable[str]) -> Iterator[date]:
    for text in texts:
        try:
            yield date.fromisoformat(text)
        except ValueError:
            continue


def _names(one: Bearer, other: Bearer) -> tuple[float, tuple[str, ...], bool]:
    """The share of the name, what is said of it, and whether it is the same."""
    first, last = (_plain(one.first), _plain(other.first)), (_plain(one.last), _plain(other.last))
    if first[0] == first[1] and last[0] == last[1]:
        return _GIVEN + _FAMILY, ("the same name",), True
    if first[0] == last[1] and last[0] == first[1]:
        return _SWAPPED_NAMES * (_GIVEN + _FAMILY), ("first name and last name are swapped",), False
    given, of_given = _part(*first, "first name", nicknames=True)
    family, of_family = _part(*last, "last name", nicknames=False)
    return _GIVEN * given + _FAMILY * family, (of_family, of_given), False


def _part(one: str, other: str, part: str, *, nicknames: bool) -> tuple[float, str]:
    if one == other:
        return 1.0, f"the same {part}"
    if nicknames and other in also_called(one):
        return _NICKNAME, "one first name is a short form of the other"
    if not one or not other:
        return 0.0, f"one has no {part}"
    slips = OSA.distance(one, other, score_cutoff=_A_FEW_LETTERS)
    share = max(JaroWinkler.similarity(one, other), _shared_words(one, other))
    if slips == 1:
        return share, f"the {part} differs in one letter"
    if slips == _A_FEW_LETTERS and min(len(one), len(other)) > _A_FEW_LETTERS:
        return share, f"the {part} differs in two letters"
    if set(one.split()) & set(other.split()):
        return share, f"a part of the {part} is the same"
    return share, f"another {part}"


def _shared_words(one: str, other: str) -> float:
    """A likeness if all words of one name are in the other: García and García López."""
    words, others = set(one.split()), set(other.split())
    return 0.9 if words <= others or others <= words else 0.0


def _birth_dates(one: date, other: date) -> tuple[float, str]:
    if one == other:
        return 1.0, "the same birth date"
    if other in _swapped(one):
        return _BIRTH_DATE_SLIP, "day and month of the birth date are swapped"
    if other in _one_digit_wrong(one):
        return _BIRTH_DATE_SLIP, "the birth date differs in one digit"
    if other in _neighbours(one):
        return _BIRTH_DATE_SLIP, "the birth date differs by one day"
    return _OTHER_BIRTH_DATE, "another birth date"


def _plain(name: str) -> str:
    """A name as words in lower case, without accents and signs: O'Brien-Ruíz is `o brien ruiz`."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = (letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())
